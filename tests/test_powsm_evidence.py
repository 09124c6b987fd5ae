"""The decoder's phones beside the CTC head: what it repeats, goes on to write or makes up has no frames, and is cut."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("espnet2", reason="the powsm extra is not installed")

from torch import Tensor

from shared.audio.samples import Samples
from shared.ctc.posteriors import Posteriors
from shared.recognizers.powsm.checkpoint import find_checkpoint
from shared.recognizers.powsm.evidence import CUT_COST, supported_phones
from shared.recognizers.powsm.recognizer import PowsmRecognizer
from tests.support.data import POWSM_MINI, Clip

pytestmark = pytest.mark.slow

LABELS = ("", "a", "t", "k")
SAMPLE_RATE = 16_000


def posteriors(frames: list[list[float]], labels: tuple[str, ...] = LABELS) -> Posteriors:
    """Returns posteriors of unnormalised probabilities [frames, labels]."""
    shares = np.array(frames).reshape(-1, len(labels))
    return Posteriors(np.log(shares / shares.sum(axis=1, keepdims=True)).astype(np.float32), labels, 640)


def posteriors_of(phones: str, labels: tuple[str, ...] = LABELS) -> Posteriors:
    """Returns posteriors in which each phone, or `-` for the blank, has one clear frame."""
    columns = [labels.index(phone.strip("-")) for phone in phones]
    return posteriors((np.eye(len(labels))[columns] + 1e-4).tolist(), labels)


@pytest.mark.parametrize(
    ("frames", "written", "supported"),
    [
        ("-t-a-k-", "tak", "tak"),
        ("tak", "tak", "tak"),
        ("ttaakk", "tak", "tak"),
        ("-t-a-k-", "taktaktak", "tak"),  # a loop
        ("-t-a-k------", "takta", "tak"),  # goes on in silence
        ("-t-a", "tak", "ta"),  # the recording ends within the word
        ("tak", "taaaaak", "tak"),
        ("t-t", "ttt", "tt"),
        ("tt", "tt", "t"),  # without a blank it is one phone
        ("ta", "tka", "ta"),  # cut between phones that no blank divides
        ("t", "tkt", "t"),  # and what is cut does not divide one phone into two
        ("tak", "", ""),
        ("---", "tak", ""),
        ("", "tak", ""),
    ],
)
def test_phones_without_frames_are_cut(frames: str, written: str, supported: str) -> None:
    assert "".join(supported_phones(list(written), posteriors_of(frames))) == supported


def test_a_phone_is_cut_only_where_the_rest_is_much_more_probable() -> None:
    certain, doubtful = np.exp(-CUT_COST - 0.1), np.exp(-CUT_COST + 0.1)
    assert supported_phones(["a"], posteriors([[1, certain, 0.01, 0.01]])) == []
    assert supported_phones(["a"], posteriors([[1, doubtful, 0.01, 0.01]])) == ["a"]


def test_length_which_the_head_does_not_write_is_no_reason_to_cut() -> None:
    assert supported_phones(["aː", "t"], posteriors_of("-a-t-", ("", "a", "t", "aː"))) == ["aː", "t"]


@given(
    st.lists(st.lists(st.floats(0.001, 1), min_size=4, max_size=4), min_size=1, max_size=5),
    st.lists(st.sampled_from(LABELS[1:]), max_size=4),
)
def test_no_other_choice_of_phones_has_a_better_path(frames: list[list[float]], written: list[str]) -> None:
    given_ = posteriors(frames)
    best: dict[tuple[str, ...], float] = {}
    for path in itertools.product(range(len(LABELS)), repeat=len(frames)):
        phones = tuple(LABELS[column] for column, _ in itertools.groupby(path) if column)
        score = float(given_.log_probs[range(len(path)), path].sum()) - CUT_COST * (len(written) - len(phones))
        best[phones] = max(score, best.get(phones, -np.inf))
    choices = {phones for size in range(len(written) + 1) for phones in itertools.combinations(written, size)}
    supported = tuple(supported_phones(written, given_))
    assert supported in choices
    assert best[supported] == pytest.approx(max(best[phones] for phones in choices if phones in best), abs=1e-4)


@pytest.fixture(scope="module")
def powsm() -> PowsmRecognizer:
    return PowsmRecognizer(find_checkpoint(str(POWSM_MINI)))


@pytest.fixture(scope="module")
def by_attention() -> PowsmRecognizer:
    return PowsmRecognizer(find_checkpoint(str(POWSM_MINI)), decoding="attention")


def written_freely(powsm: PowsmRecognizer, clip: Clip, audio: Samples) -> list[str]:
    """Returns what the decoder writes where nothing bounds it but the padded 20 s."""
    prompt = powsm.prompt("<g2p>", "eng", clip.text)
    return powsm.tokens.phones_of(powsm.decode(powsm.encode([audio]), prompt, 499)[0])


def fits(phones: Sequence[str], given_: Posteriors) -> bool:
    """Whether each phone has a frame in which it is not much less probable than the blank, at the least."""
    columns = [given_.labels.index(phone) for phone in phones]
    margins = given_.log_probs[:, columns] - given_.log_probs[:, :1]
    return len(phones) <= len(given_.log_probs) and bool((margins.max(axis=0) >= -CUT_COST).all())


def test_what_is_said_is_not_cut(powsm: PowsmRecognizer, clips: list[Clip]) -> None:
    for clip in clips:
        assert powsm.g2p(clip.text, clip.audio) == written_freely(powsm, clip, clip.audio)


@pytest.mark.parametrize("phones_repeated", [1, 3, 10])
def test_a_loop_of_the_decoder_is_cut(
    powsm: PowsmRecognizer,
    clips: list[Clip],
    phones_repeated: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decode = powsm.decode

    def loop(encoded: Tensor, prompt: Sequence[int], max_tokens: int) -> list[list[int]]:
        [tokens] = decode(encoded, prompt, max_tokens)
        return [(tokens + tokens[-phones_repeated:] * max_tokens)[:max_tokens]]

    before = [powsm.g2p(clip.text, clip.audio) for clip in clips]
    monkeypatch.setattr(powsm, "decode", loop)
    assert [powsm.g2p(clip.text, clip.audio) for clip in clips] == before


@pytest.mark.parametrize("seconds", [0.3, 0.5, 0.7, 1, 2, 3])
def test_short_clips_have_no_phone_without_evidence(
    powsm: PowsmRecognizer, by_attention: PowsmRecognizer, clips: list[Clip], seconds: float
) -> None:
    """Ends in the middle of words. The small checkpoint's decoder writes the whole sentence whatever it is given."""
    for clip in clips:
        audio = clip.audio[SAMPLE_RATE // 2 :][: int(seconds * SAMPLE_RATE)]
        given_ = powsm.transcribe(audio).posteriors
        assert fits(powsm.g2p(clip.text, audio), given_)
        assert fits(by_attention.transcribe(audio).phones, given_)
        if seconds <= 1:
            assert not fits(written_freely(powsm, clip, audio), given_)


def test_a_recording_that_ends_within_a_word_ends_there(powsm: PowsmRecognizer, clip: Clip) -> None:
    ends_in_man = clip.audio[: int(2.6 * SAMPLE_RATE)]  # æ ends at 2.63 s
    assert "".join(written_freely(powsm, clip, ends_in_man)).endswith("jʌŋmæn")
    assert "".join(powsm.g2p(clip.text, ends_in_man)).endswith("jʌm")


@pytest.mark.parametrize("seconds", [0, 0.02, 0.3, 3, 20])
def test_silence_has_no_phone(powsm: PowsmRecognizer, clip: Clip, seconds: float) -> None:
    assert powsm.g2p(clip.text, np.zeros(int(seconds * SAMPLE_RATE), np.float32)) == []
