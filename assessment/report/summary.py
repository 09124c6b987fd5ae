"""What a learner is shown of an assessment: the words by letters, their melody and stress, and what to change."""

import functools
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assessment.aspects import MIN_PAUSE
from assessment.report.answer import Assessed, MarkedPair, marked_pairs
from assessment.scoring import ScoredMispronunciation
from assessment.target import phrase_starts
from assessment.words import Word
from shared.audio.samples import SAMPLE_RATE
from shared.phonology.arpabet import arpabet_to_ipa
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import is_vowel, parse_ipa
from shared.variation.word_forms import english_word_forms

MAX_CORRECTIONS = 2
LOUDNESS_RANGE_DB = 30  # from the loudest vowel of a recording to one that is shown flat
SOUNDS = Path(__file__).with_name("sounds.tsv")


@dataclass(frozen=True)
class Sound:
    """A phone as a person who reads no IPA knows it: letters for it and a word that has it, empty where none is known."""

    letters: str
    example: str = ""


@functools.cache
def _sounds() -> dict[str, Sound]:
    rows = (line.split("\t") for line in SOUNDS.read_text(encoding="utf-8").splitlines())
    return {_key(parse_ipa(phones)): Sound(*rest) for phones, *rest in rows}


def _key(phones: Iterable[str]) -> str:
    return "".join(canonical_form(phones))


def sound(*phones: str) -> Sound:
    """Returns how a phone, or the two of a diphthong, is written for a learner; a phone that English lacks as IPA.

    >>> sound("θ"), sound("a", "ɪ"), sound("ɜ˞").example, sound("x")
    (Sound(letters='th', example='think'), Sound(letters='y', example='my'), 'her', Sound(letters='x', example=''))
    """
    return _sounds().get(_key(phones)) or Sound("".join(phones))


@dataclass(frozen=True)
class Letters:
    """Letters of a word that stand for phones, the errors of these, and whether the word's main stress is on them."""

    text: str
    phones: Sequence[str] = ()
    errors: Sequence[ScoredMispronunciation] = ()
    is_stressed: bool = False


@dataclass(frozen=True)
class Vowel:
    """A vowel pronounced: its samples, its loudness from 0 to 1 for the loudest, and whether it has the main stress."""

    start: int
    end: int
    loudness: float
    is_stressed: bool


@dataclass(frozen=True)
class ShownWord:
    """A word with its letters, its pairs, its vowels, and the seconds of silence before it where that is a pause."""

    word: Word
    letters: Sequence[Letters]
    pairs: Sequence[MarkedPair]
    vowels: Sequence[Vowel]
    pause: float


def shown_words(report: Assessed) -> list[ShownWord]:
    """Returns the words of an answer as the page shows them; none where the speech is of another text."""
    words = report.answer.words
    if report.answer.off_target:
        return []
    expected = (marked for marked in marked_pairs(report.answer) if marked.pair.expected is not None)
    starts = phrase_starts(report.text, sum(map(_is_of_target, words)))
    loudest = max((_loudness(report, pair) for pair in marked_pairs(report.answer) if _is_vowel(pair)), default=0.0)
    shown: list[ShownWord] = []
    number, silent_from = 0, None
    for word in words:
        pairs = list(_pairs_of(word, expected))
        stressed = _main_stress(pairs)
        pause = 0 if silent_from is None or number in starts else word.timestamp.start - silent_from
        vowels = [
            Vowel(
                pair.pair.timestamp.start,
                pair.pair.timestamp.end,
                _share(_loudness(report, pair), loudest),
                pair.pair.position in stressed,
            )
            for pair in pairs
            if _is_vowel(pair)
        ]
        letters = list(_letters(word, [report.answer.errors[index] for index in word.errors], stressed))
        shown.append(ShownWord(word, letters, pairs, vowels, pause / SAMPLE_RATE if pause >= MIN_PAUSE else 0.0))
        number += _is_of_target(word)
        silent_from = word.timestamp.end if word.actual else silent_from
    return shown


def _is_of_target(word: Word) -> bool:
    return word.status in ("correct", "mispronounced", "omitted")


def _pairs_of(word: Word, pairs: Iterator[MarkedPair]) -> Iterator[MarkedPair]:
    """Yields the pairs of a word's target phones, which come next."""
    length = len(word.expected)
    while length > 0:
        marked = next(pairs)
        length -= len(marked.pair.expected or "")
        yield marked


def _is_vowel(marked: MarkedPair) -> bool:
    return marked.pair.actual is not None and is_vowel(marked.pair.actual)


