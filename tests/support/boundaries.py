"""Phone boundaries against those of a golden alignment."""

from alignment.timing import PhoneInterval
from shared.audio.samples import SAMPLE_RATE
from tests.support.data import from_mfa

MILLISECOND = SAMPLE_RATE // 1000


def edges(intervals: list[PhoneInterval], golden: list[PhoneInterval]) -> list[int]:
    """Returns the edges of intervals in samples, those inside a diphthong that MFA has as one phone left out."""
    found: list[int] = []
    rest = list(intervals)
    for phone in golden:
        parts = [rest.pop(0) for _ in from_mfa([phone.phoneme])]
        found += [parts[0].start_sample, parts[-1].end_sample]
    assert not rest
    return found


def differences(intervals: list[PhoneInterval], golden: list[PhoneInterval]) -> list[float]:
    """Returns how far the edges of intervals are from the golden ones, in milliseconds."""
    right = [edge for interval in golden for edge in (interval.start_sample, interval.end_sample)]
    return [abs(a - b) / MILLISECOND for a, b in zip(edges(intervals, golden), right, strict=True)]
