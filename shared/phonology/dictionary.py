"""The pronunciations of English words: gruut's dictionary, and the weak forms that it lacks."""

import re
import sqlite3
import unicodedata
from collections import defaultdict
from typing import Any

import gruut_lang_en
from gruut.text_processor import TextProcessor

from shared.errors import InvalidInputError
from shared.phonology.ipa import read_phones
from shared.phonology.weak_forms import WEAK_FORMS

Pronunciation = list[str]

# gruut's time grows faster than the numbers in a text and the length of its words.
MAX_NUMBERS = 200
MAX_WORD_LENGTH = 100  # characters
NUMBER = re.compile(r"\d+")


class Dictionary:
    """gruut's English dictionary: writes out numbers, times and money, and chooses homographs by part of speech."""

    def __init__(self) -> None:
        self._others = _read_variants()
        for word, forms in WEAK_FORMS.items():
            self._others[word] += [read_phones(form) for form in forms.split()]
        self._processor = TextProcessor(default_lang="en-us")
        self.pronounce("ready")  # gruut loads its models at its first word
        lookup: Any = self._processor.get_settings().lookup_phonemes
        lookup.phonemizer.db_conn = _with_index(lookup.phonemizer.db_conn)

    def pronounce(self, text: str) -> list[list[Pronunciation]]:
        """Returns the pronunciations [words][pronunciations][phones] of a text in POWSM's notation.

        The words are those that are spoken: `21` is two. The likeliest pronunciation in context comes first. Raises
        InvalidInputError for a text without a word, for a word that is not English, and for a text above
        `MAX_NUMBERS` or `MAX_WORD_LENGTH`.

        >>> Dictionary().pronounce("an owl")
        [[['ə', 'n'], ['æ', 'n']], [['a', 'ʊ', 'l']]]
        """
        plain = _plain(text)
        _check(plain)
        words = []
        try:
            spoken = [word for word in self._processor.words(*self._processor(plain)) if word.is_spoken]
        except ArithmeticError as error:
            raise InvalidInputError("the text has a number of too many digits; write it out in words") from error
        for word in spoken:
            if not word.phonemes:
                raise InvalidInputError(f"{word.text!r} has no English pronunciation; write it out in words")
            first = read_phones(" ".join(word.phonemes))
            options = [first, *self._others.get(word.text.lower(), [])]
            words.append([list(option) for option in dict.fromkeys(map(tuple, options))])
        if not words:
            raise InvalidInputError("the text has no word; send English words")
        return words


def _with_index(lexicon: sqlite3.Connection) -> sqlite3.Connection:
    """Returns a copy of gruut's dictionary in memory with an index by word.

    gruut 2.4.0 ships the table without one: the search for a word that is not in it takes 45 ms.
    """
    indexed = sqlite3.connect(":memory:", check_same_thread=False)
    lexicon.backup(indexed)
    indexed.execute("CREATE INDEX by_word ON word_phonemes (word)")
    return indexed


def _plain(text: str) -> str:
    """Returns a text without accents, and in lower case if it is all capitals, which gruut would spell out.

    >>> _plain("café"), _plain("A CAT SAT"), _plain("USA")
    ('cafe', 'a cat sat', 'USA')
    """
    letters = unicodedata.normalize("NFKD", text)
    unaccented = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return unaccented.lower() if unaccented.isupper() and " " in unaccented.strip() else unaccented


def _check(text: str) -> None:
    """Raises InvalidInputError for a text that is not English, or that gruut would take minutes for."""
    if any(len(word) > MAX_WORD_LENGTH for word in text.split()):
        raise InvalidInputError(f"the text has a word of more than {MAX_WORD_LENGTH} characters; send English words")
    if len(NUMBER.findall(text)) > MAX_NUMBERS:
        raise InvalidInputError(f"the text has more than {MAX_NUMBERS} numbers; split it, or write them out in words")
    for letter in text:
        if letter.isalpha() and not unicodedata.name(letter, "").startswith("LATIN"):
            raise InvalidInputError(f"the text has {letter!r}, which is no English letter; send English words")


def _read_variants() -> defaultdict[str, list[Pronunciation]]:
    """Returns the pronunciations of each word that has several in gruut's dictionary."""
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
