"""Speech, and the models loaded once for all tests."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import soundfile

from alignment.mfa import MfaAligner
from alignment.timing import PhoneInterval
from assessment.assess import Assessor
from shared.dictionary import Dictionary
from shared.embedded import EmbeddedRecognizer
from shared.phones import read_phones
from shared.recognizer import Samples
from shared.settings import Settings
from tests.sdk_server import ROOT, sdk_server

# Speed is for the benchmarks: no test fails for a busy machine.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

DATA = Path(__file__).parent / "data"

NODE_PACKAGES = ROOT / ".venv/node/node_modules/.bin"
needs_node = pytest.mark.skipif(not NODE_PACKAGES.exists(), reason="needs npm's packages: make .venv/node")


@dataclass(frozen=True)
class Clip:
    """A LibriVox recording, what is said in it, and where an MFA 3.4.3 of conda-forge placed the phones."""

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


@pytest.fixture(scope="session")
def clip() -> Clip:
    """He was not an ill disposed young man."""
    return read_clip(DATA / "librivox_0880.wav")


@pytest.fixture(scope="session")
def clips() -> list[Clip]:
    """The five LibriVox clips."""
    return [read_clip(path) for path in sorted(DATA.glob("librivox_*.wav"))]


@pytest.fixture(scope="session")
def recognizer() -> EmbeddedRecognizer:
    return EmbeddedRecognizer()


@pytest.fixture(scope="session")
def aligner() -> MfaAligner:
    return MfaAligner(runtime="viter")


@pytest.fixture(scope="session")
def dictionary() -> Dictionary:
    return Dictionary()


@pytest.fixture(scope="session")
def assessor() -> Assessor:
    return Assessor(Settings())


@pytest.fixture(scope="session")
def assessment_url() -> Iterator[str]:
    """The assessment worker behind the SDK's HTTP server."""
    with sdk_server("assessment") as url:
        yield url


@pytest.fixture(scope="session")
def ipa_generation_url() -> Iterator[str]:
    """The IPA generation worker behind the SDK's HTTP server."""
    with sdk_server("ipa_generation") as url:
        yield url


def from_mfa(phones: list[str]) -> list[str]:
    """Returns the phones of the golden file, which are MFA's, in our notation: `aj` is `a ɪ`."""
    offglides = str.maketrans({"j": "ɪ", "w": "ʊ"})
    return [
        phone
        for label in phones
        for phone in read_phones(label[0] + label[1:].translate(offglides) if label[1:] in ("j", "w") else label)
    ]
