"""Posteriors made by hand, and phones aligned by them."""

from collections.abc import Sequence

import numpy as np

from alignment.ctc import align_segments
from alignment.segments import Segment
from alignment.timing import PhoneInterval
from shared.ctc.posteriors import Posteriors
from shared.phonology.ipa import parse_ipa


def spikes(*frames: int, labels: int = 4) -> Posteriors:
    """Returns posteriors of 0.99 for one label in each frame; `frames` are columns, of which 0 is the blank."""
    probabilities = np.full((len(frames), labels), 0.01 / (labels - 1), dtype=np.float32)
    probabilities[np.arange(len(frames)), frames] = 0.99
    return Posteriors(np.log(probabilities), ("", "a", "b", "c")[:labels], 320)


ENGLISH_LABELS = (
    "",
    *"p b t d k ɡ f v θ ð s z ʃ ʒ h m n ŋ l ɹ w j ɾ ʔ i ɪ ɛ æ ɑ ɔ o ʊ u ə e a".split(),
    "t͡ʃ",
    "d͡ʒ",
    "ɚ",
)


def spoken(ipa: str, labels: tuple[str, ...] = ENGLISH_LABELS) -> Posteriors:
    """Returns posteriors of phones pronounced clearly, each of a label of its own, a blank between any two."""
    phones = [{"ɜ˞": "ɚ", "ə˞": "ɚ", "ʌ": "ə"}.get(phone, phone) for phone in parse_ipa(ipa)]
    columns = [0, *(column for phone in phones for column in (labels.index(phone), 0))]
    shares = np.eye(len(labels))[columns] * 0.9 + 0.1 / len(labels)
    return Posteriors(np.log(shares).astype(np.float32), labels, 320)


def align_phones(posteriors: Posteriors, phones: Sequence[str], num_samples: int) -> list[PhoneInterval]:
    """Returns the intervals of phones that nothing was decoded of, in a recording of so many samples."""
    whole = Segment(0, len(phones), tuple(phones), tuple(phones), (), "match")
    return align_segments(posteriors, [whole], num_samples)
