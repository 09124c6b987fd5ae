"""How well the marks of words and sentences agree with experts', and the fit of their models."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from assessment.aspects import MAX_WORDS_ALONE, predictors, pronounced_marks
from assessment.assess import Assessor
from assessment.target import build_target
from assessment.words import by_word
from assessment.words import predictors as word_predictors
from shared.recognizers.calibration import MarkModel, MarkModels
from shared.serving.settings import Settings
from tests.benchmarks.bootstrap import correlation, interval
from tests.benchmarks.speech import ScoredUtterance, Utterance

BEST_MARK = 10.0
SENTENCE_MARKS = {"fluency": "fluency", "prosody": "prosodic", "overall": "total"}
# Native readers' sentences and words reach so much of the best mark, all but the lowest in a hundred.
NATIVE_MARK, NATIVE_SHARE = 0.97, 10
FOLDS = 8

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rated:
    """What marks are predicted from: of sentences [utterances, predictors], and of their words [words, predictors]."""

    sentences: Floats
    words: list[Floats]

    @classmethod
    def of(cls, utterances: Sequence[Utterance], marks: Sequence[Sequence[float]], settings: Settings) -> "Rated":
        """Returns utterances as a worker assesses them, given the marks of their phones; where not, as it has them."""
        assessor = Assessor(settings)
        sentences, words = [], []
        for utterance, given in itertools.zip_longest(utterances, marks):
            target = build_target(" ".join("".join(word) for word in utterance.words), None)
            found = assessor.assess(str(utterance.path), target.ipa)
            own = given or [pair.score for pair in found.alignment if pair.score is not None]
            sentences.append(predictors(found.measures, pronounced_marks(own, found.words, target), target))
            words.append(np.array([word_predictors(of_word) for of_word in by_word(own, target)]))
        return cls(np.array(sentences), words)


def fit_marks(utterances: Sequence[ScoredUtterance], rated: Rated, native: Rated) -> MarkModels:
    """Returns the models of all marks, as shares of what native readers have."""
    known = [k for k, utterance in enumerate(utterances) if utterance.marks.words]
    words = np.concatenate([rated.words[k] for k in known])
    word_marks = np.concatenate([utterances[k].marks.words for k in known])
    return MarkModels(
        word=_fit(words, word_marks, np.concatenate(native.words)),
        **{
            name: _fit(rated.sentences, np.array([getattr(u.marks, mark) for u in utterances]), native.sentences)
            for name, mark in SENTENCE_MARKS.items()
        },
    )


def _fit(rows: Floats, marks: Floats, native: Floats) -> MarkModel:
    """Returns the linear regression of marks on predictors, as a share of the marks that native readers have."""
    (offset, *weights), *_ = np.linalg.lstsq(np.column_stack([np.ones(len(rows)), rows]), marks / BEST_MARK)
    top = np.percentile(offset + native @ weights, NATIVE_SHARE) / NATIVE_MARK
    return MarkModel(round(float(offset / top), 4), tuple(round(float(weight / top), 4) for weight in weights))


def report(utterances: Sequence[ScoredUtterance], rated: Rated, native: Rated, trained: set[str]) -> str:
    """Returns the agreement with experts' marks of the speakers on whom no head was trained, with intervals.

    By cross-validation: each speaker's marks are by models that were fitted to others.
    """
    speakers = sorted({utterance.speaker for utterance in utterances})
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in SENTENCE_MARKS}
    words: list[list[tuple[float, float]]] = []
    for number in range(FOLDS):
        fold = set(speakers[number::FOLDS])
        inside = [k for k, utterance in enumerate(utterances) if utterance.speaker in fold - trained]
        outside = [k for k, utterance in enumerate(utterances) if utterance.speaker not in fold]
        part = Rated(rated.sentences[outside], [rated.words[k] for k in outside])
        models = fit_marks([utterances[k] for k in outside], part, native)
        for k in inside:
            marks = utterances[k].marks
            for name, mark in SENTENCE_MARKS.items():
                found[name].append((getattr(models, name)(rated.sentences[k].tolist()), getattr(marks, mark)))
            predicted = [models.word(row) for row in rated.words[k].tolist()]
            words.append(list(zip(predicted, marks.words, strict=True)) if marks.words else [])
    lines = []
    for name, pairs in found.items():
        ours, experts = np.array(pairs).T
        lines.append(f"{name:8} Pearson {interval(partial(correlation, False, ours, experts), len(experts))}")
    lines.append(f"words    Pearson {interval(partial(_word_correlation, words), len(words))}")
    for name in SENTENCE_MARKS:
        reached = [getattr(models, name)(row) for row in native.sentences.tolist()]
        lines.append(f"native sentences, {name}: mean {np.mean(reached):.3f}, lowest {min(reached):.2f}")
    return "\n".join(lines)


def _word_correlation(words: Sequence[Sequence[tuple[float, float]]], drawn: npt.NDArray[np.int64]) -> float:
    pairs = np.array(list(itertools.chain.from_iterable(words[k] for k in drawn)))
    return float(np.corrcoef(pairs.T)[0, 1])


def is_sentence(utterance: Utterance) -> bool:
    """Returns whether an utterance has more words than are words alone."""
    return len(utterance.words) > MAX_WORDS_ALONE
