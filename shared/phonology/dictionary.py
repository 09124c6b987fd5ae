"""How English words are pronounced: gruut's dictionary, with the weak forms that it leaves out."""

import re
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import gruut_lang_en
from gruut.text_processor import TextProcessor

from shared.errors import InvalidInputError
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import read_phones
from shared.phonology.weak_forms import WEAK_FORMS

Pronunciation = list[str]

# gruut takes more than in proportion for many numbers and for long words.
MAX_NUMBERS = 200
MAX_WORD = 100  # characters
NUMBER = re.compile(r"\d+")


class Dictionary:
    """gruut's English pronunciations: numbers, times and money spoken out, homographs chosen by part of speech."""

    def __init__(self) -> None:
        self._others = _read_variants()
        for word, forms in WEAK_FORMS.items():
            self._others[word] += [read_phones(form) for form in forms.split()]
        self._forms = _by_sound(self._others)
        self._function_words = _by_sound({word: self._others[word] for word in WEAK_FORMS})
        self._processor = TextProcessor(default_lang="en-us")
        self.pronounce("ready")  # gruut loads its models at its first word
        lookup: Any = self._processor.get_settings().lookup_phonemes
        lookup.phonemizer.db_conn = _with_index(lookup.phonemizer.db_conn)

    def pronounce(self, text: str) -> list[list[Pronunciation]]:
        """Returns, for each word spoken, its pronunciations in POWSM's notation, the likeliest in context first.

        Raises InvalidInputError for a text with nothing to say, with a word that is not English, or with words or
        numbers without end.
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
            others = [other for other in self._others.get(word.text.lower(), []) if other != first]
            words.append([first, *others])
        if not words:
            raise InvalidInputError("the text has nothing to say; send English words")
        return words

    def forms(self, word: Sequence[str]) -> list[Pronunciation]:
        """Returns the pronunciations of words that can be pronounced as these phones; of function words, if any can.

        >>> ["".join(form) for form in Dictionary().forms(["w", "ə", "z"])]
        ['wəz', 'wɑz']
        """
        sound = tuple(canonical_form(word))
        return self._function_words.get(sound) or self._forms.get(sound, [])


def _by_sound(others: Mapping[str, list[Pronunciation]]) -> dict[tuple[str, ...], list[Pronunciation]]:
    """Returns the pronunciations of words by each of them; of those that count as the same, the first."""
    forms: defaultdict[tuple[str, ...], dict[tuple[str, ...], Pronunciation]] = defaultdict(dict)
    for pronunciations in others.values():
        by_sound = {tuple(canonical_form(form)): form for form in reversed(pronunciations)}
        for sound in by_sound:
            forms[sound] |= {key: form for key, form in by_sound.items() if key not in forms[sound]}
    return {sound: list(alike.values()) for sound, alike in forms.items()}


def _with_index(lexicon: sqlite3.Connection) -> sqlite3.Connection:
    """Returns gruut's dictionary in memory, with the index that it lacks: a word that is not in it took 45 ms."""
    indexed = sqlite3.connect(":memory:", check_same_thread=False)
    lexicon.backup(indexed)
    indexed.execute("CREATE INDEX by_word ON word_phonemes (word)")
    return indexed


def _plain(text: str) -> str:
    """Returns a text in plain letters: accents off, as the dictionary has `cafe`, and no shouting, which it spells."""
    letters = unicodedata.normalize("NFKD", text)
    unaccented = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return unaccented.lower() if unaccented.isupper() and " " in unaccented.strip() else unaccented


def _check(text: str) -> None:
    """Raises InvalidInputError for a text over which gruut would take minutes, to find out that it is not English."""
    if any(len(word) > MAX_WORD for word in text.split()):
        raise InvalidInputError(f"the text has a word of more than {MAX_WORD} characters; send English words")
    if len(NUMBER.findall(text)) > MAX_NUMBERS:
        raise InvalidInputError(f"the text has more than {MAX_NUMBERS} numbers; split it, or write them out in words")
    for letter in text:
        if letter.isalpha() and not unicodedata.name(letter, "").startswith("LATIN"):
            raise InvalidInputError(f"the text has {letter!r}, which is no English letter; send English words")


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
