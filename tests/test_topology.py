"""The states of each phone, as Kaldi writes them."""

import struct
import zipfile

import pytest

from alignment.mfa import BUNDLED_MODEL, MfaAligner
from alignment.mfa_runtimes import AcousticModel
from alignment.topology import END_MARKER, MARKER, num_states
from shared.errors import AlignmentFailedError
from tests.support.data import DATA, from_mfa, read_clip

FLAP, VOWEL = 1, 2
ONE_STATE = [(0, [0, 1]), (-1, [])]
THREE_STATES = [(0, [1, 2, 3]), (1, [1, 2]), (2, [3]), (-1, [])]  # as MFA has it: the first may lead to the last


def number(value: int) -> bytes:
    return b"\x04" + struct.pack("<i", value)


def written(entries: list[list[tuple[int, list[int]]]], has_self_loop_class: bool) -> bytes:
    """Returns a model with the phones 1, 2, … of these entries, as `HmmTopology::Write` has it."""
    phones = range(1, len(entries) + 1)
    parts = [b"\0B<TransitionModel> ", MARKER]
    for vector in (list(phones), [-1, *range(len(entries))]):
        parts += [number(len(vector)), struct.pack(f"<{len(vector)}i", *vector)]
    parts += [number(-1)] if has_self_loop_class else []
    parts.append(number(len(entries)))
    for states in entries:
        parts.append(number(len(states)))
        for pdf_class, following in states:
            parts += [number(pdf_class)] * (1 + has_self_loop_class)
            parts.append(number(len(following)))
            parts += [number(state) + b"\x04" + struct.pack("<f", 0.5) for state in following]
    return b"".join([*parts, END_MARKER])


@pytest.mark.parametrize("has_self_loop_class", [False, True])
def test_states_that_emit_are_counted(has_self_loop_class: bool) -> None:
    assert num_states(written([ONE_STATE, THREE_STATES], has_self_loop_class)) == {FLAP: 1, VOWEL: 3}


@pytest.mark.parametrize("content", [b"", b"\0B", b"<TransitionModel> <Topology> <TopologyEntry>"])
def test_a_model_that_is_not_binary_has_none(content: bytes) -> None:
    assert num_states(content) == {}


def test_the_bundled_model() -> None:
    model = AcousticModel.read(BUNDLED_MODEL)
    with zipfile.ZipFile(BUNDLED_MODEL) as archive:
        states = num_states(archive.read("english_so762_ipa/final.mdl"))
    assert len(states) == len(model.labels) + len(model.pauses)
    assert set(model.num_states.values()) == {3}
    assert max(states.values()) == 5  # of a pause


def test_the_minimum_duration_is_that_of_the_states(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another sentence's phones last three frames each: too short for three states, and not for one."""
    recording, other = (read_clip(DATA / f"{name}.wav") for name in ("librivox_0870", "librivox_0890"))
    aligner, phones = MfaAligner(), from_mfa(other.phones)
    with pytest.raises(AlignmentFailedError, match="do not fit"):
        aligner.align_phonemes(recording.audio, phones)
    monkeypatch.setattr(aligner, "_num_states", dict.fromkeys(aligner._num_states, 1))
    assert len(aligner.align_phonemes(recording.audio, phones)) == len(phones)
