"""How fluent and how complete a sentence is, and how good overall, beside how its phones were pronounced."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from alignment.filled_pauses import FILLED_PAUSE
from alignment.runs import runs
from assessment.disfluency import Repetition
from assessment.scoring import AlignedPair, Judgement, score
from assessment.target import Target
from assessment.words import OF_TARGET, Word, by_word
from shared.audio.samples import SAMPLE_RATE
from shared.recognizers.calibration import MarkModels

# Silences of a quarter of a second and more are pauses: de Jong & Bosker (2013), "Choosing a threshold for silent
# pauses to measure second language fluency".
MIN_PAUSE = SAMPLE_RATE // 4  # samples
# Shorter silences, too, tell experts' marks of fluency and prosody: with those of a tenth of a second in place of the
# pauses, Pearson's correlation is 0.03 higher.
MIN_SHORT_PAUSE = SAMPLE_RATE // 10
# Phones a second, pauses included, from which speech is as fluent as a native speaker's: the slowest of the LibriVox
# and ARCTIC clips has 10.3. Of all measures this rate agrees best with experts' marks of fluency: Cucchiarini, Strik &
# Boves (2000), "Quantitative assessment of second language learners' fluency by means of automatic speech recognition
# technology".
FLUENT_RATE = 10.3
MAX_WORDS_ALONE = 2

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
    whole time. `short_pauses` are the silences of 0.1 s and more, pauses among them, those at punctuation left out.
    """

    words_pronounced: Share
    speech_rate: float
    articulation_rate: float
    words_per_minute: float
    pauses: Pauses
    # An answer that an older worker gave has none of these.
    filled_pauses: int = 0
    repetitions: int = 0
    short_pauses: int = 0


@dataclass(frozen=True)
class Aspects:
    """The aspects of a sentence, each in [0, 1].

    `accuracy` is the score over the words that were pronounced. `fluency`, `prosody` and `overall` are experts' marks
    as the engine's calibration predicts them; where it has no models, `fluency` is the rate of speech as a share of
    `FLUENT_RATE`, and the others are null.
    """

    accuracy: Share
    fluency: Share
    completeness: Share
    overall: Share | None
    # An answer that an older worker gave has none.
    prosody: Share | None = None


def measure(target: Target, pairs: Sequence[AlignedPair], repetitions: Sequence[Repetition]) -> Measures:
    """Returns the measures of a sentence, given its pairs, and which of these repeat words."""
    pronounced = [pair for pair in pairs if pair.actual is not None]
    positions = {pair.position for pair in pronounced if pair.expected is not None}
    starts = [0, *itertools.accumulate(map(len, target.words))]
    words = sum(not positions.isdisjoint(range(*word)) for word in itertools.pairwise(starts))
    if not pronounced:
        return Measures(0.0, 0.0, 0.0, 0.0, Pauses(0, 0.0, 0.0))
    phrase_starts = {starts[index] for index in target.phrase_starts}
    silences, at_punctuation = [], 0
    for before, after in itertools.pairwise(pronounced):
        silence = after.timestamp.start - before.timestamp.end
        if phrase_starts.isdisjoint(range(before.position + 1, after.position + 1)):
            silences.append(silence)
        elif silence >= MIN_PAUSE:
            at_punctuation += silence
    pauses = [silence for silence in silences if silence >= MIN_PAUSE]
    whole = pronounced[-1].timestamp.end - pronounced[0].timestamp.start
    filled = [end - start for start, end in runs(pairs, lambda pair: pair.explained_by == FILLED_PAUSE)]
    disfluent = sum(filled) + sum(repetition.end - repetition.start for repetition in repetitions)
    return Measures(
        words_pronounced=round(words / len(target.words), 4),
        speech_rate=_per_second(len(pronounced) - disfluent, whole - at_punctuation),
        articulation_rate=_per_second(len(pronounced), whole - at_punctuation - sum(pauses)),
        words_per_minute=round(60 * words * SAMPLE_RATE / whole, 1),
        pauses=Pauses(len(pauses), _seconds(sum(pauses)), _seconds(max(pauses, default=0))),
        filled_pauses=len(filled),
        repetitions=len(repetitions),
        short_pauses=sum(silence >= MIN_SHORT_PAUSE for silence in silences),
    )


def _per_second(count: int, samples: int) -> float:
    return round(count * SAMPLE_RATE / samples, 2)


def _seconds(samples: int) -> float:
    return round(samples / SAMPLE_RATE, 3)


def judge_aspects(
    judgement: Judgement, words: Sequence[Word], measures: Measures, target: Target, models: MarkModels | None
) -> Aspects:
    """Returns the aspects of a sentence, by models of experts' marks where an engine has them."""
    own_accuracy = accuracy(judgement, words, target)
    if models is None:
        return Aspects(own_accuracy, round(rate_share(measures), 4), measures.words_pronounced, None)
    if len(target.words) <= MAX_WORDS_ALONE:
        # Of so few phones the rate is that of these phones, silences are closures of stops, and the mean mark scatters.
        known = [0.0, 0.0, own_accuracy]
    else:
        known = predictors(measures, pronounced_marks(judgement.marks, words, target), target)
    # The sentences that the models are fitted to are complete.
    overall = min(models.overall(known) * measures.words_pronounced, judgement.max_score)
    return Aspects(
        accuracy=own_accuracy,
        fluency=round(models.fluency(known), 4),
        completeness=measures.words_pronounced,
        overall=round(overall, 4),
        prosody=round(models.prosody(known), 4),
    )


def rate_share(measures: Measures) -> float:
    """Returns the rate of speech as a share of `FLUENT_RATE`, at most 1."""
    return min(measures.speech_rate / FLUENT_RATE, 1.0)


def predictors(measures: Measures, marks: Sequence[float], target: Target) -> list[float]:
    """Returns what marks of a sentence are predicted from, given those of the phones of the words pronounced.

    They are the logarithm of `rate_share`, the short pauses a phone, and the mean mark.
    """
    rate = math.log(max(rate_share(measures), 0.05))
    return [rate, measures.short_pauses / len(target.phones), sum(marks) / max(len(marks), 1)]


def pronounced_marks(marks: Sequence[float], words: Sequence[Word], target: Target) -> list[float]:
    """Returns the marks of the phones of the words that were pronounced, or of all where words are not known."""
    own = [word for word in words if word.status in OF_TARGET]
    if not own:
        return list(marks)
    of_words = zip(own, by_word(marks, target), strict=True)
    return [mark for word, of_word in of_words if word.status != "omitted" for mark in of_word]


def accuracy(judgement: Judgement, words: Sequence[Word], target: Target) -> float:
    """Returns the score over the words of a target that were pronounced, or of all phones where words are not known."""
    own = [word for word in words if word.status in OF_TARGET]
    if not own:
        return judgement.score
    pronounced = [(word, phones) for word, phones in zip(own, target.words, strict=True) if word.status != "omitted"]
    costs = [judgement.costs[error] for word, _ in pronounced for error in word.errors]
    phones = sum(len(phones) for _, phones in pronounced)
    return min(score(costs, phones, judgement.max_score), judgement.max_score) if phones else 0.0
