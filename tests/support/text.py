"""Sentences with a homograph, and whether one is read as it should be."""

import csv

from shared.g2p.dictionary import Dictionary
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import parse_ipa
from tests.support.data import DATA

# Reduced vowels that dictionaries write in different ways are one here: what counts is which word it is.
REDUCED = {"ə": "ə", "ɪ": "ə", "i": "ə"}


def read_homographs(name: str) -> list[tuple[str, str, str]]:
    """Returns the word, its IPA and its sentence of each row of a table of homographs."""
    with (DATA / "g2p" / name).open(encoding="utf-8", newline="") as file:
        return [(row["word"], row["ipa"], row["sentence"]) for row in csv.DictReader(file, delimiter="\t")]


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
