"""PhoneGop of pronunciation: how sure the recogniser's posteriors are that a phone was said."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alignment.ctc import BLANK, ctc_states, forced_alignment
from alignment.phone_set import phone_set_of
from shared.errors import AlignmentFailedError
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import read_phones
from shared.recognizers.base import Posteriors

# A phone exchanged moves its neighbours too. Sought no further away than so many phones before and after, no
# probability differs by more than 0.014 from one sought everywhere (46 learners' sentences).
REACH = 3

DELETION = BLANK  # the column of `alternatives` that stands for no phone at all

LogLikelihoods = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PhoneGop:
    """What stands at a phone's place, all other phones being as they are: probabilities in [0, 1].

    `said` is that of the phone or one that counts as the same, `left_out` that of none.
    """

    posterior: float
    deletion: float


def gop(posteriors: Posteriors, phones: Sequence[str]) -> list[PhoneGop]:
    """Returns how good each phone of a sentence is in a recording, by the recogniser's posteriors.

    The likelihood of the sentence against that of each sentence with one phone exchanged or left out: goodness of
    pronunciation with no segmentation (Cao et al., A Framework for Phoneme-Level Pronunciation Assessment Using CTC,
    Interspeech 2024). A sentence with more phones than the recording has frames was not said: every phone is left out.
    """
    sounds = [canonical_form(read_phones(label)) if label else [] for label in posteriors.labels]
    spellings = phone_set_of(posteriors.labels[1:]).label_spans(phones)
    columns = [posteriors.labels.index(spelling.label) for spelling in spellings]
    try:
        likelihoods = alternatives(posteriors.log_probs, columns)
    except AlignmentFailedError:
        return [PhoneGop(posterior=0.0, deletion=1.0)] * len(phones)
    result = []
    for spelling, column, row in zip(spellings, columns, likelihoods, strict=True):
        probabilities = np.exp(row - np.logaddexp.reduce(row))
        said = probabilities[[sound == sounds[column] for sound in sounds]].sum()
        result += [PhoneGop(min(float(said), 1.0), float(probabilities[DELETION]))] * len(spelling.phones)
    return result


def alternatives(log_probs: npt.NDArray[np.float32], labels: Sequence[int]) -> LogLikelihoods:
    """Returns the log-likelihoods [phones, labels] of a sentence with each of its phones replaced by each label.

    `log_probs` is [frames, labels], and the sentence is columns of it. Column 0 of the result is the sentence without
    the phone. A replacement is sought from where the best path has the phone before to where it has the phone after.
    Sums over CTC paths, forward and backward (Graves et al., Connectionist Temporal Classification, 2006, section
    4.1). Raises AlignmentFailedError where there are too few frames.
    """
    scores = log_probs.astype(np.float64)
    emissions = forced_alignment(log_probs, labels)
    before = _forward(scores, labels)
    after = _forward(scores[::-1], labels[::-1])[::-1]
    after[:, :-1] = after[:, -2::-1]
    rows = np.empty((len(labels), scores.shape[1]))
    for index in range(len(labels)):
        previous = labels[index - 1] if index else None
        following = labels[index + 1] if index + 1 < len(labels) else None
        start = emissions[index - REACH].start if index >= REACH else 0
        end = emissions[index + REACH].end if index + REACH < len(labels) else len(scores)
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
