"""The pronunciations of an English text, in General American as CMUdict has it."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gruut_lang_en
from gruut.g2p import GraphemesToPhonemes
from gruut.pos import PartOfSpeechTagger

from shared.errors import InvalidInputError
from shared.g2p.homographs import Context, choose_reading, has_one_reading, is_homograph
from shared.g2p.lexicon import Lexicon, Pronunciation
from shared.g2p.normalization import normalize_text
from shared.g2p.spelling import read_word, split_words
from shared.g2p.weak_forms import weak_forms
from shared.phonology.ipa import is_vowel, parse_ipa

MAX_NUMBERS = 200
MAX_WORD_LENGTH = 100  # characters

# `{Siobhan|ʃɪvɔn}`: a word with its IPA. A character for private use stands for it while the text is normalized.
OVERRIDE = re.compile(r"\{([^{}|]+)\|([^{}|]+)\}")
FIRST_PRIVATE = 0xE000

SENTENCE_END = re.compile(r"(?<=[.!?])(?<!\b[A-Z]\.)\s+(?=[\"'(]?[A-Z])")


@dataclass(frozen=True)
class DictionaryWord:
    """A word as it is spoken, its pronunciations, the likeliest first, and whether letter-to-sound rules made them."""

    text: str
    pronunciations: list[Pronunciation]
    is_guessed: bool = False


class Dictionary:
    """CMUdict, with homographs chosen by context, and letter-to-sound rules for words that it lacks."""

    def __init__(self, overrides: Mapping[str, Pronunciation] | None = None) -> None:
        """Loads the lexicon and gruut's part-of-speech and letter-to-sound models.

        `overrides` are pronunciations of lower-case words that come before all others.
        """
        folder = gruut_lang_en.get_lang_dir()
        self._lexicon = Lexicon(overrides or {})
        self._tag: Any = PartOfSpeechTagger(folder / "pos" / "model.crf")
        self._letter_to_sound: Any = GraphemesToPhonemes(folder / "g2p" / "model.crf")

    def pronounce(self, text: str) -> list[DictionaryWord]:
        """Returns the words of a text that are spoken, with their pronunciations in POWSM's notation.

        Raises InvalidInputError for a text without a word, for a word that is not English, and for a text above
        `MAX_NUMBERS` or `MAX_WORD_LENGTH`.

        >>> [word.text for word in Dictionary().pronounce("It's 3:45.")]
        ["it's", 'three', 'forty', 'five']
        """
        given: list[DictionaryWord] = []

        def set_aside(match: re.Match[str]) -> str:
            given.append(DictionaryWord(match[1], [parse_ipa(match[2])]))
            return f" {chr(FIRST_PRIVATE + len(given) - 1)} "

        plain = OVERRIDE.sub(set_aside, text)
        _check(plain, len(given))
        normalized = unicodedata.normalize("NFC", normalize_text(plain))
        _check_words(normalized)
        spoken = [
            word for sentence in SENTENCE_END.split(normalized) for word in self._read(split_words(sentence), given)
        ]
        if not spoken:
            raise InvalidInputError("the text has no word; send English words")
        return spoken

    def _read(self, written: Sequence[str], given: Sequence[DictionaryWord]) -> list[DictionaryWord]:
        """Returns the words of a sentence as they are spoken."""
        entries: list[str] = []
        sources: list[str] = []
        for position, word in enumerate(written):
            read = [word] if _is_private(word) else read_word(written, position, self._lexicon)
            entries += read
            sources += [word] * len(read)
        tags = self._tag(sources) if any(map(is_homograph, entries)) else []
        return [
            given[ord(entry) - FIRST_PRIVATE]
            if _is_private(entry)
            else self._pronounce(Context(entries, sources, tags, position))
            for position, entry in enumerate(entries)
        ]

    def _pronounce(self, context: Context) -> DictionaryWord:
        entry = context.word(0)
        word = entry if entry in self._lexicon else _unaccented(entry)
        text = entry.replace(".", "")
        chosen = [parse_ipa(choose_reading(context, self._lexicon))] if is_homograph(word) else []
        if chosen and has_one_reading(word):
            return DictionaryWord(text, chosen)
        listed = self._lexicon.pronunciations(word)
        options = [*chosen, *listed, *weak_forms(word, listed)]
        if not options:
            return DictionaryWord(text, [self.guess(word)], is_guessed=True)
        return DictionaryWord(text, [list(option) for option in dict.fromkeys(map(tuple, options))])

    def guess(self, word: str) -> Pronunciation:
        """Returns what letter-to-sound rules make of a word. Raises InvalidInputError where that is no syllable."""
        letters = word.replace("'", "")
        phones = parse_ipa("".join(self._letter_to_sound(letters))) if letters.isascii() and letters.isalpha() else []
        if not any(map(is_vowel, phones)):
            raise InvalidInputError(f"{word!r} has no English pronunciation; write it out in words, or give its IPA")
        return phones


def _check_words(text: str) -> None:
    """Raises InvalidInputError for a character of a normalized text that is neither of a word nor punctuation."""
    for token in text.split():
        for letter in token:
            if unicodedata.category(letter)[0] not in "LMP" and not _is_private(letter):
                raise InvalidInputError(f"{token!r} has no English pronunciation; write it out in words")


def _is_private(word: str) -> bool:
    return unicodedata.category(word[0]) == "Co"


def _unaccented(word: str) -> str:
    """Returns a word without accents, as CMUdict has `cafe`."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))


def _check(text: str, overrides: int) -> None:
    """Raises InvalidInputError for a text that is too long in some way, or in another script."""
    if any(len(word) > MAX_WORD_LENGTH for word in text.split()):
        raise InvalidInputError(f"the text has a word of more than {MAX_WORD_LENGTH} characters; send English words")
    if len(re.findall(r"\d+", text)) > MAX_NUMBERS:
        raise InvalidInputError(f"the text has more than {MAX_NUMBERS} numbers; split it, or write them out in words")
    if sum(unicodedata.category(letter) == "Co" for letter in text) > overrides:
        raise InvalidInputError("the text has a character for private use; send English words")
    for letter in text:
        if letter.isalpha() and not unicodedata.name(letter, "").startswith(("LATIN", "MODIFIER LETTER")):
            raise InvalidInputError(f"the text has {letter!r}, which is no English letter; send English words")
