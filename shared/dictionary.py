"""How English words are pronounced: gruut's dictionary, with the weak forms that it leaves out."""

import sqlite3
import unicodedata
from collections import defaultdict

import gruut
import gruut_lang_en

from shared.errors import InvalidInputError
from shared.phones import read_phones
from shared.weak_forms import WEAK_FORMS

Pronunciation = list[str]


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
