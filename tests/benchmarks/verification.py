"""Which text was read: how recordings compare with their own texts, and with others."""

import contextlib
import dataclasses
import functools
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alignment.comparison import Comparison, compare
from assessment.scoring import judge
from assessment.verification import text_evidence
from shared.ctc.posteriors import Posteriors
from shared.errors import AlignmentFailedError
from shared.recognizers.calibration import Calibration, Penalties
from tests.benchmarks.speech import Utterance

MAX_WORDS_ALONE = 2  # a longer text is a sentence
MIN_RUN = 3  # words in a row that make a text a part of another
OTHER_TEXTS = 8  # for each recording of those that are a word or a sentence as it is, and two more of any
# The most evidence against a text that was read is the highest with which such shares of other texts are found: so a
# recording's own text is another one as seldom as that allows.
MIN_WORDS_FOUND, MIN_SENTENCES_FOUND = 0.95, 0.99
LIMITS = np.arange(0.0, 6.0, 0.1).round(1).tolist()
FOLDS = 5

Spoken = tuple[Utterance, Posteriors]
"""An utterance and the posteriors of its recording."""


def compare_with(utterance: Utterance, posteriors: Posteriors, penalties: Penalties) -> Comparison:
    """Returns how a recording compares with an utterance's target, all forms of its words allowed."""
    return compare(posteriors, utterance.words, utterance.pronunciations, penalties)


def with_other_texts(speech: Sequence[Spoken], penalties: Penalties, seed: int = 0) -> list[list[Comparison]]:
    """Returns how each recording compares with the texts of `OTHER_TEXTS` others, half of them words alone if it is.

    Without the texts that are too long for it, which an assessment refuses: a sentence for a word alone in few frames.
    """
    chance = random.Random(seed)  # noqa: S311
    texts = [utterance for utterance, _ in speech]
    result: list[list[Comparison]] = []
    for utterance, posteriors in speech:
        others = [text for text in texts if not has_words_of(utterance, text)]
        alike = [text for text in others if is_word_alone(text) == is_word_alone(utterance)]
        chosen = [*chance.sample(alike, min(OTHER_TEXTS, len(alike))), *chance.sample(others, min(2, len(others)))]
        result.append([])
        for text in chosen:
            with contextlib.suppress(AlignmentFailedError):
                comparison = compare_with(text, posteriors, penalties)
                result[-1].append(dataclasses.replace(comparison, places=()))  # large, and for the phone scorer alone
    return result


def is_word_alone(target: Utterance | Comparison) -> bool:
    """Returns whether a target has a word or two, not a sentence."""
    return len(target.words) <= MAX_WORDS_ALONE


def has_words_of(utterance: Utterance, text: Utterance) -> bool:
    """Returns whether an utterance has half of the words of a text, or as many in a row as make it that text."""
    in_a_row = {utterance.words[k : k + MIN_RUN] for k in range(len(utterance.words) - MIN_RUN + 1)}
    has_half = 2 * sum(word in utterance.words for word in text.words) >= len(text.words)
    return has_half or any(text.words[k : k + MIN_RUN] in in_a_row for k in range(len(text.words) - MIN_RUN + 1))


@dataclass(frozen=True)
class Verified:
    """How recordings compare with their own texts, and each with other ones."""

    own: list[Comparison]
    others: list[list[Comparison]]

    @functools.cached_property
    def evidence(self) -> list[tuple[bool, float]]:
        """Of each of the other texts whether it is a word alone, and the evidence that the speech is not of it."""
        return [(is_word_alone(c), text_evidence(c)) for texts in self.others for c in texts]

    def found(self, max_evidence: float, *, words: bool) -> float:
        """Returns the share of the other texts that are found to be other ones: of words alone, or of sentences."""
        evidence = [against for is_word, against in self.evidence if is_word == words]
        return sum(against > max_evidence for against in evidence) / max(len(evidence), 1)

    def false_alarms(self, calibration: Calibration, *, words: bool) -> list[bool]:
        """Returns of each word alone, or of each sentence, whether its own text is taken for another."""
        return [judge(c, calibration).off_target for c in self.own if is_word_alone(c) == words]

    def fold(self, number: int, folds: int) -> tuple["Verified", "Verified"]:
        """Returns all recordings but those of a fold, and those of the fold."""
        inside = [k % folds == number for k in range(len(self.own))]
        train, test = (
            Verified(
                [c for c, of in zip(self.own, inside, strict=True) if of == is_test],
                [c for c, of in zip(self.others, inside, strict=True) if of == is_test],
            )
            for is_test in (False, True)
        )
        return train, test


def verify(speech: Sequence[Spoken], penalties: Penalties) -> Verified:
    """Returns how recordings compare with their own texts and with others."""
    own = [compare_with(utterance, posteriors, penalties) for utterance, posteriors in speech]
    return Verified(own, with_other_texts(speech, penalties))


def fit_max_evidence(verified: Verified) -> float:
    """Returns the most evidence against a text that was read: the highest with which other texts are found."""
    shares = ((True, MIN_WORDS_FOUND), (False, MIN_SENTENCES_FOUND))
    enough = [k for k in LIMITS if all(verified.found(k, words=words) >= share for words, share in shares)]
    return float(max(enough, default=LIMITS[0]))


def verification_report(verified: Verified, calibration: Calibration) -> str:
    """Returns the share of other texts found, and of own texts taken for others, by cross-validation over recordings.

    The texts of a fold's other recordings may be in the training part; their recordings are not.
    """
    alarms: dict[bool, list[bool]] = {True: [], False: []}
    found: dict[bool, list[float]] = {True: [], False: []}
    for number in range(FOLDS):
        train, test = verified.fold(number, FOLDS)
        fitted = dataclasses.replace(calibration, max_evidence=fit_max_evidence(train))
        for words in (True, False):
            alarms[words] += test.false_alarms(fitted, words=words)
            found[words].append(test.found(fitted.max_evidence, words=words))
    return "\n".join(
        f"{name}: own text off target {sum(alarms[words])} of {len(alarms[words])}, "
        f"other texts found {np.mean(found[words]):.1%}"
        for name, words in (("words alone", True), ("sentences", False))
    )
