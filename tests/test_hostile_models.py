"""A model's files that would run code when they are read: they are not read."""

import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("espnet2", reason="the powsm extra is not installed")

import torch

from shared.errors import ModelUnavailableError
from shared.recognizers.powsm.checkpoint import find_checkpoint
from shared.recognizers.powsm.recognizer import PowsmRecognizer
from tests.support.data import POWSM_MINI
from tests.support.powsm_checkpoints import CONFIG, STATISTICS, WEIGHTS

pytestmark = pytest.mark.slow


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self._folder),)


@pytest.fixture
def sprung(tmp_path: Path) -> Path:
    return tmp_path / "sprung"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return Path(shutil.copytree(POWSM_MINI, tmp_path / "model"))


def test_the_trap_works(sprung: Path) -> None:
    pickle.loads(pickle.dumps(Trap(sprung)))  # noqa: S301 (our own)
    assert sprung.is_dir()


def test_weights(checkpoint: Path, sprung: Path) -> None:
    torch.save({"encoder": Trap(sprung)}, checkpoint / WEIGHTS)
    assert_refused(checkpoint, sprung)


def test_statistics(checkpoint: Path, sprung: Path) -> None:
    np.savez(checkpoint / STATISTICS, allow_pickle=True, count=np.array([Trap(sprung)], dtype=object))
    assert_refused(checkpoint, sprung)


def test_configuration(checkpoint: Path, sprung: Path) -> None:
    (checkpoint / CONFIG).write_text(f"!!python/object/apply:os.mkdir ['{sprung}']")
    assert_refused(checkpoint, sprung)


def assert_refused(checkpoint: Path, sprung: Path) -> None:
    with pytest.raises(ModelUnavailableError):
        PowsmRecognizer(find_checkpoint(str(checkpoint)))
    assert not sprung.exists()
