"""The evidence that the CTC head has for the phones that the decoder wrote."""

from collections.abc import Sequence

from shared.ctc.alignment import supported_labels
from shared.ctc.posteriors import Posteriors

# What it costs to cut a phone, in nats: one is cut where the best alignment without it is 20 times as probable.
CUT_COST = 3.0
# The CTC head was trained without length marks, the decoder with them.
LENGTH_MARKS = str.maketrans("", "", "ːˑ")


def supported_phones(phones: Sequence[str], posteriors: Posteriors) -> list[str]:
    """Returns the written phones that have frames on the best CTC path, in order; the others are cut.

    On that path any phone may be left out for `CUT_COST`. So what a decoder repeats or goes on to write after the
    speech is cut: no frame is left for it.

    >>> import numpy as np
    >>> posteriors = Posteriors(np.log([[0.1, 0.9], [0.9999, 0.0001]]), ("", "m"), frame_stride=640)
    >>> supported_phones(["m", "m", "m"], posteriors)
    ['m']
    """
    labels = posteriors.labels
    short = [phone.translate(LENGTH_MARKS) for phone in phones]
    columns = [labels.index(one if one in labels else other) for one, other in zip(short, phones, strict=True)]
    return [phones[index] for index in supported_labels(posteriors.log_probs, columns, CUT_COST)]
