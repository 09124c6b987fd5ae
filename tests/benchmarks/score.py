"""How well errors, confidences and scores agree with experts, and how few errors correct speech has: `make bench-score`.

On the utterances of `so762_dev` whatever is said of a speaker comes from constants fitted to the others; on native
speech, which nothing is fitted to, from the engine's calibration. The baseline is free decoding: the recognizer's
own phones, and the edit operations that turn the target into them.
"""

import dataclasses
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats
from sklearn.metrics import roc_auc_score

from alignment.comparison import Comparison, compare
from alignment.edit_distance import edit_operations
from alignment.phone_set import match_target_notation, phone_set_of
from assessment.scoring import Judgement, judge
from shared.phonology.dictionary import Dictionary
from shared.phonology.distance import distances
from shared.phonology.equivalence import normalize
from shared.phonology.ipa import is_vowel
from shared.recognizers.base import Recognizer, Transcription
from shared.recognizers.calibration import Calibration, read_calibration
from shared.recognizers.loader import load_recognizer
from shared.serving.settings import read_settings
from tests.benchmarks.calibrate import ACCENTED, WRONG, cross_validate
from tests.benchmarks.speech import ScoredUtterance, Utterance, read_native, read_scored
from tests.support.data import LEARNERS

RESAMPLES = 2000
# Phones that another phone of the target is changed to: of another manner, place or height.
VOWELS = "i ɪ ɛ æ ɑ ɔ ʊ u ə".split()
CONSONANTS = "p b t d k ɡ f v θ ð s z ʃ ʒ h m n ŋ l ɹ w j".split()
CLEARLY_DIFFERENT = 0.4  # articulatory distance

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Assessed:
    """An utterance, and what is named in it: with the target in mind, and by free decoding."""

    utterance: Utterance
    transcription: Transcription
    judgement: Judgement
    baseline: list[int]  # target positions of the errors
    baseline_score: float


def assess(utterance: Utterance, transcription: Transcription, calibration: Calibration) -> Assessed:
    """Returns what is named in an utterance."""
    judgement = judge(compare_with_target(utterance, transcription, calibration), calibration)
    target = [normalize(phone) for phone in utterance.target]
    free = [normalize(phone) for phone in match_target_notation(transcription.phones, utterance.target)]
    baseline = [operation.position for operation in edit_operations(free, target)]
    return Assessed(utterance, transcription, judgement, baseline, max(0.0, 1.0 - len(baseline) / len(target)))


def compare_with_target(utterance: Utterance, transcription: Transcription, calibration: Calibration) -> Comparison:
    """Returns how an utterance compares with its target, all pronunciations of its words allowed."""
    return compare(transcription.posteriors, utterance.words, utterance.pronunciations, calibration.penalties)


def named(judgement: Judgement) -> list[int]:
    """Returns the target positions of the errors named."""
    return [pair.position for pair in judgement.pairs if pair.is_error]
