"""The evidence that the CTC head has for the phones that the decoder wrote."""

from collections.abc import Sequence

import numpy as np

from shared.recognizers.base import Posteriors

BLANK = 0
# What it costs to cut a phone, in nats: one is cut where the best alignment without it is 20 times as probable.
CUT_COST = 3.0
# The CTC head was trained without length marks, the decoder with them.
LENGTH_MARKS = str.maketrans("", "", "ːˑ")


def supported_phones(phones: Sequence[str], posteriors: Posteriors) -> list[str]:
    """Returns the written phones that have frames on the best CTC path, in order; the others are cut.

    Viterbi over the labels with blanks between them (Graves et al., Connectionist Temporal Classification, 2006,
    section 4.1, with max in place of sum), where any label may also be passed over for `CUT_COST`. So what a decoder
    repeats or goes on to write after the speech is cut: no frame is left for it. Time is frames times phones squared.

    >>> posteriors = Posteriors(np.log([[0.1, 0.9], [0.9999, 0.0001]]), ("", "m"), frame_stride=640)
    >>> supported_phones(["m", "m", "m"], posteriors)
    ['m']
    """
    # States 0 to n are in the n-th phone, those after them in the blank after it. State 0 is before the first phone.
    size = len(phones) + 1
    columns = np.array([BLANK, *(_column(posteriors.labels, phone) for phone in phones)])
    emitted = posteriors.log_probs[:, np.concatenate([columns, np.full(size, BLANK)])].astype(np.float64)

    passed = np.arange(size)[:, None] - np.arange(size) - 1  # phones between the n-th (columns) and the m-th (rows)
    enter = np.where(passed >= 0, -CUT_COST * passed, -np.inf)
    stay = np.where(np.eye(size, dtype=bool), 0.0, -np.inf)
    needs_no_blank = columns[:, None] != columns
    steps = np.block([[np.where(needs_no_blank, enter, stay), enter], [stay, stay]])

    score = np.full(2 * size, -np.inf)
    score[0] = 0
    previous = np.zeros(emitted.shape, dtype=np.intp)
    for frame, frame_emitted in enumerate(emitted):
        paths = score + steps
        previous[frame] = paths.argmax(axis=1)
        score = paths.max(axis=1) + frame_emitted

    state = int(np.argmax(score - CUT_COST * np.tile(np.arange(size)[::-1], 2)))
    kept = set()
    for frame_previous in previous[::-1]:
        kept.add(state % size)
        state = int(frame_previous[state])
    return [phone for index, phone in enumerate(phones, start=1) if index in kept]


def _column(labels: Sequence[str], phone: str) -> int:
    """Returns the column of a phone without its length, or else of the phone."""
    short = phone.translate(LENGTH_MARKS)
    return labels.index(short if short in labels else phone)
