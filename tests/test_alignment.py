"""Forced alignment: an acoustic model against MFA itself, and the CTC head's posteriors against both."""

import itertools
import json
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alignment import ctc
from alignment.decoding import decode
from alignment.mfa import BUNDLED_MODEL, CONTEXT_LABELS, FRAME_SHIFT, MfaAligner, align_phonemes, windows
from alignment.timing import PhoneInterval
from shared.audio.load import load_audio
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.ctc.alignment import forced_alignment
from shared.errors import AlignmentFailedError, ModelUnavailableError
from shared.phonology.ipa import parse_ipa, parse_words
from shared.recognizers.calibration import load_calibration
from shared.recognizers.embedded.recognizer import EmbeddedRecognizer
from tests.support.boundaries import differences
from tests.support.data import CLIP_IPA, DATA, Clip, from_mfa
from tests.support.phones import POWSM_PHONES
from tests.support.posteriors import align_phones, spikes
from tests.support.process import run_python


def assert_in_order(intervals: list[PhoneInterval], phones: list[str], num_samples: int) -> None:
    assert [interval.phoneme for interval in intervals] == phones
    ends = [0, *(interval.end_sample for interval in intervals)]
    assert all(interval.start_sample >= end for interval, end in zip(intervals, ends, strict=False))
    assert all(interval.end_sample > interval.start_sample for interval in intervals)
    assert ends[-1] <= num_samples


def test_alignments_are_those_of_mfa(aligner: MfaAligner, clips: list[Clip]) -> None:
    errors_ms = [
        difference
        for clip in clips
        for difference in differences(aligner.align_phonemes(clip.audio, from_mfa(clip.phones)), clip.golden)
    ]
    assert np.mean(np.array(errors_ms) <= 20) >= 0.95
    assert np.median(errors_ms) == 0


def test_windows_have_the_boundaries_of_mfa_too(
    aligner: MfaAligner, recognizer: EmbeddedRecognizer, clips: list[Clip]
) -> None:
    errors_ms = []
    for clip in clips:
        phones = from_mfa(clip.phones)
        emissions = align_phones(recognizer.transcribe(clip.audio).posteriors, phones, len(clip.audio))
        intervals = aligner.align_phonemes(clip.audio, phones, emissions)
        assert_in_order(intervals, phones, len(clip.audio))
        errors_ms += differences(intervals, clip.golden)
    assert np.mean(np.array(errors_ms) <= 20) >= 0.95
    assert np.median(errors_ms) == 0


@given(st.lists(st.tuples(st.integers(1, SAMPLE_RATE), st.integers(0, SAMPLE_RATE)), max_size=60))
def test_every_label_is_in_one_window_with_its_neighbours(lengths: list[tuple[int, int]]) -> None:
    cuts = [0, *itertools.accumulate(itertools.chain.from_iterable(lengths))]
    edges = list(zip(cuts[::2], cuts[1::2], strict=False))  # a pause after each
    found = list(windows(len(edges), edges, cuts[-1]))
    assert [label for window in found for label in range(*window.own)] == list(range(len(edges)))
    for start, end, (first, last), own in found:
        assert (first, last) == (max(own[0] - CONTEXT_LABELS, 0), min(own[1] + CONTEXT_LABELS, len(edges)))
        assert not start % FRAME_SHIFT
        assert start <= edges[first][0] < edges[last - 1][1] <= end


def test_segments_are_where_they_were_decoded(recognizer: EmbeddedRecognizer, clips: list[Clip]) -> None:
    for clip in clips:
        posteriors = recognizer.transcribe(clip.audio).posteriors
        segments = decode(posteriors, [from_mfa(clip.phones)], load_calibration(recognizer.name).penalties).segments
        some = [s if k % 20 else replace(s, emissions=()) for k, s in enumerate(segments)]
        none = [replace(s, emissions=()) for s in segments]
        all_sought = ctc.align_segments(posteriors, none, len(clip.audio))
        assert ctc.align_segments(posteriors, segments, len(clip.audio)) == all_sought
        assert ctc.align_segments(posteriors, some, len(clip.audio)) == all_sought
        assert [i.phoneme for i in all_sought] == [phone for s in segments for phone in s.transcribed]


