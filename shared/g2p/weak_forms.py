"""The forms of English function words, strong to weak, and of their contractions."""

from collections.abc import Mapping, Sequence

from shared.g2p.lexicon import Pronunciation
from shared.phonology.ipa import parse_ipa

# Roach, English Phonetics and Phonology, 4th ed., ch. 12; Wells, Longman Pronunciation Dictionary, 3rd ed.
WEAK_FORMS = {
    "a": "eɪ ə", "am": "æm əm", "an": "æn ən", "and": "ænd ənd ən", "are": "ɑɹ ɚ", "as": "æz əz", "at": "æt ət",
    "be": "bi bɪ", "because": "bɪkɔz bɪkəz kəz", "been": "bin bɪn", "but": "bʌt bət", "can": "kæn kən",
    "could": "kʊd kəd", "do": "du dʊ də", "does": "dʌz dəz", "for": "fɔɹ fɚ", "from": "fɹʌm fɹəm", "had": "hæd həd əd",
    "has": "hæz həz əz", "have": "hæv həv əv", "he": "hi hɪ i ɪ", "her": "hɝ ɚ", "herself": "hɝsɛlf ɚsɛlf",
    "him": "hɪm ɪm", "himself": "hɪmsɛlf ɪmsɛlf", "his": "hɪz ɪz", "just": "dʒʌst dʒəst",
    "me": "mi mɪ", "must": "mʌst məst məs", "of": "ʌv əv ə", "or": "ɔɹ ɚ", "our": "aʊɚ ɑɹ", "shall": "ʃæl ʃəl",
    "she": "ʃi ʃɪ", "should": "ʃʊd ʃəd", "some": "sʌm səm", "than": "ðæn ðən", "that": "ðæt ðət", "the": "ði ðɪ ðə",
    "their": "ðɛɹ ðɚ", "them": "ðɛm ðəm əm", "there": "ðɛɹ ðɚ", "to": "tu tʊ tə tɪ", "us": "ʌs əs",
    "was": "wʌz wɑz wəz", "we": "wi wɪ", "were": "wɝ wɚ", "who": "hu hʊ u ʊ", "will": "wɪl əl", "would": "wʊd wəd əd",
    "you": "ju jʊ jə", "your": "jɔɹ jʊɹ jɚ",
}  # fmt: skip
# The same sources; without r, and as British dictionaries write the vowels. The r of those in ə links.
BRITISH_WEAK_FORMS = {
    "a": "eɪ ə", "am": "æm əm", "an": "æn ən", "and": "ænd ənd ən", "are": "ɑː ə", "as": "æz əz", "at": "æt ət",
    "be": "biː bɪ", "because": "bɪkɒz bɪkəz kəz", "been": "biːn bɪn", "but": "bʌt bət", "can": "kæn kən",
    "could": "kʊd kəd", "do": "duː dʊ də", "does": "dʌz dəz", "for": "fɔː fə", "from": "fɹɒm fɹəm", "had": "hæd həd əd",
    "has": "hæz həz əz", "have": "hæv həv əv", "he": "hiː hɪ i ɪ", "her": "hɜː hə ɜː ə", "herself": "hɜːself əself",
    "him": "hɪm ɪm", "himself": "hɪmself ɪmself", "his": "hɪz ɪz", "just": "dʒʌst dʒəst", "me": "miː mɪ",
    "must": "mʌst məst məs", "of": "ɒv əv ə", "or": "ɔː ə", "our": "aʊə ɑː", "shall": "ʃæl ʃəl", "she": "ʃiː ʃɪ",
    "should": "ʃʊd ʃəd", "some": "sʌm səm", "than": "ðæn ðən", "that": "ðæt ðət", "the": "ðiː ðɪ ðə",
    "their": "ðeə ðə", "them": "ðem ðəm əm", "there": "ðeə ðə", "to": "tuː tʊ tə", "us": "ʌs əs", "was": "wɒz wəz",
    "we": "wiː wɪ", "were": "wɜː wə", "who": "huː hʊ uː ʊ", "will": "wɪl əl", "would": "wʊd wəd əd",
    "you": "juː jʊ jə", "your": "jɔː jʊə jə",
}  # fmt: skip
CONTRACTED = ("i", "you", "he", "she", "it", "we", "they", "that", "there", "who")
ENDINGS = {
    "'m": ("am",), "'re": ("are",), "'s": ("is", "has"), "'ve": ("have",), "'d": ("had", "would"), "'ll": ("will",)
}  # fmt: skip
CONTRACTIONS = {word + ending: (word, verbs) for word in CONTRACTED for ending, verbs in ENDINGS.items()}
"""The two words of each contraction: the first, and those that the second may be."""


def weak_forms(
    word: str, listed: Sequence[Pronunciation], table: Mapping[str, str] = WEAK_FORMS
) -> list[Pronunciation]:
    """Returns the forms of a function word, or of a contraction that has `listed` pronunciations; none of others.

    >>> ["".join(form) for form in weak_forms("he's", [["h", "i", "z"]])]
    ['hiz', 'hɪz', 'iz', 'ɪz']
    """
    first, _ = CONTRACTIONS.get(word, (word, ()))
    forms = [parse_ipa(form) for form in table.get(first, "").split()]
    if first == word:
        return forms
    return [
        [*form, *phones[len(start) :]]
        for phones in listed
        for start in forms
        if phones[: len(start)] == start
        for form in forms
    ]
