"""Texts and sentences with a homograph, and whether one is read as it should be."""

import csv
from typing import Any

from shared.errors import InvalidInputError
from shared.g2p.dictionary import Dictionary
from shared.g2p.lexicon import Lexicon
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import parse_ipa, parse_words
from tests.support.data import DATA

# Reduced vowels that dictionaries write in different ways are one here: what counts is which word it is.
REDUCED = {"ə": "ə", "ɪ": "ə", "i": "ə"}


def cmudict_words() -> list[str]:
    """Returns the words of CMUdict, without the names of letters: `b.`."""
    return [word for word in dict.fromkeys(word for word, _ in Lexicon().entries()) if not word.endswith(".")]


def read_homographs(name: str) -> list[tuple[str, str, str]]:
    """Returns the word, its IPA and its sentence of each row of a table of homographs."""
    with (DATA / "g2p" / name).open(encoding="utf-8", newline="") as file:
        return [(row["word"], row["ipa"], row["sentence"]) for row in csv.DictReader(file, delimiter="\t")]


def read_texts(name: str) -> list[tuple[str, str, str]]:
    """Returns each text of a table with the part that matters, in words or in IPA; ` / ` is between usual readings."""
    with (DATA / "g2p" / name).open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["text"], row["words"], row["ipa"]) for row in rows]


def text_is_right(dictionary: Dictionary, text: str, words: str, ipa: str) -> bool:
    """Returns whether a text has, somewhere, one of the readings of some words or of some IPA."""
    try:
        spoken = dictionary.pronounce(text)
    except InvalidInputError:
        return False
    texts = [word.text.lower() for word in spoken]
    phones = [reduced(word.pronunciations[0]) for word in spoken]
    if words:
        return any(contains(texts, reading.split()) for reading in words.split(" / "))
    return any(contains(phones, [reduced(word) for word in parse_words(reading)]) for reading in ipa.split(" / "))


def contains(words: list[Any], part: list[Any]) -> bool:
    """Returns whether a list has another in it."""
    return any(words[start : start + len(part)] == part for start in range(len(words)))


def homograph_is_right(dictionary: Dictionary, word: str, ipa: str, sentence: str) -> bool:
    """Returns whether a word of a sentence has its IPA, which reduced vowel apart; initialisms are several words."""
    words = dictionary.pronounce(sentence)
    letters = list(word.lower()) if word.isupper() else [word.lower()]
    texts = [w.text.lower() for w in words]
    for start in range(len(texts)):
        if texts[start : start + len(letters)] == letters:
            phones = [phone for w in words[start : start + len(letters)] for phone in w.pronunciations[0]]
            if reduced(phones) == reduced(parse_ipa(ipa)):
                return True
    return False


def reduced(phones: list[str]) -> list[str]:
    """Returns phones with their reduced vowels as one."""
    return [REDUCED.get(phone, phone) for phone in canonical_form(phones)]