def test_phones_in_a_window_without_a_path_are_where_the_posteriors_have_them(aligner: MfaAligner, clip: Clip) -> None:
    phones = from_mfa(clip.phones)
    whole = aligner.align_phonemes(clip.audio, phones)
    end = len(clip.audio)
    hasty = [PhoneInterval(phone, end + 200 * k, end + 200 * (k + 1)) for k, phone in enumerate(phones)]
    audio = np.concatenate([clip.audio, NOISE[: 200 * len(phones)]])
    intervals = aligner.align_phonemes(audio, phones * 2, whole + hasty)
    assert intervals[-10:] == hasty[-10:]


def test_the_bundled_model_is_the_default(clip: Clip) -> None:
    phones = parse_ipa("hi wʌz nɑt ən ɪl dɪspoʊzd jʌŋ mæn")
    assert_in_order(align_phonemes(clip.audio, phones), phones, len(clip.audio))


def test_no_phones_have_no_intervals(aligner: MfaAligner, clip: Clip) -> None:
    assert aligner.align_phonemes(clip.audio, []) == []


NOISE: Samples = np.random.default_rng(0).standard_normal(SAMPLE_RATE, dtype=np.float32) * np.float32(0.01)


@pytest.mark.parametrize(
    "audio",
    [
        np.zeros(0, dtype=np.float32),
        np.zeros(1, dtype=np.float32),
        NOISE[:300],
        np.zeros(SAMPLE_RATE, dtype=np.float32),
        np.full(SAMPLE_RATE, np.nan, dtype=np.float32),
    ],
    ids=["empty", "one sample", "too short", "silence", "not a number"],
)
def test_a_recording_without_phones_is_refused(aligner: MfaAligner, audio: Samples) -> None:
    with pytest.raises(AlignmentFailedError):
        aligner.align_phonemes(audio, ["h", "i"])


powsm_phones = st.lists(st.sampled_from([parse_ipa(phone)[0] for phone in POWSM_PHONES]), max_size=20)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(powsm_phones, st.integers(0, 3 * SAMPLE_RATE))
def test_any_phones_have_intervals_in_order_or_are_refused(
    aligner: MfaAligner, clip: Clip, phones: list[str], num_samples: int
) -> None:
    audio = clip.audio[:num_samples]
    try:
        intervals = aligner.align_phonemes(audio, phones)
    except AlignmentFailedError:
        return
    assert_in_order(intervals, phones, len(audio))


def test_a_recording_without_a_path_is_refused_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    aligner = MfaAligner(runtime="viter")
    with pytest.raises(AlignmentFailedError):
        aligner.align_phonemes(np.pad(50 * NOISE[:1500], (3000, 500)), list("ðɪsɪznɑtspitʃ"))
    assert capfd.readouterr() == ("", "")


def test_a_path_that_a_wide_beam_alone_finds_is_found() -> None:
    """Of another sentence than was read."""
    audio = load_audio(str(DATA / "librivox_0880.wav"))
    phones = list(itertools.chain.from_iterable(parse_words(CLIP_IPA["librivox_0930"])))
    assert_in_order(MfaAligner(runtime="viter").align_phonemes(audio, phones), phones, len(audio))


def test_viter_looks_for_no_gpu() -> None:
    script = "from alignment.mfa import MfaAligner; MfaAligner(runtime='viter')"
    loaded = run_python("-c", script, environment=os.environ | {"LD_DEBUG": "libs"}).stderr
    assert "viter" in loaded
    assert "vulkan" not in loaded


def changed_model(folder: Path, changes: dict[str, bytes | None]) -> Path:
    """Returns the bundled model with other contents of some of its files; without those that are None."""
    path = folder / "changed.zip"
    with zipfile.ZipFile(BUNDLED_MODEL) as model, zipfile.ZipFile(path, "w") as changed:
        for item in model.infolist():
            content = changes.get(Path(item.filename).name, model.read(item))
            if content is not None:
                changed.writestr(item.filename, content)
    return path


