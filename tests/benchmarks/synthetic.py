"""Sentences that flite synthesizes, with the times of their phones."""

import itertools
import random
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from alignment.timing import PhoneInterval, divide
from shared.audio.load import load_audio
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.phonology.arpabet import ARPABET
from shared.phonology.ipa import parse_ipa
from tests.training.recordings import FLITE_NAMES, FLITE_PAUSES, FLITE_SENTENCES, FLITE_VOICES, sentences

NOISE = 1e-3  # of full scale: what flite writes between words is exact silence


class Synthetic(NamedTuple):
    """Float32 [samples], and the intervals of the phones synthesized."""

    audio: Samples
    golden: list[PhoneInterval]


def synthetic_sentences(number: int) -> list[Synthetic]:
    """Returns sentences with a pause inside that no head was trained on; their golden intervals are flite's own."""
    texts = [text for text in sentences()[FLITE_SENTENCES:] if "," in text]
    return [_synthesized(index, text) for index, text in enumerate(texts[:number])]


def _synthesized(index: int, text: str) -> Synthetic:
    chance = random.Random(index)  # noqa: S311
    voice, stretch = chance.choice(list(FLITE_VOICES)), chance.uniform(0.8, 1.2)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "sentence.wav")
        command = ["flite", "-voice", voice, "-psdur", "-o", str(file), "--setf", f"duration_stretch={stretch:.2f}"]
        printed = subprocess.run([*command, "-t", text], check=True, capture_output=True, text=True).stdout  # noqa: S603
        audio = load_audio(str(file))
    names, ends = zip(*(segment.split(":") for segment in printed.split()), strict=True)
    edges = [0, *(round(float(end) * SAMPLE_RATE) for end in ends)]
    golden: list[PhoneInterval] = []
    for name, (start, end) in zip(names, itertools.pairwise(edges), strict=True):
        if name not in FLITE_PAUSES:
            phones = parse_ipa(ARPABET[FLITE_NAMES.get(name.upper(), name.upper())])
            golden += divide(PhoneInterval(name, start, end), phones)
    noise = NOISE * np.random.default_rng(index).standard_normal(len(audio))
    return Synthetic((audio + noise).astype(np.float32), golden)
