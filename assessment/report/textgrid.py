"""An assessment as a TextGrid, for Praat."""

from pathlib import Path

from praatio.data_classes.interval_tier import IntervalTier
from praatio.data_classes.point_tier import PointTier
from praatio.data_classes.textgrid import Textgrid

from assessment.report.answer import Assessed
from shared.audio.samples import SAMPLE_RATE


def write_textgrid(report: Assessed, path: Path) -> None:
    """Writes the phones expected and pronounced, and the kinds of errors, as intervals; deleted phones as points."""
    length = len(report.audio) / SAMPLE_RATE
    tiers: dict[str, list[tuple[float, float, str]]] = {"target": [], "pronounced": [], "errors": []}
    deleted: list[tuple[float, str]] = []
    for marked, *others in report.groups:
        pair = marked.pair
        start, end = pair.timestamp.start / SAMPLE_RATE, pair.timestamp.end / SAMPLE_RATE
        if not pair.actual:
            missing = " ".join(f"{each.pair.expected}{each.doubt}" for each in (marked, *others))
            deleted.append(((start + end) / 2, missing))
            continue
        kind = marked.error.type + marked.doubt if marked.error else None
        for tier, text in zip(tiers.values(), (pair.expected, pair.actual, kind), strict=True):
            if text:
                tier.append((start, end, text))
    grid = Textgrid(0, length)
    for name, intervals in tiers.items():
        grid.addTier(IntervalTier(name, intervals, 0, length))
    grid.addTier(PointTier("deleted", deleted, 0, length))
    grid.save(str(path), format="long_textgrid", includeBlankSpaces=True)