def _loudness(report: Assessed, marked: MarkedPair) -> float:
    """Returns the root mean square of a phone's samples."""
    stamp = marked.pair.timestamp
    return float(np.sqrt(np.mean(np.square(report.audio[stamp.start : stamp.end]))))


def _share(loudness: float, loudest: float) -> float:
    return max(0.0, 1 + 20 * float(np.log10(max(loudness, 1e-6) / max(loudest, 1e-6))) / LOUDNESS_RANGE_DB)


def _main_stress(pairs: Sequence[MarkedPair]) -> range:
    """Returns the positions of the vowel that has a word's main stress in CMUdict; none in words of one syllable."""
    parts = [(marked.pair.position, part) for marked in pairs for part in canonical_form([marked.pair.expected or ""])]
    symbols = english_word_forms().arpabet.get("".join(part for _, part in parts), "").split()
    if sum(symbol[-1].isdigit() for symbol in symbols) > 1:
        at = 0
        for symbol in symbols:
            after = at + len(canonical_form(parse_ipa(arpabet_to_ipa(symbol))))
            if symbol.endswith("1"):
                return range(parts[at][0], parts[after - 1][0] + 1)
            at = after
    return range(0)


def _letters(word: Word, errors: Sequence[ScoredMispronunciation], stressed: range) -> Iterator[Letters]:
    """Yields a word in the letters that stand for its phones, or where these are not known as a whole."""
    text = word.text or ""
    if not word.letters:
        yield Letters(text, errors=errors)
        return
    end = 0
    for index, item in enumerate(word.letters):
        if text[end : item.start]:  # a hyphen
            yield Letters(text[end : item.start])
        end = item.end
        # An inserted phone is before its position: it belongs to the letters before.
        first = item.position if index else 0
        until = word.letters[index + 1].position if index + 1 < len(word.letters) else float("inf")
        own = [error for error in errors if first <= error.position - (error.type == "insert") < until]
        yield Letters(text[item.start : end], item.phones, own, item.position in stressed)
    if text[end:]:
        yield Letters(text[end:])


@dataclass(frozen=True)
class Correction:
    """An error to work on: its word, its letters there, and the sounds that were expected and pronounced."""

    error: ScoredMispronunciation
    word: Word
    letters: str
    expected: Sound | None
    actual: Sound | None


def corrections(words: Sequence[ShownWord], report: Assessed) -> list[Correction]:
    """Returns the worst error of each of the worst words, `MAX_CORRECTIONS` at most; of words omitted none."""
    found = []
    for shown in words:
        errors = [error for index in shown.word.errors if not (error := report.answer.errors[index]).uncertain]
        if errors and shown.word.status != "omitted":
            found.append(_correction(shown, max(errors, key=lambda error: error.cost)))
    return sorted(found, key=lambda each: -each.error.cost)[:MAX_CORRECTIONS]


def _correction(shown: ShownWord, error: ScoredMispronunciation) -> Correction:
    runs = [list(run) for _, run in itertools.groupby(shown.letters, lambda each: {own.type for own in each.errors})]
    run = next(run for run in runs if any(error in each.errors for each in run))
    letters = run if error.type == "delete" else [each for each in run if error in each.errors]
    phones = [phone for each in letters for phone in each.phones]
    expected = None if error.expected is None else _sounds().get(_key(phones)) or sound(error.expected)
    return Correction(
        error,
        shown.word,
        "".join(each.text for each in letters) if phones else expected.letters if expected else "",
        None if len(letters) > 1 else expected,
        None if error.actual is None else sound(error.actual),
    )


def sound_counts(words: Sequence[ShownWord]) -> dict[Sound, tuple[int, int]]:
    """Returns for each sound of the words how often it was pronounced as expected, and how often it is in them."""
    right: Counter[Sound] = Counter()
    total: Counter[Sound] = Counter()
    for shown in words:
        for pairs in _sounds_of(shown.pairs):
            found = sound(*(marked.pair.expected or "" for marked in pairs))
            total[found] += 1
            right[found] += not any(marked.error for marked in pairs)
    return {found: (right[found], number) for found, number in total.items()}


def _sounds_of(pairs: Sequence[MarkedPair]) -> Iterator[Sequence[MarkedPair]]:
    """Yields the pairs of a word, the two of a diphthong together."""
    rest = list(pairs)
    while rest:
        both = [marked.pair.expected or "" for marked in rest[:2]]
        width = 2 if len(both) == 2 and all(map(is_vowel, both)) and _key(both) in _sounds() else 1
        yield rest[:width]
        rest = rest[width:]
