"""POWSM without a decoder (`espnet/powsm_ctc`): ESPnet's tokens, windows, both layouts of weights, what it refuses."""

import dataclasses
import random
import shutil
from itertools import groupby
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
import yaml

pytest.importorskip("espnet2", reason="the powsm extra is not installed")

import torch
from espnet2.asr.encoder import e_branchformer_ctc_encoder
from espnet2.bin.s2t_inference_ctc import Speech2TextGreedySearch
from torch import Tensor

from assessment.assess import Assessor
from ipa_generation.generate import Generator
from shared.ctc.posteriors import best_path
from shared.errors import InvalidInputError, ModelUnavailableError
from shared.recognizers.powsm.checkpoint import find_checkpoint
from shared.recognizers.powsm.ctc_recognizer import PowsmCtcRecognizer
from shared.recognizers.powsm.framing import Framing
from shared.recognizers.powsm.loader import load_powsm
from shared.recognizers.powsm.tokens import phone_of
from shared.serving.settings import Settings
from tests.support.data import CLIP_IPA, DATA, POWSM_CTC_MINI, POWSM_MINI, Clip, read_clip, spoken
from tests.support.powsm_checkpoints import WEIGHTS, LaterSubsampling, write_random_checkpoint

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {
    "size": 32,
    "heads": 4,
    "encoder_blocks": 4,
    "prompt_size": 16,
    "prompt_heads": 2,
    "prompt_blocks": 1,
    "conditioned_blocks": [1, 3],
}
SAMPLE_RATE, STRIDE, WINDOW = 16_000, 640, 320_000
RECORDINGS = {"random": 120, "trained": 30}


@pytest.fixture(scope="module")
def powsm_ctc() -> PowsmCtcRecognizer:
    return PowsmCtcRecognizer(find_checkpoint(str(POWSM_CTC_MINI)))


@pytest.fixture(params=sorted(CLIP_IPA))
def recording(request: pytest.FixtureRequest) -> Clip:
    return dataclasses.replace(read_clip(DATA / f"{request.param}.wav"), name=request.param)


