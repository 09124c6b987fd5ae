"""The acoustic model as MFA itself runs it: against a stand-in of kalpy everywhere, the real one in the image."""

import importlib.util
import json
import os
import zipfile
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from alignment.mfa import BUNDLED_MODEL, MfaAligner
from alignment.mfa_runtimes import AcousticModel
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


@pytest.mark.usefixtures("stand_in")
def test_an_error_of_kaldi_is_an_alignment_that_failed(clip: Clip) -> None:
    aligner = MfaAligner(runtime="kalpy")
    with pytest.raises(AlignmentFailedError):
        aligner.align_phonemes(clip.audio * np.float32(1e32), from_mfa(clip.phones))


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("runtime", ["auto", "kalpy"])
def test_a_model_that_mfa_cannot_load_is_unavailable(
    runtime: Literal["auto", "kalpy"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kalpy_stand_in.AcousticModel, "broken", True)
    with pytest.raises(ModelUnavailableError, match=r"kalpy can't load mfa_english_so762.zip \(MfaError\)"):
        MfaAligner(runtime=runtime)


@pytest.mark.usefixtures("stand_in")
def test_importing_mfa_changes_no_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    MfaAligner(runtime="kalpy")
    assert os.environ["OMP_NUM_THREADS"] == "3"


def test_labels_without_an_id_in_the_model_are_not_used(tmp_path: Path) -> None:
    changed = tmp_path / "more.zip"
    with zipfile.ZipFile(BUNDLED_MODEL) as original, zipfile.ZipFile(changed, "w") as copy:
        for item in original.infolist():
            content = original.read(item)
            if item.filename.endswith("meta.json"):
                meta = json.loads(content)
                meta["phones"] = ["other_noise", *meta["phones"]]
                meta["phone_mapping"] = meta.get("phone_mapping") or {p: k for k, p in enumerate(meta["phones"][1:])}
                content = json.dumps(meta).encode()
            copy.writestr(item, content)
    assert AcousticModel.read(changed).labels == AcousticModel.read(BUNDLED_MODEL).labels


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
