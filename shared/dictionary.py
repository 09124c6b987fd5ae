"""How English words are pronounced: gruut's dictionary, with the weak forms that it leaves out."""

import sqlite3
import unicodedata
from collections import defaultdict

import gruut
import gruut_lang_en

from shared.errors import InvalidInputError
from shared.phones import read_phones

Pronunciation = list[str]

# The forms that function words take in running speech (Roach, English Phonetics and Phonology, 4th ed., ch. 12;
# Wells, Longman Pronunciation Dictionary, 3rd ed.), where gruut has the strong one alone or some of them.
WEAK_FORMS = {
    "a": "ə eɪ", "am": "æm əm", "an": "æn ən", "and": "ænd ənd ən", "are": "ɑɹ ɚ", "as": "æz əz", "at": "æt ət",
    "be": "bi bɪ", "because": "bɪkɔz bɪkəz kəz", "been": "bɪn bin", "but": "bʌt bət", "can": "kæn kən",
    "could": "kʊd kəd", "do": "du də", "does": "dʌz dəz", "for": "fɔɹ fɚ", "from": "fɹʌm fɹəm", "had": "hæd həd əd",
    "has": "hæz həz əz", "have": "hæv həv əv", "he": "hi i", "her": "hɝ ɚ", "him": "hɪm ɪm", "his": "hɪz ɪz",
    "just": "dʒʌst dʒəst", "me": "mi mɪ", "must": "mʌst məst məs", "of": "ʌv əv ə", "or": "ɔɹ ɚ", "our": "aʊɚ ɑɹ",
    "she": "ʃi ʃɪ", "should": "ʃʊd ʃəd", "some": "sʌm səm", "than": "ðæn ðən", "that": "ðæt ðət", "the": "ðə ði",
    "them": "ðɛm ðəm əm", "there": "ðɛɹ ðɚ", "to": "tu tə tɪ", "us": "ʌs əs", "was": "wʌz wəz wɑz", "we": "wi wɪ",
    "were": "wɝ wɚ", "will": "wɪl əl", "would": "wʊd wəd əd", "you": "ju jə", "your": "jɔɹ jʊɹ jɚ",
}  # fmt: skip


class Dictionary:
    """gruut's English pronunciations: numbers, times and money spoken out, homographs chosen by part of speech."""

    def __init__(self) -> None:
        self._others = _read_variants()
        for word, forms in WEAK_FORMS.items():
            self._others[word] += [read_phones(form) for form in forms.split()]
        self.pronounce("ready")  # gruut loads its models at its first word

    def pronounce(self, text: str) -> list[list[Pronunciation]]:
        """Returns, for each word spoken, its pronunciations in POWSM's notation, the likeliest in context first.

        Raises InvalidInputError for a text with nothing to say, or with a word that is not English.
        """
        words = []
        for sentence in gruut.sentences(_plain(text), lang="en-us"):
            for word in sentence:
                if not word.is_spoken:
                    continue
                if not word.phonemes:
                    raise InvalidInputError(f"{word.text!r} has no English pronunciation; write it out in words")
                first = read_phones(" ".join(word.phonemes))
                others = [other for other in self._others.get(word.text.lower(), []) if other != first]
                words.append([first, *others])
        if not words:
            raise InvalidInputError("the text has nothing to say; send English words")
        return words


def _plain(text: str) -> str:
    """Returns a text in plain letters: accents off, as the dictionary has `cafe`, and no shouting, which it spells."""
    letters = unicodedata.normalize("NFKD", text)
    unaccented = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return unaccented.lower() if unaccented.isupper() and " " in unaccented.strip() else unaccented


def _read_variants() -> defaultdict[str, list[Pronunciation]]:
    """Returns the pronunciations of every word of gruut's dictionary that has more than one."""
    variants: defaultdict[str, list[Pronunciation]] = defaultdict(list)
    query = (
        "SELECT word, phonemes FROM word_phonemes WHERE word IN "
        "(SELECT word FROM word_phonemes GROUP BY word HAVING COUNT(*) > 1) ORDER BY word, pron_order"
    )
    database = sqlite3.connect(gruut_lang_en.get_lang_dir() / "lexicon.db")
    try:
        for word, phonemes in database.execute(query):
            variants[word].append(read_phones(phonemes))
    finally:
        database.close()
    return variants
