"""The acoustic model as MFA itself runs it: against a stand-in of kalpy everywhere, the real one in the image."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from alignment.mfa import BUNDLED_MODEL, MfaAligner
from shared.errors import AlignmentFailedError, ModelUnavailableError
from tests.support import kalpy_stand_in
from tests.support.boundaries import differences
from tests.support.data import Clip, from_mfa


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    kalpy_stand_in.install(monkeypatch)


@pytest.mark.usefixtures("stand_in")
def test_kalpys_alignments_are_taken_as_they_are(clips: list[Clip]) -> None:
    aligner = MfaAligner(runtime="auto")
    assert aligner.name == "mfa mfa_english_so762 (kalpy)"
    for clip in clips:
        assert max(differences(aligner.align_phonemes(clip.audio, from_mfa(clip.phones)), clip.golden)) == 0


@pytest.mark.usefixtures("stand_in")
def test_position_dependent_models_tag_their_phones(clip: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kalpy_stand_in.AcousticModel, "position_dependent_phones", True)
    intervals = MfaAligner(runtime="kalpy").align_phonemes(clip.audio, from_mfa(clip.phones))
    assert max(differences(intervals, clip.golden)) == 0


@pytest.mark.usefixtures("stand_in")
def test_a_path_that_kalpy_does_not_find_is_an_error(clip: Clip) -> None:
    with pytest.raises(AlignmentFailedError):
        MfaAligner(runtime="kalpy").align_phonemes(clip.audio, ["h", "i"])


@pytest.mark.skipif(importlib.util.find_spec("kalpy") is not None, reason="kalpy is installed here")
def test_without_kalpy_viter_runs_the_model() -> None:
    assert MfaAligner(runtime="auto").name == "mfa mfa_english_so762 (viter)"
    with pytest.raises(ModelUnavailableError, match="needs kalpy installed"):
        MfaAligner(runtime="kalpy")


def test_a_model_is_found_by_name_where_mfa_downloads_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "pretrained_models" / "acoustic"
    folder.mkdir(parents=True)
    (folder / "english_mfa.zip").write_bytes(BUNDLED_MODEL.read_bytes())
    monkeypatch.setenv("MFA_ROOT_DIR", str(tmp_path))
    assert MfaAligner("english_mfa", "viter").name == "mfa english_mfa (viter)"


@pytest.mark.image
@pytest.mark.skipif(importlib.util.find_spec("kalpy") is None, reason="kalpy comes from conda-forge: run in the image")
def test_the_real_kalpy_finds_the_golden_alignments(clips: list[Clip]) -> None:
    aligner = MfaAligner(runtime="kalpy")
    errors_ms = [
        difference
        for clip in clips
        for difference in differences(aligner.align_phonemes(clip.audio, from_mfa(clip.phones)), clip.golden)
    ]
    assert np.mean(np.array(errors_ms) <= 20) >= 0.95
    with pytest.raises(AlignmentFailedError):
        aligner.align_phonemes(np.zeros(16_000, dtype=np.float32), ["h"])