def meta(**fields: object) -> bytes:
    with zipfile.ZipFile(BUNDLED_MODEL) as model:
        [name] = [name for name in model.namelist() if name.endswith("meta.json")]
        return json.dumps(json.loads(model.read(name)) | fields).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"lda.mat": None},
        {"lda.mat": b"\0B"},
        {"final.mdl": None},
        {"final.mdl": b"\0B<TransitionModel>"},
        {"tree": b""},
        {"meta.json": meta(phones=[])},
        {"meta.json": b"{}"},
    ],
    ids=["no lda", "truncated lda", "no model", "truncated model", "empty tree", "no phones", "no meta"],
)
def test_a_damaged_model_is_refused_when_it_is_loaded(tmp_path: Path, changes: dict[str, bytes | None]) -> None:
    model = changed_model(tmp_path, changes)
    with pytest.raises(ModelUnavailableError, match=r"changed\.zip"):
        MfaAligner(model, "viter")


def test_an_intact_model_of_ones_own_is_used(tmp_path: Path, clip: Clip) -> None:
    model = changed_model(tmp_path, {})
    phones = from_mfa(clip.phones)
    assert MfaAligner(model, "viter").align_phonemes(clip.audio, phones) == align_phonemes(clip.audio, phones)


def test_a_models_own_dither_moves_no_boundary(tmp_path: Path, clip: Clip) -> None:
    features = json.loads(meta())["features"] | {"dither": 1.0}
    model = changed_model(tmp_path, {"meta.json": meta(features=features)})
    phones = from_mfa(clip.phones)
    assert MfaAligner(model, "viter").align_phonemes(clip.audio, phones) == align_phonemes(clip.audio, phones)


@pytest.mark.parametrize("content", [b"", b"not a zip", None])
def test_a_wrong_model_is_named(tmp_path: Path, content: bytes | None) -> None:
    model = tmp_path / "model.zip"
    if content is not None:
        model.write_bytes(content)
    with pytest.raises(ModelUnavailableError, match=r"model\.zip"):
        MfaAligner(model)


def test_ctc_alignment_is_near_mfas(recognizer: EmbeddedRecognizer, clips: list[Clip]) -> None:
    errors_ms: list[float] = []
    for clip in clips:
        posteriors = recognizer.transcribe(clip.audio).posteriors
        phones = from_mfa(clip.phones)
        intervals = align_phones(posteriors, phones, len(clip.audio))
        assert_in_order(intervals, phones, len(clip.audio))
        errors_ms += differences(intervals, clip.golden)
    assert np.mean(errors_ms) < 45


def test_the_best_path_goes_through_the_most_probable_frames() -> None:
    emissions = forced_alignment(spikes(0, 1, 1, 0, 0, 2, 0).log_probs, [1, 2])
    assert [(emission.start, emission.end) for emission in emissions] == [(1, 3), (5, 6)]


def test_equal_phones_need_a_blank_between() -> None:
    emissions = forced_alignment(spikes(1, 1, 0, 1).log_probs, [1, 1])
    assert [(emission.start, emission.end) for emission in emissions] == [(0, 2), (3, 4)]
    with pytest.raises(AlignmentFailedError):
        forced_alignment(spikes(1, 1).log_probs, [1, 1])


def test_neighbours_share_blanks_and_a_pause_belongs_to_none() -> None:
    intervals = align_phones(spikes(1, 0, 0, 2, *[0] * 20, 3), ["a", "b", "c"], 26 * 320)
    assert intervals[0] == PhoneInterval("a", 0, 2 * 320)
    assert intervals[1].start_sample == 2 * 320
    assert intervals[2].start_sample - intervals[1].end_sample > 10 * 320


@settings(max_examples=60)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.lists(st.sampled_from("abc"), max_size=6))
def test_any_posteriors_give_intervals_in_order_or_too_few_frames(frames: list[int], phones: list[str]) -> None:
    posteriors = spikes(*frames)
    try:
        intervals = align_phones(posteriors, phones, len(frames) * 320)
    except AlignmentFailedError:
        assert len(phones) > len(frames) - sum(a == b for a, b in itertools.pairwise(phones))
        return
    assert_in_order(intervals, phones, len(frames) * 320)
