"""How fluent and how complete a sentence is, and how good overall, beside how its phones were pronounced."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from alignment.filled_pauses import FILLED_PAUSE
from alignment.phone_pairs import PhonePair
from alignment.timing import Timestamp
from assessment.disfluency import Repetition
from assessment.scoring import Judgement, score
from assessment.target import Target
from assessment.words import Word
from shared.audio.samples import SAMPLE_RATE
from shared.recognizers.calibration import OverallModel

# Silences of a quarter of a second and more are pauses: de Jong & Bosker (2013), "Choosing a threshold for silent
# pauses to measure second language fluency".
MIN_PAUSE = SAMPLE_RATE // 4  # samples
# Phones a second, pauses included, from which speech is as fluent as a native speaker's: the slowest of the LibriVox
# and ARCTIC clips has 10.3. Of all measures this rate agrees best with experts' marks of fluency: Cucchiarini, Strik &
# Boves (2000), "Quantitative assessment of second language learners' fluency by means of automatic speech recognition
# technology".
FLUENT_RATE = 10.3

Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class Pauses:
    """The silent pauses inside a sentence, those at its punctuation left out: how many, and seconds."""

    number: int
    total: float
    longest: float


@dataclass(frozen=True)
class Measures:
    """What the aspects are made of.

    `words_pronounced` is the share of the target's words of which a phone was pronounced. Rates are in phones a second:
    `speech_rate` over the time from the first phone to the last, pauses at punctuation left out, without the phones of
    filled pauses and repetitions (the pruned rate of Lennon 1990, "Investigating fluency in EFL: a quantitative
    approach"), `articulation_rate` of all phones without any pause (de Jong & Wempe 2009, "Praat script to detect
    syllable nuclei and measure speech rate automatically"). `words_per_minute` counts the words pronounced over the
    whole time.
    """

    words_pronounced: Share
    speech_rate: float
    articulation_rate: float
    words_per_minute: float
    pauses: Pauses
    # An answer that an older worker gave has neither.
    filled_pauses: int = 0
    repetitions: int = 0


@dataclass(frozen=True)
class Aspects:
    """The aspects of a sentence, each in [0, 1]; `overall` is null where the engine's calibration has none.

    `accuracy` is the score over the words that were pronounced.
    """

    accuracy: Share
    fluency: Share
    completeness: Share
    overall: Share | None


def measure(
    target: Target,
    pairs: Sequence[PhonePair],
    timestamps: Sequence[Timestamp],
    repetitions: Sequence[Repetition],
) -> Measures:
    """Returns the measures of a sentence, given the timestamps of its pairs, and which of these repeat words."""
    pronounced = [(p, time) for p, time in zip(pairs, timestamps, strict=True) if p.actual is not None]
    positions = {pair.position for pair, _ in pronounced if pair.expected is not None}
    starts = [0, *itertools.accumulate(map(len, target.words))]
    words = sum(not positions.isdisjoint(range(*word)) for word in itertools.pairwise(starts))
    if not pronounced:
        return Measures(0.0, 0.0, 0.0, 0.0, Pauses(0, 0.0, 0.0))
    phrase_starts = {starts[index] for index in target.phrase_starts}
    pauses, at_punctuation = [], 0
    for (before, first), (after, second) in itertools.pairwise(pronounced):
        if (pause := second.start - first.end) >= MIN_PAUSE:
            if phrase_starts.isdisjoint(range(before.position + 1, after.position + 1)):
                pauses.append(pause)
            else:
                at_punctuation += pause
    whole = pronounced[-1][1].end - pronounced[0][1].start
    filled = [len(list(run)) for is_filled, run in itertools.groupby(pairs, key=_is_filled_pause) if is_filled]
    disfluent = sum(filled) + sum(repetition.end - repetition.start for repetition in repetitions)
    return Measures(
        words_pronounced=round(words / len(target.words), 4),
        speech_rate=_per_second(len(pronounced) - disfluent, whole - at_punctuation),
        articulation_rate=_per_second(len(pronounced), whole - at_punctuation - sum(pauses)),
        words_per_minute=round(60 * words * SAMPLE_RATE / whole, 1),
        pauses=Pauses(len(pauses), _seconds(sum(pauses)), _seconds(max(pauses, default=0))),
        filled_pauses=len(filled),
        repetitions=len(repetitions),
    )


def _is_filled_pause(pair: PhonePair) -> bool:
    return pair.explained_by == FILLED_PAUSE


def _per_second(count: int, samples: int) -> float:
    return round(count * SAMPLE_RATE / samples, 2)


def _seconds(samples: int) -> float:
    return round(samples / SAMPLE_RATE, 3)


def fluency(measures: Measures) -> float:
    """Returns the rate of speech as a share of `FLUENT_RATE`, at most 1."""
    return round(min(measures.speech_rate / FLUENT_RATE, 1.0), 4)


def predictors(measures: Measures, log_likelihood_ratio: float, phones: int) -> list[float]:
    """Returns what `overall` is predicted from: evidence against the target, logarithm of the fluency, pauses a phone.

    `log_likelihood_ratio` is a comparison's, in nats a target phone; the target has so many `phones`.
    """
    return [log_likelihood_ratio, math.log(max(fluency(measures), 1e-3)), measures.pauses.number / phones]


def accuracy(judgement: Judgement, words: Sequence[Word], target: Target) -> float:
    """Returns the score over the words of a target that were pronounced, or of all phones where words are not known."""
    own = [word for word in words if word.status in ("correct", "mispronounced", "omitted")]
    if not own:
        return judgement.score
    pronounced = [(word, phones) for word, phones in zip(own, target.words, strict=True) if word.status != "omitted"]
    costs = [judgement.costs[error] for word, _ in pronounced for error in word.errors]
    phones = sum(len(phones) for _, phones in pronounced)
    return min(score(costs, phones, judgement.max_score), judgement.max_score) if phones else 0.0


def overall(
    judgement: Judgement, measures: Measures, log_likelihood_ratio: float, phones: int, model: OverallModel
) -> float:
    """Returns experts' total mark as a model predicts it, in proportion to the words pronounced.

    The sentences that a model is fitted to are complete.
    """
    weights = (model.evidence, model.fluency, model.pauses)
    terms = zip(weights, predictors(measures, log_likelihood_ratio, phones), strict=True)
    predicted = (model.offset + _dot(terms)) * measures.words_pronounced
    return round(min(max(predicted, 0.0), judgement.max_score), 4)


def _dot(terms: Iterable[tuple[float, float]]) -> float:
    return sum(weight * value for weight, value in terms)
