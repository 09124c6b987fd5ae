"""Speech, and the models loaded once for all tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from alignment.mfa import MfaAligner
from assessment.assess import Assessor
from assessment.report.answer import Assessed, assessed
from shared.g2p.dictionary import Dictionary
from shared.recognizers.embedded.recognizer import EmbeddedRecognizer
from shared.serving.settings import Settings
from tests.support.data import DATA, Clip, read_clip
from tests.support.report import NOT_SAID, WAV, detailed, doubted
from tests.support.sdk_server import sdk_server

# Speed is for the benchmarks: no test fails for a busy machine.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


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
    """The assessment worker behind its HTTP server."""
    with sdk_server("assessment") as url:
        yield url


@pytest.fixture(scope="session")
def ipa_generation_url() -> Iterator[str]:
    """The IPA generation worker behind its HTTP server."""
    with sdk_server("ipa_generation") as url:
        yield url


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A file of the admins' script that isn't there yet."""
    return tmp_path / "results.jsonl"


@pytest.fixture(scope="session")
def answer() -> dict[str, Any]:
    """An answer with phones substituted, inserted and deleted."""
    return doubted(detailed(NOT_SAID))


@pytest.fixture(scope="session")
def mangled(answer: dict[str, Any]) -> Assessed:
    """That answer with its recording."""
    return assessed(answer, WAV)
