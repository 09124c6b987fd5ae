"""Readings of a sentence that are not the sentence once: a half, a word less, twice, a start repeated, a word more."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from alignment.timing import Timestamp
from shared.audio.samples import Samples

START = 3  # words that are read before the sentence is begun again


class PartialReading(NamedTuple):
    """Float32 [samples], and the share of the sentence's words in it."""

    audio: Samples
    words_pronounced: float


def partial_readings(audio: Samples, words: Sequence[Timestamp], other: Samples) -> dict[str, PartialReading]:
    """Returns recordings made of one of a sentence by cutting it between words, given the words' timestamps.

    `other` is a recording of another sentence. The sentence has more than `START` words.
    """
    cuts = [(before.end + after.start) // 2 for before, after in itertools.pairwise(words)]
    half = (len(words) + 1) // 2
    first, second = audio[: cuts[half - 1]], audio[cuts[half - 1] :]
    without_word = np.concatenate([audio[: cuts[half - 2]], audio[cuts[half - 1] :]])
    word = audio[cuts[half - 2] : cuts[half - 1]]
    return {
        "first half": PartialReading(first, half / len(words)),
        "second half": PartialReading(second, 1 - half / len(words)),
        "one word left out": PartialReading(without_word, 1 - 1 / len(words)),
        "start repeated": PartialReading(np.concatenate([audio[: cuts[START - 1]], audio]), 1.0),
        "a word twice": PartialReading(np.concatenate([first, word, second]), 1.0),
        "read twice": PartialReading(np.concatenate([audio, audio]), 1.0),
        "after another sentence": PartialReading(np.concatenate([other, audio]), 1.0),
        "before another sentence": PartialReading(np.concatenate([audio, other]), 1.0),
        "a phrase more": PartialReading(np.concatenate([first, other[: len(other) // 3], second]), 1.0),
    }
