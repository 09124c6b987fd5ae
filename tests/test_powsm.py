"""POWSM: prompts, phones, pieces, loading, and both decodings on real speech."""

import dataclasses
import re
import shutil
import socket
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("espnet2", reason="the powsm extra is not installed")

import shared.recognizers.powsm.checkpoint
from assessment.assess import Assessor
from shared.ctc.posteriors import best_path
from shared.errors import InvalidInputError, ModelUnavailableError
from shared.recognizers.powsm.checkpoint import META, find_checkpoint
from shared.recognizers.powsm.framing import Framing
from shared.recognizers.powsm.recognizer import PowsmRecognizer
from shared.recognizers.powsm.tokens import phone_of
from shared.serving.settings import Settings
from tests.support.data import CLIP_IPA, DATA, POWSM_MINI, Clip, read_clip, spoken
from tests.support.powsm_checkpoints import WEIGHTS
from tests.support.process import output, run_python

pytestmark = pytest.mark.slow

NAMES = sorted(CLIP_IPA)
STRIDE, MAX_SAMPLES = 640, 320_000


@pytest.fixture(scope="session")
def powsm() -> PowsmRecognizer:
    return PowsmRecognizer(find_checkpoint(str(POWSM_MINI)))


@pytest.fixture(params=NAMES)
def recording(request: pytest.FixtureRequest) -> Clip:
    return dataclasses.replace(read_clip(DATA / f"{request.param}.wav"), name=request.param)


def test_the_ctc_head_transcribes_the_phones(powsm: PowsmRecognizer, recording: Clip) -> None:
    assert "".join(powsm.transcribe(recording.audio).phones) == spoken(recording.name)


def test_attention_transcribes_the_phones(recording: Clip) -> None:
    by_attention = PowsmRecognizer(find_checkpoint(str(POWSM_MINI)), decoding="attention")
    assert "".join(by_attention.transcribe(recording.audio).phones) == spoken(recording.name)


