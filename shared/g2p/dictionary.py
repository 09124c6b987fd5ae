"""The pronunciations of an English text, in General American as CMUdict has it, or in another accent."""

import copy
import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import gruut_lang_en
from gruut.g2p import GraphemesToPhonemes
from gruut.pos import PartOfSpeechTagger

from shared.errors import InvalidInputError
from shared.g2p.accents import AMERICAN, Accent
from shared.g2p.homographs import Context, choose_reading, is_homograph
from shared.g2p.lexicon import Lexicon, Pronunciation
from shared.g2p.normalization import normalize_text
from shared.g2p.rewriting import CLOSE, OPEN, OR
from shared.g2p.spelling import WORD, read_word, split_words, unaccented
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
    """A word as it is spoken, its pronunciations, the likeliest first, and whether letter-to-sound rules made them.

    `others` are those of other accents, by the accent's name.
    """

    text: str
    pronunciations: list[Pronunciation]
    is_guessed: bool = False
    others: Mapping[str, list[Pronunciation]] = field(default_factory=dict)


class Dictionary:
    """A lexicon, with homographs chosen by context, and letter-to-sound rules for words that it lacks.

    That is CMUdict, or after `in_accents` another accent's.
    """

    def __init__(self, overrides: Mapping[str, Pronunciation] | None = None) -> None:
        """Loads the lexicon and gruut's part-of-speech and letter-to-sound models.

        `overrides` are pronunciations of lower-case words that come before all others.
        """
        folder = gruut_lang_en.get_lang_dir()
        self._overrides = overrides or {}
        self._accent = AMERICAN
        self._others: tuple[Dictionary, ...] = ()
        self._american = self._lexicon = Lexicon(self._overrides)
        self._tag: Any = PartOfSpeechTagger(folder / "pos" / "model.crf")
        self._letter_to_sound: Any = GraphemesToPhonemes(folder / "g2p" / "model.crf")

    def in_accents(self, accents: Sequence[Accent]) -> "Dictionary":
        """Returns the dictionary of the first of some accents, whose words have what the others have, too.

        >>> from shared.g2p.accents import BRITISH
        >>> british = Dictionary().in_accents([BRITISH])
        >>> ["".join(word.pronunciations[0]) for word in british.pronounce("120 tomatoes")]
        ['wʌn', 'hʌndɹəd', 'ænd', 'twenti', 'təmɑːtəʊz']
        """
        accent, *others = accents
        result = copy.copy(self)
        result._accent = accent
        result._lexicon = accent.build_lexicon(self._american, self._overrides)
        result._others = tuple(self.in_accents([other]) for other in others)
        return result

    def pronounce(self, text: str) -> list[DictionaryWord]:
        """Returns the words of a text that are spoken, with their pronunciations in POWSM's notation.

        Raises InvalidInputError for a text without a word, for a symbol or a word that is not English, and for a text
        above `MAX_NUMBERS` or `MAX_WORD_LENGTH`.

        >>> [word.text for word in Dictionary().pronounce("It's 3:45.")]
        ["it's", 'three', 'forty', 'five']
        """
        return [word for readings in self.readings(text) for word in readings[0]]

    def readings(self, text: str) -> list[list[list[DictionaryWord]]]:
        """Returns the words of a text, [places][readings][words]: of a number all that are usual, `pronounce`'s first.

        Raises as `pronounce` does.

        >>> [[" ".join(word.text for word in words) for words in place] for place in Dictionary().readings("at 12:00")]
        [['at twelve'], ["o'clock", '']]
        """
        given: list[DictionaryWord] = []

        def set_aside(match: re.Match[str]) -> str:
            given.append(DictionaryWord(match[1], [parse_ipa(match[2])]))
            return f" {chr(FIRST_PRIVATE + len(given) - 1)} "

        plain = OVERRIDE.sub(set_aside, text)
        _check(plain, len(given))
        normalized = normalize_text(plain, self._accent.conventions)
        _check_letters(normalized)
        places = [
            place for sentence in SENTENCE_END.split(normalized) for place in self._read_sentence(sentence, given)
        ]
        if not places:
            raise InvalidInputError("the text has no word; send English words")
        return places

    def _read_sentence(self, sentence: str, given: Sequence[DictionaryWord]) -> Iterator[list[list[DictionaryWord]]]:
        """Yields the words of a normalized sentence as they are spoken, by places and readings."""
        parts = [list(dict.fromkeys(part.split(OR))) for part in re.split(f"[{OPEN}{CLOSE}]", sentence)]
        written = [split_words(readings[0], self._american) for readings in parts]
        usual_words = self._speak(list(itertools.chain.from_iterable(written)), given)
        spoken = iter(self._linked(usual_words, "".join(readings[0] for readings in parts)))
        for words, (_, *others) in zip(written, parts, strict=True):
            usual = list(itertools.chain.from_iterable(itertools.islice(spoken, len(words))))
            other = (self._speak(split_words(reading, self._american), given) for reading in others)
            readings = [usual, *(list(itertools.chain.from_iterable(words)) for words in other)]
            if any(readings):
                yield readings

    def _linked(self, spoken: list[list[DictionaryWord]], text: str) -> list[list[DictionaryWord]]:
        """Returns words with what links each to the next one in this accent, where a text has but a space between."""
        linked = list(map(list, spoken))
        for place, (one, other) in enumerate(itertools.pairwise(WORD.finditer(text))):
            if text[one.end() : other.start()].isspace():
                word, following = linked[place][-1], spoken[place + 1][0].pronunciations[0]
                forms = self._accent.link(word.text, word.pronunciations, following)
                linked[place][-1] = replace(word, pronunciations=forms)
        return linked

    def _speak(self, written: Sequence[str], given: Sequence[DictionaryWord]) -> list[list[DictionaryWord]]:
        """Returns the words that each word of a sentence is spoken as: one, or one for each letter."""
        entries = [
            [word] if _is_private(word) else read_word(written, position, self._american)
            for position, word in enumerate(written)
        ]
        flat = list(itertools.chain.from_iterable(entries))
        words = [entry if entry in self._lexicon else unaccented(entry) for entry in flat]
        sources = [word for word, read in zip(written, entries, strict=True) for _ in read]
        homographs = self._accent.homographs
        tags = self._tag(sources) if any(is_homograph(word, homographs) for word in words) else []
        spoken = iter(
            given[ord(entry) - FIRST_PRIVATE]
            if _is_private(entry)
            else self._word(entry, Context(words, sources, tags, position))
            for position, entry in enumerate(flat)
        )
        return [list(itertools.islice(spoken, len(read))) for read in entries]

    def _word(self, entry: str, context: Context) -> DictionaryWord:
        """Returns a word of a sentence, which is read as an entry of the lexicon."""
        others = {other._accent.name: other._pronounce(context)[0] for other in self._others}
        return DictionaryWord(entry.replace(".", ""), *self._pronounce(context), others)

    def _pronounce(self, context: Context) -> tuple[list[Pronunciation], bool]:
        """Returns the pronunciations of a word of a sentence, and whether letter-to-sound rules made them."""
        word, homographs = context.word(0), self._accent.homographs
        chosen = [choose_reading(context, self._lexicon, homographs)] if is_homograph(word, homographs) else []
        if word in homographs:
            return chosen, False
        listed = self._lexicon.pronunciations(word)
        options = [*chosen, *listed, *weak_forms(word, listed, self._accent.weak_forms)]
        if not options:
            if not re.fullmatch("[a-z']+", word):
                written = context.written[context.position]
                raise InvalidInputError(
                    f"{written!r} has no English pronunciation; write it out in words, or give its IPA"
                )
            return [self.guess(word)], True
        return [list(option) for option in dict.fromkeys(map(tuple, options))], False

    def guess(self, word: str) -> Pronunciation:
        """Returns what letter-to-sound rules make of a word in the letters a to z, or the names of its letters."""
        letters = word.replace("'", "")
        phones = parse_ipa("".join(self._letter_to_sound(letters)))
        if any(map(is_vowel, phones)):
            return self._lexicon.reading(word, "".join(phones))
        return [phone for letter in letters for phone in self._lexicon.listed(f"{letter}.")[0]]


