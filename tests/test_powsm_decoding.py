"""The decoder with a KV cache writes the tokens that ESPnet's own inference writes at beam 1."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

pytest.importorskip("espnet2", reason="the powsm extra is not installed")

import torch
from espnet.nets.pytorch_backend.transformer.subsampling import Conv2dSubsampling
from espnet2.bin.s2t_inference import Speech2Text

from shared.audio.samples import Samples
from shared.recognizers.powsm.checkpoint import find_checkpoint
from shared.recognizers.powsm.recognizer import PowsmRecognizer
from shared.recognizers.powsm.subsampling import Subsampling
from tests.support.data import CLIP_IPA, DATA, POWSM_MINI, read_clip
from tests.support.powsm_checkpoints import write_random_checkpoint

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {"size": 32, "heads": 4, "encoder_blocks": 1, "decoder_blocks": 2}
WORDS = "he was not an ill disposed young man zebra QUEUE".split()
PROMPTS = 200
RECIPE = {"beam_size": 1, "ctc_weight": 0.3, "maxlenratio": 0.4}


def upstream(folder: Path, scratch: Path, **options: Any) -> Speech2Text:
    """Returns ESPnet's inference over a checkpoint."""
    checkpoint = find_checkpoint(str(folder))
    config = scratch / "with_paths.yaml"
    config.write_text(yaml.safe_dump(checkpoint.config))
    return Speech2Text(config, checkpoint.weights, bpemodel=str(checkpoint.bpe_model), **options)


def upstream_tokens(speech2text: Speech2Text, audio: Samples, text: str | None) -> list[int]:
    """Returns what ESPnet writes after language, task and `<notimestamps>`."""
    task = "<pr>" if text is None else "<g2p>"
    [(_, _, tokens, _, _)] = speech2text(audio, text_prev=text or "<na>", lang_sym="<eng>", task_sym=task)
    return list(tokens[3:])


def own_tokens(model: PowsmRecognizer, audio: Samples, text: str | None, max_tokens: int) -> list[int]:
    prompt = model.prompt("<pr>" if text is None else "<g2p>", "eng", text)
    return model.decode(model.encode([audio]), prompt, max_tokens)[0]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("small")
    write_random_checkpoint(folder, vocabulary=1000, **SMALL)
    return folder


def test_random_prompts_and_recordings_give_espnets_tokens(small: Path, tmp_path: Path) -> None:
    max_tokens = 16
    speech2text = upstream(small, tmp_path, beam_size=1, maxlenratio=-max_tokens)
    model = PowsmRecognizer(find_checkpoint(str(small)), "cpu")
    random_, noise = random.Random(0), np.random.default_rng(0)  # noqa: S311 (no secret)
    for index in range(PROMPTS):
        audio = noise.normal(0, random_.random(), random_.randint(640, 340_000)).astype(np.float32)
        text = " ".join(random_.choices(WORDS, k=random_.randint(1, 30))) if index % 2 else None
        assert own_tokens(model, audio, text, max_tokens) == upstream_tokens(speech2text, audio, text)


def test_speech_gives_the_tokens_of_the_recipes_decoding(tmp_path: Path) -> None:
    """CTC scores choose no other token, since ESPnet's pre-beam keeps one candidate; texts end by themselves."""
    speech2text = upstream(POWSM_MINI, tmp_path, **RECIPE)
    model = PowsmRecognizer(find_checkpoint(str(POWSM_MINI)), "cpu")
    for name in CLIP_IPA:
        clip = read_clip(DATA / f"{name}.wav")
        for text in (None, clip.text):
            assert own_tokens(model, clip.audio, text, 199) == upstream_tokens(speech2text, clip.audio, text)


def test_pieces_are_decoded_alike_alone_and_together(small: Path) -> None:
    model = PowsmRecognizer(find_checkpoint(str(small)), "cpu")
    audio = np.random.default_rng(1).normal(0, 0.1, (3, 48_000)).astype(np.float32)
    together = model.decode(model.encode(list(audio)), model.prompt("<pr>", "eng"), 30)
    assert together == [own_tokens(model, alone, None, 30) for alone in audio]


def test_the_real_size_gives_espnets_tokens(tmp_path: Path) -> None:
    """343.6 million parameters, as POWSM has."""
    torch.manual_seed(0)
    write_random_checkpoint(tmp_path, vocabulary=40_000)
    audio = np.random.default_rng(0).normal(0, 0.1, 48_000).astype(np.float32)
    speech2text = upstream(tmp_path, tmp_path, beam_size=1, maxlenratio=-20)
    theirs = [upstream_tokens(speech2text, audio, text) for text in (None, "he was not")]
    del speech2text
    model = PowsmRecognizer(find_checkpoint(str(tmp_path)), "cpu")
    assert round(sum(weights.numel() for weights in model.network.parameters()) / 1e5) == 3436
    assert [own_tokens(model, audio, text, 20) for text in (None, "he was not")] == theirs


@pytest.mark.parametrize("constant", [0, 1, 50, 100, 101])
@pytest.mark.parametrize("prefix_length", [0, 2])
def test_a_constant_tail_is_subsampled_as_ever(constant: int, prefix_length: int) -> None:
    espnets = Conv2dSubsampling(20, 8, 0.0)
    features, mask = torch.randn(2, 101, 20), torch.ones(2, 1, 101, dtype=torch.bool)
    features[:, 101 - constant :] = -1.0
    prefix = torch.randn(2, prefix_length, 8)
    projected = espnets.out[0](espnets.conv(features[:, None]).transpose(1, 2).flatten(2))
    expected = espnets.out[1](torch.cat([prefix, projected], dim=1))
    embedded, new_mask = Subsampling(espnets)(features, mask, prefix)
    torch.testing.assert_close(embedded, expected)
    assert new_mask is not None
    assert new_mask.shape == (2, 1, embedded.shape[1])
    if not prefix_length:
        torch.testing.assert_close(embedded, espnets(features, mask)[0])


def test_suppressed_tokens_are_not_written(small: Path) -> None:
    model = PowsmRecognizer(find_checkpoint(str(small)), "cpu")
    suppressed = model.time_tokens
    model.network.decoder.output_layer.bias[suppressed] = 1e4
    tokens = own_tokens(model, np.zeros(640, np.float32), None, 5)
    assert not set(tokens) & set(range(suppressed.start, suppressed.stop))
