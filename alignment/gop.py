"""Goodness of pronunciation: the evidence of a recogniser's posteriors against a target's phones."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from alignment.ctc import BLANK, ctc_states, forced_alignment
from alignment.decoding import Segment
from alignment.network import same_sound_labels
from alignment.phone_set import phone_set_of
from shared.recognizers.base import Posteriors

# A phone exchanged moves its neighbours too. Sought no further away than so many phones before and after, no
# probability differs by more than 0.014 from one sought everywhere (46 learners' sentences).
CONTEXT_PHONES = 3

DELETION = BLANK  # the column of `alternatives` that stands for no phone at all

MAX_EVIDENCE = 30.0  # nats: more is no more certain

LogLikelihoods = npt.NDArray[np.float64]


def evidence_against(posteriors: Posteriors, target: Sequence[str], segments: Sequence[Segment]) -> list[float]:
    """Returns, for each segment of a decoding, the log-odds that what the target has there was not pronounced.

    Of a phone, that another or none was; of an insertion, that one was. All other phones stay as they were decoded,
    deleted ones as the target has them. A segment of several labels has the most of theirs, an elided one none.
    """
    places = [
        (index, label, expected)
        for index, segment in enumerate(segments)
        for label, expected in _labels(posteriors.labels, target, segment)
    ]
    evidence = np.full(len(segments), -np.inf)
    for (index, _, expected), row in zip(
        places, alternatives(posteriors.log_probs, [label for _, label, _ in places]), strict=True
    ):
        against = np.ones(len(row), dtype=bool)
        against[list(expected)] = False
        odds = np.logaddexp.reduce(row[against]) - np.logaddexp.reduce(row[~against])
        evidence[index] = max(evidence[index], odds)
    result: list[float] = np.nan_to_num(evidence, neginf=-MAX_EVIDENCE).clip(-MAX_EVIDENCE, MAX_EVIDENCE).tolist()
    return result


def _labels(labels: tuple[str, ...], target: Sequence[str], segment: Segment) -> list[tuple[int, frozenset[int]]]:
    """Returns the labels that stand at a segment's place, each with those that the target has there."""
    if segment.status != "deviation":
        return [(label, same_sound_labels(labels, label)) for label in segment.labels]
    if segment.start == segment.end:
        return [(label, frozenset({DELETION})) for label in segment.labels]
    [span] = phone_set_of(labels[1:]).label_spans(target[segment.start : segment.end])
    expected = labels.index(span.label)
    return [(label, same_sound_labels(labels, expected)) for label in segment.labels or (expected,)]


def alternatives(log_probs: npt.NDArray[np.float32], labels: Sequence[int]) -> LogLikelihoods:
    """Returns the log-likelihoods [phones, labels] of a sentence with each of its phones replaced by each label.

    `log_probs` is [frames, labels], and the sentence is columns of it. Column 0 of the result is the sentence without
    the phone. A replacement is sought from where the best path has the phone before to where it has the phone after.
    Sums over CTC paths, forward and backward (Graves et al., Connectionist Temporal Classification, 2006, section
    4.1). Raises AlignmentFailedError where there are too few frames.
    """
    if not labels:
        return np.empty((0, log_probs.shape[1]))
    scores = log_probs.astype(np.float64)
    emissions = forced_alignment(log_probs, labels)
    before = _forward(scores, labels)
    after = _forward(scores[::-1], labels[::-1])[::-1]
    after[:, :-1] = after[:, -2::-1]
    rows = np.empty((len(labels), scores.shape[1]))
    for index in range(len(labels)):
        previous = labels[index - 1] if index else None
        following = labels[index + 1] if index + 1 < len(labels) else None
        start = emissions[index - CONTEXT_PHONES].start if index >= CONTEXT_PHONES else 0
        end = emissions[index + CONTEXT_PHONES].end if index + CONTEXT_PHONES < len(labels) else len(scores)
        blank, state = 2 * index, 2 * index + 1
        into = _ways(before[start:end, blank], before[start:end, state - 2], previous, scores.shape[1])
        out_of = _ways(
            after[start + 1 : end + 1, blank + 2], after[start + 1 : end + 1, state + 2], following, scores.shape[1]
        )
        rows[index] = _replaced(scores[start:end], into, out_of)
        # Left out, the phone before or a blank comes right before the phone after, or at the end of the recording.
        up_to = before[:, blank] if previous == following else np.logaddexp(before[:, blank], before[:, state - 2])
        rows[index, DELETION] = up_to[-1] if following is None else np.logaddexp.reduce(up_to + after[:, state + 2])
    return rows


def _forward(scores: LogLikelihoods, labels: Sequence[int]) -> LogLikelihoods:
    """Returns the log-likelihood [frames + 1, states + 1] of all paths up to a frame that end in a state.

    Row 0 is before the first frame, and the last column a state that no path reaches.
    """
    states, can_skip = ctc_states(labels)
    likelihoods = np.full((len(scores) + 1, len(states) + 1), -np.inf)
    likelihoods[0, 0] = 0.0
    for frame, emitted in enumerate(scores[:, states]):
        previous = likelihoods[frame, :-1]
        ways = previous.copy()
        ways[1:] = np.logaddexp(ways[1:], previous[:-1])
        ways[2:] = np.logaddexp(ways[2:], np.where(can_skip[2:], previous[:-2], -np.inf))
        likelihoods[frame + 1, :-1] = ways + emitted
    return likelihoods


def _ways(blank: LogLikelihoods, phone: LogLikelihoods, label: int | None, num_labels: int) -> LogLikelihoods:
    """Returns the log-likelihood [frames, labels] of a blank or a phone beside a label: never beside its own."""
    ways = np.repeat(np.logaddexp(blank, phone)[:, None], num_labels, axis=1)
    if label is not None:
        ways[:, label] = blank
    return ways


def _replaced(scores: LogLikelihoods, into: LogLikelihoods, out_of: LogLikelihoods) -> LogLikelihoods:
    """Returns the log-likelihood [labels] of each label over all stretches of frames, given the ways into and out."""
    within = np.full(scores.shape[1], -np.inf)
    total = within.copy()
    for emitted, entering, leaving in zip(scores, into, out_of, strict=True):
        within = np.logaddexp(within, entering) + emitted
        total = np.logaddexp(total, within + leaving)
    return total
