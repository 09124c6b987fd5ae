"""Checkpoints as ESPnet packs them, from a file, a URL or the model zoo; and models that are no POWSM."""

import contextlib
import functools
import http.server
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("espnet2", reason="the powsm extra is not installed")

import torch
from espnet2.main_funcs.pack_funcs import pack

from shared.errors import ModelUnavailableError
from shared.recognizers.powsm.checkpoint import find_checkpoint
from shared.recognizers.powsm.loader import load_powsm
from tests.support.data import CLIP_IPA, POWSM_CTC_MINI, POWSM_MINI, Clip
from tests.support.powsm_checkpoints import BPE_MODEL, CONFIG, STATISTICS, WEIGHTS

pytestmark = pytest.mark.slow

SYMBOLS = {"notime_symbol": "<notimestamps>", "first_time_symbol": "<0.00>", "last_time_symbol": "<20.00>"}


@pytest.fixture(autouse=True)
def model_zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns where the model zoo keeps its files: beside Hugging Face's cache."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache" / "hub"))
    return tmp_path / "cache" / "espnet_model_zoo"


def packed(
    checkpoint: Path, archive: Path, *, task: str = "s2t", option: tuple[Path, ...] = (BPE_MODEL, STATISTICS)
) -> str:
    """Packs a checkpoint with ESPnet's own function, as `espnet2.bin.pack` calls it; returns the archive."""
    with contextlib.chdir(checkpoint):
        pack(
            files={f"{task}_model_file": WEIGHTS},
            yaml_files={f"{task}_train_config": CONFIG},
            option=option,
            outpath=archive,
        )
    return str(archive)


@pytest.mark.parametrize("checkpoint", [POWSM_MINI, POWSM_CTC_MINI], ids=["powsm", "powsm_ctc"])
@pytest.mark.parametrize("name", ["model.zip", "model.tgz"])
def test_an_archive(checkpoint: Path, name: str, tmp_path: Path, clip: Clip, model_zoo: Path) -> None:
    recognizer = load_powsm(packed(checkpoint, tmp_path / name))
    assert "".join(recognizer.transcribe(clip.audio).phones) == CLIP_IPA[f"librivox_{clip.name}"].replace(" ", "")
    assert model_zoo.is_dir()


def test_a_new_archive_in_the_place_of_an_old_one(tmp_path: Path) -> None:
    assert load_powsm(packed(POWSM_MINI, tmp_path / "model.zip")).name == "powsm"
    assert load_powsm(packed(POWSM_CTC_MINI, tmp_path / "model.zip")).name == "powsm_ctc"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Serves a folder, `served`, as a model store does."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


def test_a_url(server: str, tmp_path: Path) -> None:
    packed(POWSM_MINI, tmp_path / "served" / "model.zip")
    assert find_checkpoint(f"{server}/model.zip").has_decoder
    with pytest.raises(ModelUnavailableError, match=r"POWSM_MODEL=http://127.0.0.1:\d+/other.zip: no archive"):
        find_checkpoint(f"{server}/other.zip")


def test_a_name_in_the_model_zoos_table_is_looked_up_there(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def refuse(host: str, *_: object, **__: object) -> None:
        asked.append(host)
        raise OSError("no network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(ModelUnavailableError, match="no archive packed by ESPnet: ConnectionError"):
        find_checkpoint("kamo-naoyuki/mini_an4_asr_train_raw_bpe_valid.acc.best")
    assert set(asked) == {"zenodo.org"}


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize("checkpoint", [POWSM_MINI, POWSM_CTC_MINI])
def test_a_gpu_that_is_not_there_is_one_line(checkpoint: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="POWSM_DEVICE=cuda needs a GPU"):
        load_powsm(str(checkpoint), "cuda")


def test_a_path_that_leads_nowhere_is_no_name_to_download(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="there is no such folder or file"):
        find_checkpoint(str(tmp_path / "none.zip"))


def test_a_cache_that_cannot_be_made_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "file" / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelUnavailableError, match=r"POWSM_MODEL=some/powsm: .*Hugging Face has no meta.yaml"):
        find_checkpoint("some/powsm")


def test_what_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "model.zip").write_bytes(b"no archive")
    with pytest.raises(ModelUnavailableError, match="no archive packed by ESPnet: BadZipFile"):
        find_checkpoint(str(tmp_path / "model.zip"))
    (tmp_path / "model.pth").write_bytes(b"")
    with pytest.raises(ModelUnavailableError, match="Cannot detect archive format"):
        find_checkpoint(str(tmp_path / "model.pth"))


def test_an_archive_of_another_task(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"has no ESPnet checkpoint: KeyError\('s2t_train_config'\)"):
        find_checkpoint(packed(POWSM_MINI, tmp_path / "model.zip", task="asr"))


def test_an_archive_without_the_bpe_model(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"the archive has no data/token_list/bpe_unigram/bpe.model"):
        find_checkpoint(packed(POWSM_MINI, tmp_path / "model.zip", option=(STATISTICS,)))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"model": "espnet_qwen"}, "its model is 'espnet_qwen', not one of espnet, espnet_ctc"),
        ({"token_list": ["<unk>", "<blank>"]}, "its first token is '<unk>', not the CTC blank"),
        ({"token_list": ["<blank>", "<unk>", "/a/"]}, "it has no token <pr>"),
        ({"token_list": ["<blank>", "<pr>", "/a/"]}, "it has no token <g2p>"),
        ({"token_list": ["<blank>", "<pr>", "<g2p>", "/a/"]}, "it has no token <notimestamps>"),
        ({"preprocessor_conf": {"speech_length": 20}}, "it has no token for its notime_symbol"),
        ({"preprocessor_conf": {**SYMBOLS}}, "its preprocessor_conf has no speech_length"),
        (
            {"token_list": ["<blank>", "<pr>", "<g2p>", *SYMBOLS.values()]},
            "none of its tokens is a phone between slashes",
        ),
        ({"token_list": []}, "no ESPnet checkpoint: IndexError"),
        ({"encoder_conf": {"input_layer": "conv2d8"}}, "the input layer of its encoder is 'conv2d8', not 'conv2d'"),
        (
            {"preprocessor_conf": {**SYMBOLS, "speech_length": 20, "fs": 8000}},
            "it takes 8000 samples a second, not 16000",
        ),
        (
            {"preprocessor_conf": {**SYMBOLS, "speech_length": 20, "speech_resolution": 0.02}},
            "its speech_resolution is 0.02 s, but a frame",
        ),
        ({"frontend_conf": {"hop_length": 128}}, "its speech_resolution is 0.04 s, but a frame of its encoder 0.032 s"),
        ({"encoder": "conformer"}, "the encoder 'conformer', which POWSM does not have"),
    ],
)
def test_a_model_of_another_kind_is_refused_at_start(changed: dict[str, Any], message: str, tmp_path: Path) -> None:
    folder = shutil.copytree(POWSM_MINI, tmp_path / "model")
    config = yaml.safe_load((folder / CONFIG).read_text(encoding="utf-8"))
    (folder / CONFIG).write_text(yaml.safe_dump(config | changed))
    with pytest.raises(ModelUnavailableError, match=message) as refused:
        load_powsm(str(folder))
    assert len(str(refused.value).splitlines()) == 1
