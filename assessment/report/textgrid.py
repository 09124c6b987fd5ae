"""An assessment as a TextGrid, for Praat."""

from pathlib import Path

from praatio.data_classes.interval_tier import IntervalTier
from praatio.data_classes.point_tier import PointTier
from praatio.data_classes.textgrid import Textgrid

from assessment.report.answer import Assessed
from shared.audio import SAMPLE_RATE


def write_textgrid(report: Assessed, path: Path) -> None:
    """Writes the phones expected and heard, and the kinds of errors, as intervals; what was left out as points."""
    length = len(report.audio) / SAMPLE_RATE
    tiers: dict[str, list[tuple[float, float, str]]] = {"target": [], "heard": [], "errors": []}
    left_out: list[tuple[float, str]] = []
    for place, *others in report.groups:
        start, end = place.timestamp.start / SAMPLE_RATE, place.timestamp.end / SAMPLE_RATE
        if not place.heard:
            missing = " ".join(f"{left.expected}{left.doubt}" for left in (place, *others))
            left_out.append(((start + end) / 2, missing))
            continue
        kind = place.error.type + place.doubt if place.error else None
        for tier, text in zip(tiers.values(), (place.expected, place.heard, kind), strict=True):
            if text:
                tier.append((start, end, text))
    grid = Textgrid(0, length)
    for name, intervals in tiers.items():
        grid.addTier(IntervalTier(name, intervals, 0, length))
    grid.addTier(PointTier("left out", left_out, 0, length))
    grid.save(str(path), format="long_textgrid", includeBlankSpaces=True)
