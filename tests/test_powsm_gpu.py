"""POWSM on a GPU: the phones that a CPU transcribes, and an error after which a worker is of no use."""

import itertools
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("espnet2", reason="the powsm extra is not installed")

import torch

from shared.recognizers.powsm.loader import load_powsm
from tests.support.data import DATA, POWSM_CTC_MINI, POWSM_MINI, read_clip
from tests.support.process import output, run_python

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")]

CLIPS = [read_clip(path).audio for path in sorted(DATA.glob("librivox_*.wav"))]
# Two of them in a row are more than the small models' window: they go through the network as a batch.
RECORDINGS = [*CLIPS, *map(np.concatenate, itertools.pairwise(CLIPS)), np.concatenate(CLIPS)]

FATAL_ERROR = """
import torch
from shared.serving.job import is_fatal_cuda_error

def fails(call):
    try:
        call()
    except Exception as error:
        return is_fatal_cuda_error(error)

table, index = torch.zeros(2, 2, device="cuda"), torch.tensor([5], device="cuda")
print(fails(lambda: torch.zeros(2**50, device="cuda")))
print(fails(lambda: torch.embedding(table, index).sum().item()), fails(lambda: table.sum().item()))
"""


@pytest.mark.parametrize("has_bfloat16", [True, False], ids=["bfloat16", "float16"])
@pytest.mark.parametrize("checkpoint", [POWSM_MINI, POWSM_CTC_MINI], ids=["powsm", "powsm_ctc"])
def test_the_phones_are_those_of_a_cpu(checkpoint: Path, has_bfloat16: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: has_bfloat16)
    on_cpu, on_gpu = (load_powsm(str(checkpoint), device) for device in ("cpu", "cuda"))
    for recording in RECORDINGS:
        expected, found = on_cpu.transcribe(recording), on_gpu.transcribe(recording)
        assert found.phones == expected.phones
        np.testing.assert_allclose(np.exp(found.posteriors.log_probs), np.exp(expected.posteriors.log_probs), atol=0.1)


def test_the_decoder_writes_what_it_writes_on_a_cpu() -> None:
    on_cpu, on_gpu = (load_powsm(str(POWSM_MINI), device, "attention") for device in ("cpu", "cuda"))
    for recording in RECORDINGS:
        assert on_gpu.transcribe(recording).phones == on_cpu.transcribe(recording).phones


def test_an_error_of_cuda_is_fatal_and_a_lack_of_memory_is_not() -> None:
    """After the first, every call fails; after the second, the next job can be done."""
    assert output(run_python("-c", FATAL_ERROR)).split() == ["False", "True", "True"]