def test_it_transcribes_the_phones(powsm_ctc: PowsmCtcRecognizer, recording: Clip) -> None:
    transcription = powsm_ctc.transcribe(recording.audio)
    assert "".join(transcription.phones) == spoken(recording.name)
    assert transcription.posteriors.frame_stride == STRIDE
    assert len(transcription.posteriors.log_probs) == -(-len(recording.audio) // STRIDE)
    np.testing.assert_allclose(np.exp(transcription.posteriors.log_probs).sum(axis=1), 1, atol=1e-3)


def test_the_kind_is_that_of_the_configuration(tmp_path: Path) -> None:
    folder = shutil.copytree(POWSM_CTC_MINI, tmp_path / "powsm")
    assert load_powsm(str(folder)).name == "powsm_ctc"
    assert load_powsm(str(POWSM_MINI)).name == "powsm"


def test_a_long_recording_is_read_in_windows(powsm_ctc: PowsmCtcRecognizer) -> None:
    """Speech lies across the edges of windows, at 12 and 24 s, and in the last one."""
    audio = np.zeros(30 * SAMPLE_RATE, np.float32)
    names = {"librivox_0880": 10.5, "librivox_0930": 22.5, "librivox_0890": 26.5}
    for name, seconds in names.items():
        speech = read_clip(DATA / f"{name}.wav").audio[: round((30 - seconds) * SAMPLE_RATE)]
        audio[round(seconds * SAMPLE_RATE) :][: len(speech)] = speech
    transcription = powsm_ctc.transcribe(audio)
    assert len(transcription.posteriors.log_probs) == len(audio) // STRIDE
    assert "".join(transcription.phones).startswith(spoken("librivox_0880") + spoken("librivox_0930"))


@pytest.mark.parametrize("samples", [WINDOW + STRIDE, 2 * WINDOW, 700_001])
def test_a_window_is_read_without_its_context(powsm_ctc: PowsmCtcRecognizer, samples: int) -> None:
    """12 s of each 20, as ESPnet's `batch_decode` with 4 s of context."""
    audio = np.random.default_rng(0).normal(0, 0.1, samples).astype(np.float32)
    log_probs = powsm_ctc.transcribe(audio).posteriors.log_probs
    assert len(log_probs) == -(-samples // STRIDE)
    second = powsm_ctc.encode([audio[8 * SAMPLE_RATE : 28 * SAMPLE_RATE]], "eng")[0]
    own = powsm_ctc.log_probs(second, 400)[100 : len(log_probs) - 200]
    np.testing.assert_allclose(log_probs[300:600], own, atol=1e-3)


def test_posteriors_begin_with_the_recording(powsm_ctc: PowsmCtcRecognizer, recording: Clip) -> None:
    """The first two positions are the prefix's: the language and the task, which have no time."""
    posteriors = powsm_ctc.transcribe(recording.audio).posteriors
    tokens = powsm_ctc.network.ctc.argmax(powsm_ctc.encode([recording.audio], "eng"))[0].tolist()
    names = [powsm_ctc.network.token_list[token] for token in tokens]
    frames = [posteriors.labels[column] for column in posteriors.log_probs.argmax(axis=1)]
    assert [phone_of(name) for name in names[2 : 2 + len(frames)]] == frames
    assert frames != [phone_of(name) for name in names[: len(frames)]]


@pytest.mark.parametrize("samples", [0, 1, STRIDE + 1])
def test_the_shortest_recordings_have_their_frames(powsm_ctc: PowsmCtcRecognizer, samples: int) -> None:
    posteriors = powsm_ctc.transcribe(np.zeros(samples, np.float32)).posteriors
    assert posteriors.log_probs.shape == (-(-samples // STRIDE), len(posteriors.labels))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("small")
    write_random_checkpoint(folder, vocabulary=1000, with_decoder=False, **SMALL)
    return folder


@pytest.mark.parametrize("checkpoint", ["random", "trained"])
def test_recordings_give_espnets_tokens(checkpoint: str, small: Path, tmp_path: Path, clips: list[Clip]) -> None:
    folder = {"random": small, "trained": POWSM_CTC_MINI}[checkpoint]
    found = find_checkpoint(str(folder))
    config = tmp_path / "with_paths.yaml"
    config.write_text(yaml.safe_dump(found.config))
    with mock.patch.object(e_branchformer_ctc_encoder, "Conv2dSubsampling", LaterSubsampling):
        espnet = Speech2TextGreedySearch(config, found.weights, bpemodel=str(found.bpe_model))
    powsm_ctc = PowsmCtcRecognizer(found, "cpu")
    random_, noise = random.Random(0), np.random.default_rng(0)  # noqa: S311 (no secret)
    speech = np.concatenate([clip.audio for clip in clips])
    written = set()
    for _ in range(RECORDINGS[checkpoint]):
        start, length = random_.randrange(len(speech)), random_.randint(STRIDE, WINDOW + STRIDE)
        audio = speech[start : start + length] * np.float32(random_.uniform(0.1, 2))
        audio = audio + noise.normal(0, random_.choice([0, 0.01, 0.1]), len(audio)).astype(np.float32)
        language = random_.choice(["eng", "deu", "unk"])
        padded = powsm_ctc.framing.pad([audio])[0]
        [(_, _, tokens, _, _)] = espnet(padded, lang_sym=f"<{language}>", task_sym="<pr>")
        frames = powsm_ctc.network.ctc.argmax(powsm_ctc.encode([audio], language))[0].tolist()
        assert [token for token, _ in groupby(frames) if token != powsm_ctc.network.blank_id] == tokens
        written.add(tuple(tokens))
    assert len(written) > RECORDINGS[checkpoint] / 4  # they differ, though random weights write few tokens


def test_the_weights_of_later_releases_are_read(powsm_ctc: PowsmCtcRecognizer, tmp_path: Path, clip: Clip) -> None:
    """Up to 202511 the projection of `conv2d` is `embed.out.0`, after it `embed.out`."""
    folder = shutil.copytree(POWSM_CTC_MINI, tmp_path / "later")
    weights = torch.load(folder / WEIGHTS, weights_only=True)
    for name in ("weight", "bias"):
        weights[f"encoder.embed.out.{name}"] = weights.pop(f"encoder.embed.out.0.{name}")
    torch.save(weights, folder / WEIGHTS)
    later = PowsmCtcRecognizer(find_checkpoint(str(folder)))
    assert torch.equal(later.encode([clip.audio], "eng"), powsm_ctc.encode([clip.audio], "eng"))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"ctc.ctc_lo.bias": None}, r"the checkpoint's weights lack ctc.ctc_lo.bias \(of 1 so\)"),
        ({"encoder.embed.out.0.bias": None}, "lack encoder.embed.out.0.bias"),
        ({"decoder.bias": torch.zeros(1)}, "have, against their configuration, decoder.bias"),
    ],
)
def test_what_is_missing_or_too_many_is_named(changed: dict[str, Tensor | None], message: str, tmp_path: Path) -> None:
    folder = shutil.copytree(POWSM_CTC_MINI, tmp_path / "changed")
    weights = torch.load(folder / WEIGHTS, weights_only=True) | changed
    torch.save({name: value for name, value in weights.items() if value is not None}, folder / WEIGHTS)
    with pytest.raises(ModelUnavailableError, match=message):
        load_powsm(str(folder))