def _check_letters(text: str) -> None:
    """Raises InvalidInputError for a character of a normalized text that nothing reads."""
    for letter in dict.fromkeys(text):
        is_letter = unicodedata.category(letter)[0] == "L"
        if is_letter and not unicodedata.name(letter, "").startswith(("LATIN", "MODIFIER LETTER")):
            raise InvalidInputError(f"the text has {letter!r}, which is no English letter; send English words")
        if unicodedata.category(letter)[0] not in "LMPZ" and unicodedata.category(letter) != "Co":
            raise InvalidInputError(f"the text has {letter!r}, which has no reading; write it out in words")


def _is_private(word: str) -> bool:
    return unicodedata.category(word[0]) == "Co"


def _check(text: str, overrides: int) -> None:
    """Raises InvalidInputError for a text that is too long in some way."""
    if any(len(word) > MAX_WORD_LENGTH for word in text.split()):
        raise InvalidInputError(f"the text has a word of more than {MAX_WORD_LENGTH} characters; send English words")
    if len(re.findall(r"\d+", text)) > MAX_NUMBERS:
        raise InvalidInputError(f"the text has more than {MAX_NUMBERS} numbers; split it, or write them out in words")
    if sum(unicodedata.category(letter) == "Co" for letter in text) > overrides:
        raise InvalidInputError("the text has a character for private use; send English words")
