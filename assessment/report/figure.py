"""An assessment as a picture."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from assessment.report.answer import Assessed, headline
from assessment.report.media import spectrogram
from shared.audio.samples import SAMPLE_RATE
from shared.phonology.ipa import plain_ipa

COLOURS = {"": "#e8e7e1", "substitute": "#f5d38d", "insert": "#bcdcf7", "delete": "#f8c4bd"}
INCHES_A_SECOND = 4
MIN_INCHES = 8


def write_png(report: Assessed, path: Path) -> None:
    """Draws waveform, spectrogram and phones over one time axis."""
    length = len(report.audio) / SAMPLE_RATE
    figure = Figure(figsize=(max(MIN_INCHES, INCHES_A_SECOND * length), 6), layout="constrained")
    wave, frequencies, phones = figure.subplots(3, sharex=True, height_ratios=(2, 4, 2))
    wave.plot(np.arange(len(report.audio)) / SAMPLE_RATE, report.audio, linewidth=0.4, color="black")
    wave.set(
        yticks=[],
        ylabel="waveform",
        title=f"{plain_ipa(report.answer.target_ipa)}    {headline(report.answer)[0]} of 100",
    )
    extent = (0.0, length, 0.0, SAMPLE_RATE / 2000)
    frequencies.imshow(spectrogram(report.audio), aspect="auto", cmap="Greys", extent=extent)
    frequencies.set(ylabel="kHz")
    for marked, *others in report.groups:
        pair = marked.pair
        start, end = pair.timestamp.start / SAMPLE_RATE, pair.timestamp.end / SAMPLE_RATE
        middle = (start + end) / 2
        colour = COLOURS[marked.error.type if marked.error else ""]
        if pair.actual:
            for row, phone in ((1, pair.expected), (0, pair.actual + marked.doubt)):
                if phone:
                    phones.barh(row, end - start, 1, start, color=colour, edgecolor="black")
                    phones.text(middle, row, phone, ha="center", va="center")
        else:
            missing = " ".join(f"{deleted.pair.expected}{deleted.doubt}" for deleted in (marked, *others))
            box = {"boxstyle": "round", "facecolor": colour}
            arrow = {"arrowstyle": "->"}
            phones.annotate(missing, (middle, 1.5), (middle, 2), ha="center", va="bottom", bbox=box, arrowprops=arrow)
    phones.set(yticks=(0, 1, 2.2), yticklabels=("pronounced", "target", "deleted"), ylim=(-0.6, 2.9), xlabel="seconds")
    figure.savefig(path, dpi=150)