def test_the_language_is_a_prefix(powsm_ctc: PowsmCtcRecognizer, clip: Clip) -> None:
    german, english = (powsm_ctc.encode([clip.audio], language) for language in ("deu", "eng"))
    assert not torch.equal(german, english)


@pytest.mark.parametrize("language", ["en", "xyz", "sos", ""])
def test_an_unknown_language_is_refused(powsm_ctc: PowsmCtcRecognizer, language: str) -> None:
    with pytest.raises(InvalidInputError, match=r"cmn, deu, eng"):
        powsm_ctc.transcribe(np.zeros(STRIDE, np.float32), language)


def test_a_text_has_the_pronunciations_of_the_dictionary_that_are_closest_to_its_recording() -> None:
    generator = Generator(Settings(recognizer="powsm", powsm_model=str(POWSM_CTC_MINI)))
    recording = str(DATA / "librivox_0880.wav")
    generator.warm_up()
    assert "".join(generator.generate("he was not an ill disposed young man", recording).phones) == (
        "hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn"
    )
    with pytest.raises(InvalidInputError, match="powsm_ctc reads no text"):
        generator.generate("er war nicht", recording, "deu")


def test_decoding_by_attention_is_refused_at_start() -> None:
    with pytest.raises(ModelUnavailableError, match="POWSM_DECODING=attention needs a decoder"):
        load_powsm(str(POWSM_CTC_MINI), decoding="attention")


def test_a_scored_answer(recording: Clip) -> None:
    """From the checkpoint's folder to errors with timestamps, on real speech."""
    assessor = Assessor(Settings(recognizer="powsm", powsm_model=str(POWSM_CTC_MINI)))
    uri = str(DATA / f"{recording.name}.wav")
    clean = assessor.assess(uri, CLIP_IPA[recording.name])
    assert clean.errors == []
    assert clean.engine.recognizer == "powsm_ctc"
    [error] = assessor.assess(uri, CLIP_IPA[recording.name].replace("d", "b", 1)).errors
    assert (error.type, error.expected, error.actual) == ("substitute", "b", "d")


@pytest.mark.parametrize("folder", [POWSM_MINI, POWSM_CTC_MINI], ids=["powsm", "powsm_ctc"])
def test_a_shorter_window(folder: Path, clip: Clip) -> None:
    """Has the frames of the recording, for a recording within the window and for one beyond it."""
    recognizer = load_powsm(str(folder), window_seconds=5.01)
    for audio in (clip.audio, np.tile(clip.audio, 4)):
        posteriors = recognizer.transcribe(audio).posteriors
        assert len(posteriors.log_probs) == -(-len(audio) // STRIDE)
        assert best_path(posteriors)


def test_a_window_has_whole_frames() -> None:
    config = find_checkpoint(str(POWSM_MINI)).config
    assert Framing.from_config(config).max_samples == WINDOW
    assert Framing.from_config(config, 5.01).max_samples == 125 * STRIDE
