"""Paths to the tests' data, and the LibriVox clips."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from alignment.timing import PhoneInterval
from shared.audio.samples import Samples
from shared.phonology.ipa import parse_ipa

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
POWSM_MINI = ROOT / "tests" / "powsm_mini"
POWSM_CTC_MINI = ROOT / "tests" / "powsm_ctc_mini"
# Data that is not part of the repository: docs/benchmarks.md describes it.
SHARED_DATA = Path(os.environ.get("PRONUNCIATION_DATA", ROOT.parent / "shared"))
LEARNERS = SHARED_DATA / "so762_dev"

# The phones of the clips, in the pronunciations that a forced aligner chose.
CLIP_IPA = {
    "librivox_0870": (
        "ænd mɪstɜ˞ d͡ʒɑn dæʃwʊd hæd ðɛn liʒɜ˞ tə kənsɪdɜ˞ haʊ mʌt͡ʃ ðɛɹ maɪt bi pɹudəntli ɪn hɪz paʊɜ˞ tɪ du fɔɹ ðəm"
    ),
    "librivox_0880": "hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn",
    "librivox_0890": "ənlɛs tə bi ɹæðɜ˞ koʊld hɑɹtɪd ənd ɹæðɜ˞ sɛlfɪʃ ɪz tə bi ɪl dɪspoʊzd",
    "librivox_0920": "hæd hi mɛɹid ə mɔɹ eɪmiəbəl wʊmən hi maɪt hæv bɪn meɪd stɪl mɔɹ ɹɪspɛktəbəl ðən hi wɑz",
    "librivox_0930": "hi maɪt ivɪn hæv bɪn meɪd eɪmiəbəl hɪmsɛlf",
}


def require_shared_data(*names: str) -> None:
    """Ends a benchmark with one line where folders of the data outside the repository are absent."""
    absent = [name for name in names if not (SHARED_DATA / name).is_dir()]
    if absent:
        print(f"{SHARED_DATA} has no {', '.join(absent)}: set PRONUNCIATION_DATA to the folder of the recordings")
        raise SystemExit(1)


def spoken(name: str) -> str:
    """Returns the phones of a clip, which the small POWSMs were trained to write, without word boundaries."""
    return CLIP_IPA[name].replace(" ", "")


@dataclass(frozen=True)
class Clip:
    """A LibriVox recording, its text, and the phones as MFA 3.4.3 of conda-forge aligned them."""

    name: str
    audio: Samples
    text: str
    phones: list[str]
    golden: list[PhoneInterval]


def read_clip(path: Path) -> Clip:
    """Returns a clip with its golden alignment, pauses left out."""
    golden = json.loads((DATA / "golden_alignments.json").read_text(encoding="utf-8"))["utterances"]
    utterance = next(value for key, value in golden.items() if key[-4:] == path.stem[-4:])
    audio = soundfile.read(path, dtype="float32")[0].astype(np.float32)
    intervals = [
        PhoneInterval(i["phone"], i["start_sample"], i["end_sample"])
        for i in utterance["intervals"]
        if i["phone"] != "sil"
    ]
    return Clip(path.stem[-4:], audio, utterance["text"], utterance["phones"], intervals)


def from_mfa(phones: list[str]) -> list[str]:
    """Returns the phones of the golden file, which are MFA's, in our notation: `aj` is `a ɪ`."""
    offglides = str.maketrans({"j": "ɪ", "w": "ʊ"})
    return [
        phone
        for label in phones
        for phone in parse_ipa(label[0] + label[1:].translate(offglides) if label[1:] in ("j", "w") else label)
    ]
