"""What a learner is shown of an assessment: the words by letters, their melody and stress, and what to change."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assessment.advice import EXAMPLES
from assessment.aspects import MIN_PAUSE
from assessment.report.answer import Assessed, MarkedPair, marked_pairs
from assessment.scoring import ScoredMispronunciation
from assessment.target import phrase_starts
from assessment.words import OF_TARGET, Word
from shared.audio.samples import SAMPLE_RATE
from shared.g2p.lexicon import is_nucleus
from shared.phonology.diphthongs import diphthong, split_sounds
from shared.phonology.equivalence import canonical_form, normalize
from shared.phonology.ipa import is_vowel, parse_ipa
from shared.variation.word_forms import american_word_forms

MAX_CORRECTIONS = 2
LOUDNESS_RANGE_DB = 30  # from the loudest vowel of a recording to one that is shown flat


@dataclass(frozen=True)
class Sound:
    """A phone for a person who reads no IPA: letters and a word that has them; for one that English lacks its IPA."""

    letters: str
    example: str = ""

    def __str__(self) -> str:
        return f"{self.letters} of {self.example}" if self.example else self.letters


def sound(*phones: str) -> Sound:
    """Returns how a phone, or the two of a diphthong, is written for a learner.

    >>> str(sound("θ")), str(sound("a", "ɪ")), str(sound("tʰ")), str(sound("x"))
    ('th of think', 'y of my', 't of tea', 'x')
    """
    forms = [diphthong(*phones)] if len(phones) == 2 else [*phones, *map(normalize, phones)]
    found = next((EXAMPLES[form] for form in forms if form in EXAMPLES), "".join(phones))
    return Sound(*found.split(" of "))


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
    marked = marked_pairs(report.answer)
    expected = (each for each in marked if each.pair.expected is not None)
    starts = phrase_starts(report.text, sum(word.status in OF_TARGET for word in words))
    loudest = max((_loudness(report, each) for each in marked if is_vowel(each.pair.actual or "")), default=0.0)
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
            if is_vowel(pair.pair.actual or "")
        ]
        letters = list(_letters(word, [report.answer.errors[index] for index in word.errors], stressed))
        shown.append(ShownWord(word, letters, pairs, vowels, pause / SAMPLE_RATE if pause >= MIN_PAUSE else 0.0))
        number += word.status in OF_TARGET
        silent_from = word.timestamp.end if word.actual else silent_from
    return shown


def _pairs_of(word: Word, pairs: Iterator[MarkedPair]) -> Iterator[MarkedPair]:
    """Yields the pairs of a word's target phones, which come next."""
    length = len(word.expected)
    while length > 0:
        marked = next(pairs)
        length -= len(marked.pair.expected or "")
        yield marked


def _loudness(report: Assessed, marked: MarkedPair) -> float:
    """Returns the root mean square of a phone's samples."""
    stamp = marked.pair.timestamp
    return float(np.sqrt(np.mean(np.square(report.audio[stamp.start : stamp.end]))))


def _share(loudness: float, loudest: float) -> float:
    return max(0.0, 1 + 20 * float(np.log10(max(loudness, 1e-6) / max(loudest, 1e-6))) / LOUDNESS_RANGE_DB)


def _main_stress(pairs: Sequence[MarkedPair]) -> range:
    """Returns the positions of the vowel that has a word's main stress in CMUdict; none in words of one syllable.

    A pronunciation that is British alone has none either.
    """
    parts = [(marked.pair.position, part) for marked in pairs for part in canonical_form([marked.pair.expected or ""])]
    sounds = american_word_forms().transcriptions.get("".join(part for _, part in parts), "").split()
    if sum(map(is_nucleus, sounds)) > 1:
        at = 0
        for sound in sounds:
            after = at + len(canonical_form(parse_ipa(sound)))
            if sound[0] == "ˈ":
                return range(parts[at][0], parts[after - 1][0] + 1)
            at = after
    return range(0)


def _letters(word: Word, errors: Sequence[ScoredMispronunciation], stressed: range) -> Iterator[Letters]:
    """Yields a word in the letters that stand for its phones, or where these are not known as a whole."""
    text = word.text or ""
    if not word.letters:
        yield Letters(text, errors=errors)
        return
    ends = [*(item.position for item in word.letters[1:]), math.inf]
    for item, end in zip(word.letters, ends, strict=True):
        # An inserted phone is before its position: it belongs to the letters before.
        own = [error for error in errors if item.position <= error.position - (error.type == "insert") < end]
        yield Letters(item.letters, item.phones, own, item.position in stressed)


@dataclass(frozen=True)
class Correction:
    """An error to work on: its word, its letters there, and the sounds that were expected and pronounced.

    Where it is a part of what the letters stand for, others of their phones may have been right.
    """

    error: ScoredMispronunciation
    word: Word
    letters: str
    is_part: bool
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
    letters = next(each for each in shown.letters if error in each.errors)
    is_diphthong = len(letters.phones) == 2 and diphthong(*letters.phones)
    expected = sound(*letters.phones if is_diphthong else [error.expected]) if error.expected else None
    return Correction(
        error,
        shown.word,
        letters.text if shown.word.letters else expected.letters if expected else "",
        len(letters.phones) > 1,
        expected,
        None if error.actual is None else sound(error.actual),
    )


def sound_counts(words: Sequence[ShownWord]) -> dict[Sound, tuple[int, int]]:
    """Returns for each sound of the words how often it was pronounced as expected, and how often it is in them."""
    right: Counter[Sound] = Counter()
    total: Counter[Sound] = Counter()
    for shown in words:
        wrong = iter(bool(marked.error) for marked in shown.pairs)
        for phones in split_sounds([marked.pair.expected or "" for marked in shown.pairs]):
            found = sound(*phones)
            total[found] += 1
            misses = [next(wrong) for _ in phones]
            right[found] += not any(misses)
    return {found: (right[found], number) for found, number in total.items()}
