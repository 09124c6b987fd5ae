"""IPA as dictionaries print it: optional sounds in parentheses, alternatives after commas and tildes."""

import itertools
import re
from difflib import SequenceMatcher

from shared.errors import InvalidInputError
from shared.g2p.lexicon import Pronunciation
from shared.phonology.ipa import SEPARATORS, parse_ipa

LINKING_R, OPTIONAL_R = "ʳ", "(r)"
OPTIONAL = re.compile(r"\(([^()]*)\)")
MAX_OPTIONAL = 4  # in one word, which make 16 readings
BETWEEN_ALTERNATIVES = re.compile(r"[,~]")
# Two words apart by a comma are pronunciations of one where they have this much in common, as either and either do:
# "yes, sir" is a sentence. Of the pronunciations that CMUdict has of one word 97 % have it, of two words 2 %.
MIN_ALIKE = 0.5


def parse_dictionary_ipa(ipa: str) -> list[list[Pronunciation]]:
    """Returns the readings [words][readings] of an IPA text: first the one with all sounds, of the first alternative.

    As `parse_words`; but a sound in parentheses and the linking `ʳ` may be there or not, and what follows `~`, or a
    comma between single words that are alike, is another reading. Raises InvalidInputError.

    >>> parse_dictionary_ipa("ˈwɔːtə(r)")
    [[['w', 'ɔː', 't', 'ə', 'r'], ['w', 'ɔː', 't', 'ə']]]
    >>> parse_dictionary_ipa("/ˈiːðə, ˈaɪðə/")
    [[['iː', 'ð', 'ə'], ['a', 'ɪ', 'ð', 'ə']]]
    """
    first, *others = (_parse_words(text) for text in _alternatives(ipa.replace(LINKING_R, OPTIONAL_R)))
    if not first:
        raise InvalidInputError("the IPA has no phone in it; send the phones of the sentence")
    for other in others:
        if len(other) == len(first):
            first = [word + [r for r in more if r not in word] for word, more in zip(first, other, strict=True)]
    return first


def _alternatives(ipa: str) -> list[str]:
    """Returns the texts that are readings of the same words, the IPA as a whole where there are no others."""
    parts = [part for part in BETWEEN_ALTERNATIVES.split(ipa) if part.strip(" /[]")]
    if len(parts) < 2:
        return [ipa]
    if "~" in ipa:
        return parts
    first, *others = (_parse_words(part) for part in parts)
    one_word_each = all(len(words) == 1 for words in (first, *others))
    return parts if one_word_each and all(_are_alike(first[0][0], other[0][0]) for other in others) else [ipa]


def _are_alike(one: Pronunciation, other: Pronunciation) -> bool:
    return one != other and SequenceMatcher(None, one, other).ratio() >= MIN_ALIKE


def _parse_words(text: str) -> list[list[Pronunciation]]:
    """Returns the words of a text, each with its readings by optional sounds."""
    return [readings for word in text.split() if (readings := _parse_word(word))]


def _parse_word(word: str) -> list[Pronunciation]:
    plain, *optional_and_plain = OPTIONAL.split(word)
    optional, rest = optional_and_plain[::2], optional_and_plain[1::2]
    if len(optional) > MAX_OPTIONAL:
        raise InvalidInputError(f"a word of the IPA has {len(optional)} optional sounds; send {MAX_OPTIONAL} or fewer")
    spellings = (
        "".join([plain, *itertools.chain(*zip(choice, rest, strict=True))])
        for choice in itertools.product(*((sound, "") for sound in optional))
    )
    return [parse_ipa(spelling) for spelling in spellings if not SEPARATORS.issuperset(spelling)]
