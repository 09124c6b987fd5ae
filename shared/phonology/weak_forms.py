"""The forms of English function words, strong to weak."""

# Roach, English Phonetics and Phonology, 4th ed., ch. 12; Wells, Longman Pronunciation Dictionary, 3rd ed.
WEAK_FORMS = {
    "a": "eɪ ə", "am": "æm əm", "an": "æn ən", "and": "ænd ənd ən", "are": "ɑɹ ɚ", "as": "æz əz", "at": "æt ət",
    "be": "bi bɪ", "because": "bɪkɔz bɪkəz kəz", "been": "bin bɪn", "but": "bʌt bət", "can": "kæn kən",
    "could": "kʊd kəd", "do": "du də", "does": "dʌz dəz", "for": "fɔɹ fɚ", "from": "fɹʌm fɹəm", "had": "hæd həd əd",
    "has": "hæz həz əz", "have": "hæv həv əv", "he": "hi i", "her": "hɝ ɚ", "him": "hɪm ɪm", "his": "hɪz ɪz",
    "just": "dʒʌst dʒəst", "me": "mi mɪ", "must": "mʌst məst məs", "of": "ʌv əv ə", "or": "ɔɹ ɚ", "our": "aʊɚ ɑɹ",
    "she": "ʃi ʃɪ", "should": "ʃʊd ʃəd", "some": "sʌm səm", "than": "ðæn ðən", "that": "ðæt ðət", "the": "ði ðə",
    "them": "ðɛm ðəm əm", "there": "ðɛɹ ðɚ", "to": "tu tə tɪ", "us": "ʌs əs", "was": "wʌz wɑz wəz", "we": "wi wɪ",
    "were": "wɝ wɚ", "will": "wɪl əl", "would": "wʊd wəd əd", "you": "ju jə", "your": "jɔɹ jʊɹ jɚ",
}  # fmt: skip