def test_a_transcription_takes_no_decoder(powsm: PowsmRecognizer, clip: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    """The decoder rewrites learners' speech: assessment must not depend on it."""
    monkeypatch.delattr(powsm, "decode")
    assert "".join(powsm.transcribe(clip.audio).phones) == spoken(f"librivox_{clip.name}")


def test_g2p_writes_the_phones_of_the_text(powsm: PowsmRecognizer, recording: Clip) -> None:
    assert "".join(powsm.g2p(recording.text, recording.audio)) == spoken(recording.name)


def test_posteriors_cover_the_recording(powsm: PowsmRecognizer, recording: Clip) -> None:
    posteriors = powsm.transcribe(recording.audio).posteriors
    assert posteriors.frame_stride == STRIDE
    assert len(posteriors.log_probs) == -(-len(recording.audio) // STRIDE)
    np.testing.assert_allclose(np.exp(posteriors.log_probs).sum(axis=1), 1, atol=1e-3)
    assert "".join(best_path(posteriors)) == spoken(recording.name)


def test_a_long_recording_is_transcribed_piece_by_piece(powsm: PowsmRecognizer) -> None:
    first, second = (read_clip(DATA / f"{name}.wav").audio for name in ("librivox_0880", "librivox_0930"))
    # The cut is made in the last quiet place that the longest piece has: just before the second recording.
    audio = np.concatenate([first, np.zeros(MAX_SAMPLES - len(first), np.float32), second])
    transcription = powsm.transcribe(audio)
    assert "".join(transcription.phones) == spoken("librivox_0880") + spoken("librivox_0930")
    assert len(transcription.posteriors.log_probs) == -(-len(audio) // STRIDE)
    assert "".join(best_path(transcription.posteriors)) == "".join(transcription.phones)


@pytest.mark.parametrize("more", [0, 1, STRIDE - 1])
def test_twenty_seconds_and_a_little_are_one_piece(powsm: PowsmRecognizer, clip: Clip, more: int) -> None:
    audio = np.concatenate([clip.audio, np.zeros(MAX_SAMPLES + more - len(clip.audio), np.float32)])
    transcription = powsm.transcribe(audio)
    assert "".join(transcription.phones) == "".join(powsm.transcribe(clip.audio).phones)
    assert len(transcription.posteriors.log_probs) == 500 + (more > 0)
    assert "".join(powsm.g2p(clip.text, audio)) == "".join(transcription.phones)


def test_a_text_is_not_divided_over_pieces(powsm: PowsmRecognizer) -> None:
    with pytest.raises(InvalidInputError, match="longer than 20 s"):
        powsm.g2p("he was not", np.zeros(MAX_SAMPLES + STRIDE, np.float32))


FRAMING = Framing(stride=STRIDE, max_samples=20 * STRIDE)


@given(st.integers(0, 80 * STRIDE), st.integers(0, 2**32 - 1))
def test_pieces_have_no_gap_and_no_overlap(samples: int, seed: int) -> None:
    audio = np.random.default_rng(seed).normal(size=samples).astype(np.float32)
    pieces = FRAMING.split(audio)
    np.testing.assert_array_equal(np.concatenate(pieces), audio)
    assert all(len(piece) % STRIDE == 0 and len(piece) > 0 for piece in pieces[:-1])
    assert all(len(piece) < 21 * STRIDE for piece in pieces)


def test_a_recording_is_cut_in_the_middle_of_a_pause() -> None:
    audio = np.ones(40 * STRIDE, np.float32)
    audio[12 * STRIDE : 17 * STRIDE] = 0
    assert len(FRAMING.split(audio)[0]) == 14 * STRIDE


@pytest.mark.parametrize(("token", "phone"), [("/t͡ʃ/", "t͡ʃ"), ("▁/ɜ˞/", "ɜ˞"), ("/ǃ/", "ǃ"), ("▁", ""), ("//", "")])
def test_phone_of_a_token(token: str, phone: str) -> None:
    assert phone_of(token) == phone


@given(st.lists(st.integers(0, 600)))
def test_the_phones_of_tokens_are_those_between_slashes(powsm: PowsmRecognizer, tokens: list[int]) -> None:
    names = [powsm.network.token_list[token] for token in tokens]
    assert powsm.tokens.phones_of(tokens) == [
        name.strip("▁/") for name in names if name.strip("▁")[:1] == "/" and name != "/"
    ]


def test_a_prompt_has_the_text_the_language_and_the_task(powsm: PowsmRecognizer) -> None:
    def names(tokens: list[int]) -> list[str]:
        return [powsm.network.token_list[token] for token in tokens]

    assert names(powsm.prompt("<pr>", "deu")) == ["<sos>", "<deu>", "<pr>", "<notimestamps>"]
    with_text = names(powsm.prompt("<g2p>", "eng", "he <na> was /a/ not"))
    assert with_text[0] == "<sop>"
    assert with_text[-4:] == ["<sos>", "<eng>", "<g2p>", "<notimestamps>"]
    assert not {"<na>", "/a/"} & set(with_text)


@pytest.mark.parametrize("language", ["en", "xyz", "sos", "asr", "eng>", ""])
def test_an_unknown_language_is_refused(powsm: PowsmRecognizer, language: str) -> None:
    with pytest.raises(InvalidInputError, match=r"cmn, deu, eng"):
        powsm.transcribe(np.zeros(STRIDE, np.float32), language)


@pytest.mark.parametrize("text", ["", " ?!", "</>"])
def test_a_text_without_a_word_is_refused(powsm: PowsmRecognizer, text: str) -> None:
    with pytest.raises(InvalidInputError, match="no word"):
        powsm.g2p(text, np.zeros(STRIDE, np.float32))


@pytest.mark.parametrize("samples", [0, 1, STRIDE + 1])
def test_the_shortest_recordings_have_their_frames(powsm: PowsmRecognizer, samples: int) -> None:
    posteriors = powsm.transcribe(np.zeros(samples, np.float32)).posteriors
    assert posteriors.log_probs.shape == (-(-samples // STRIDE), len(posteriors.labels))


def cached(cache: Path, revision: str = "main") -> str:
    """Puts the checkpoint into a cache in Hugging Face's layout; returns its id."""
    repository = cache / "models--some--powsm"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / revision).write_text("0123abc")
    shutil.copytree(POWSM_MINI, repository / "snapshots" / "0123abc")
    return "some/powsm"


@pytest.fixture
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Returns empty stand-ins for RunPod's cache and Hugging Face's, on a machine without a network."""
    runpod, hugging_face = tmp_path / "runpod", tmp_path / "hugging_face"
    monkeypatch.setattr(shared.recognizers.powsm.checkpoint, "RUNPOD_CACHE", runpod)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(hugging_face))

    def refuse(*_: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _: None)  # before each of five retries
    return runpod, hugging_face


def test_runpods_cache_comes_first(caches: tuple[Path, Path]) -> None:
    model = cached(caches[1])
    assert caches[1] in find_checkpoint(model).weights.parents
    cached(caches[0])
    assert caches[0] in find_checkpoint(model).weights.parents


def test_a_revision_is_found_by_its_name(caches: tuple[Path, Path]) -> None:
    model = cached(caches[0], "v2")
    assert find_checkpoint(f"{model}@v2").weights.is_file()
    with pytest.raises(ModelUnavailableError, match=r"RunPod's model cache has no meta.yaml"):
        find_checkpoint(f"{model}@v3")


def test_a_cache_with_one_snapshot_and_no_names(caches: tuple[Path, Path]) -> None:
    model = cached(caches[0])
    shutil.rmtree(caches[0] / "models--some--powsm" / "refs")
    assert caches[0] in find_checkpoint(model).weights.parents


def test_loading_imports_nothing_that_downloads_and_prints_nothing() -> None:
    load = (
        "import sys\n"
        "from shared.recognizers.loader import load_recognizer\n"
        "from shared.serving.settings import Settings\n"
        f"load_recognizer(Settings(recognizer='powsm', powsm_model={str(POWSM_MINI)!r}))\n"
        "print('nltk' in sys.modules)"
    )
    assert output(run_python("-c", load)) == "False\n"


def test_a_missing_model_is_named(caches: tuple[Path, Path]) -> None:
    with pytest.raises(ModelUnavailableError, match=r"POWSM_MODEL=some/powsm.*Hugging Face has no meta.yaml"):
        find_checkpoint("some/powsm")


@pytest.mark.parametrize("missing", [META, str(WEIGHTS), "data/token_list/bpe_unigram/bpe.model"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    folder = shutil.copytree(POWSM_MINI, tmp_path / "model")
    (folder / missing).unlink()
    with pytest.raises(ModelUnavailableError, match=re.escape(f"the folder has no {missing}")):
        find_checkpoint(str(folder))


def test_the_files_are_those_that_meta_yaml_names(tmp_path: Path) -> None:
    folder = shutil.copytree(POWSM_MINI, tmp_path / "model")
    (folder / WEIGHTS.parent / "another.pth").write_bytes(b"")
    assert find_checkpoint(str(folder)).weights == folder / WEIGHTS


@pytest.mark.parametrize("content", [b"", b"no weights", b"\x80\x02N."])
def test_broken_weights_are_refused(tmp_path: Path, content: bytes) -> None:
    folder = shutil.copytree(POWSM_MINI, tmp_path / "model")
    (folder / WEIGHTS).write_bytes(content)
    with pytest.raises(ModelUnavailableError):
        PowsmRecognizer(find_checkpoint(str(folder)))


def test_a_scored_answer(recording: Clip) -> None:
    """From the checkpoint's folder to errors with timestamps, on real speech."""
    assessor = Assessor(Settings(recognizer="powsm", powsm_model=str(POWSM_MINI)))
    uri = str(DATA / f"{recording.name}.wav")
    assert assessor.assess(uri, CLIP_IPA[recording.name]).errors == []
    changed = assessor.assess(uri, CLIP_IPA[recording.name].replace("d", "b", 1))
    [error] = changed.errors
    assert (error.type, error.expected, error.actual) == ("substitute", "b", "d")
    assert 0 < error.timestamp.start < error.timestamp.end < len(recording.audio)
    assert changed.score < 1


def test_connected_speech_is_that_of_english() -> None:
    """A t between consonants is elided in English; the recording has none."""
    assessor = Assessor(Settings(recognizer="powsm", powsm_model=str(POWSM_MINI)))
    uri, target = str(DATA / "librivox_0880.wav"), CLIP_IPA["librivox_0880"].replace("ɪl ", "ɪlt ")
    assert assessor.assess(uri, target, language="eng").errors == []
    [error] = assessor.assess(uri, target, language="deu").errors
    assert (error.type, error.expected) == ("delete", "t")


@pytest.mark.parametrize(("written", "said"), [("ə", "ʌ"), ("æ̃", "æ"), ("ɒ", "ɑ"), ("t̪", "t")])
def test_allophones_are_those_of_english(written: str, said: str) -> None:
    """In another language they may distinguish words: French has vin, which is vɛ̃, and vais, which is vɛ."""
    assessor = Assessor(Settings(recognizer="powsm", powsm_model=str(POWSM_MINI)))
    uri, target = str(DATA / "librivox_0880.wav"), CLIP_IPA["librivox_0880"].replace(said, written)
    assert assessor.assess(uri, target, language="eng").errors == []
    [error] = assessor.assess(uri, target, language="deu").errors
    assert (error.type, error.expected, error.actual) == ("substitute", written, said)


@pytest.mark.parametrize(("written", "said"), [("iː", "i"), ("jʌˑŋ", "jʌŋ"), ("oʊ̯", "oʊ"), ("ˈmæn", "mæn")])
def test_notation_is_no_difference_in_any_language(written: str, said: str) -> None:
    assessor = Assessor(Settings(recognizer="powsm", powsm_model=str(POWSM_MINI)))
    uri, target = str(DATA / "librivox_0880.wav"), CLIP_IPA["librivox_0880"].replace(said, written)
    assert assessor.assess(uri, target, language="deu").errors == []


def test_a_fault_of_a_library_is_not_called_the_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("cannot cache function '__o_fold': no locator available\nfor file …")  # Numba's

    monkeypatch.setattr("shared.recognizers.powsm.model.build_model", fail)
    with pytest.raises(ModelUnavailableError, match="POWSM cannot be loaded: cannot cache function '__o_fold': no loc"):
        PowsmRecognizer(find_checkpoint(str(POWSM_MINI)))
