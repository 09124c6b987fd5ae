"""Filled pauses and repetitions between the words of a sentence."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment.comparison import PhonePair
from alignment.timing import Timestamp
from assessment.disfluency import FILLED_PAUSE, Repetition, find_repetitions, mark_filled_pauses, repeated_words
from shared.audio import SAMPLE_RATE
from shared.phonology.ipa import read_phones, read_words

WORDS = read_words("ʃi sɛlz si ʃɛlz")
SCHWA, LONG = 0.08, 0.2  # seconds of a phone


def said(*parts: str, seconds: float = LONG, silence: float = 0.0) -> tuple[list[PhonePair], list[Timestamp]]:
    """Returns the pairs of words pronounced as they are, with what is in brackets inserted, and their timestamps.

    Inserted phones last so many `seconds` each, after a `silence`.
    """
    pairs: list[PhonePair] = []
    times: list[Timestamp] = []
    position, end = 0, 0.0
    for part in parts:
        inserted = part.startswith("[")
        for k, phone in enumerate(read_phones(part.strip("[]"))):
            status = "insert" if inserted else "match"
            start = end + (silence if inserted and k == 0 else 0.0)
            end = start + (seconds if inserted else 0.1)
            pairs.append(PhonePair(None if inserted else phone, phone, position, len(pairs), status, None, len(pairs)))  # type: ignore[arg-type] # a status
            times.append(Timestamp(round(start * SAMPLE_RATE), round(end * SAMPLE_RATE)))
            position += not inserted
    return pairs, times


def fillers(parts: tuple[str, ...], **durations: float) -> list[str | None]:
    """Returns the phones that are marked as filled pauses."""
    return [p.actual for p in mark_filled_pauses(*said(*parts, **durations), WORDS) if p.explained_by == FILLED_PAUSE]


@pytest.mark.parametrize("filler", ["əm", "ʌm", "ə", "ɜ˞", "əɹm", "hm", "m", "ɑ", "hʌm"])
@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_filled_pause_between_words_is_a_variant(filler: str, place: int) -> None:
    words = ["ʃi", "sɛlz", "si", "ʃɛlz"]
    words.insert(place, f"[{filler}]")
    assert fillers(tuple(words)) == read_phones(filler)


def test_a_short_filler_after_a_silence_is_one() -> None:
    assert fillers(("ʃi", "[ə]", "sɛlz", "si", "ʃɛlz"), seconds=SCHWA, silence=0.1) == ["ə"]


@pytest.mark.parametrize(
    "parts",
    [
        ("ʃi", "sɛlz", "[ə]", "si", "ʃɛlz"),  # a learner's schwa after a consonant
        ("ʃi", "sɛ", "[ə]", "lz", "si", "ʃɛlz"),  # inside a word
    ],
)
def test_a_schwa_added_to_a_word_is_none(parts: tuple[str, ...]) -> None:
    assert fillers(parts, seconds=SCHWA) == []


@pytest.mark.parametrize("inserted", ["ɹɪli", "h", "ɹ", "kæt", "i", "mi"])
def test_other_phones_are_none(inserted: str) -> None:
    assert fillers(("ʃi", f"[{inserted}]", "sɛlz", "si", "ʃɛlz")) == []


def test_a_filled_pause_may_begin_or_end_a_longer_run() -> None:
    assert fillers(("ʃi", "[əmʃi]", "sɛlz", "si", "ʃɛlz")) == ["ə", "m"]
    assert fillers(("ʃi", "[ɹɪliəm]", "sɛlz", "si", "ʃɛlz")) == ["ə", "m"]


@pytest.mark.parametrize(
    ("parts", "repeated"),
    [
        (("ʃi", "sɛlz", "si", "[ʃisɛlzsi]", "ʃɛlz"), range(0, 3)),  # she sells sea, she sells sea shells
        (("ʃi", "sɛlz", "[sɛlz]", "si", "ʃɛlz"), range(1, 2)),
        (("ʃi", "[sɛ]", "sɛlz", "si", "ʃɛlz"), range(1, 2)),  # sel-, sells
        (("[ʃisɛ]", "ʃi", "sɛlz", "si", "ʃɛlz"), range(0, 2)),  # she se-, she sells
        (("ʃi", "sɛlz", "si", "ʃɛlz", "[ʃisɛlzsiʃɛlz]"), range(0, 4)),  # read twice
        (("ʃi", "[sɛls]", "sɛlz", "si", "ʃɛlz"), range(1, 2)),  # not quite the same
        (("ʃi", "sɛlz", "[siʃisɛlz]", "si", "ʃɛlz"), range(0, 3)),  # she sells [sea, she sells] sea shells
        (("ʃi", "sɛlz", "si", "[ʃɛlzʃisɛlzsi]", "ʃɛlz"), range(0, 4)),  # read twice, likewise
    ],
)
def test_words_said_again_are_a_repetition(parts: tuple[str, ...], repeated: range) -> None:
    pairs, _ = said(*parts)
    first = next(k for k, pair in enumerate(pairs) if pair.status == "insert")
    number = sum(pair.status == "insert" for pair in pairs)
    assert find_repetitions(pairs, WORDS) == [Repetition(first, first + number, repeated)]


@pytest.mark.parametrize("inserted", ["ɹɪli", "kæts", "s", "ðəwɛðɚɪznaɪs"])
def test_other_words_are_none(inserted: str) -> None:
    assert find_repetitions(said("ʃi", f"[{inserted}]", "sɛlz", "si", "ʃɛlz")[0], WORDS) == []


phones = st.sampled_from("p t k s m n l i ɛ ɑ u".split())
sentences = st.lists(st.lists(phones, min_size=1, max_size=5), min_size=1, max_size=6)


@given(sentences, st.data())
def test_any_words_before_or_after_are_found(words: list[list[str]], data: st.DataObject) -> None:
    boundary = data.draw(st.integers(0, len(words)))
    other = data.draw(st.integers(0, len(words)).filter(lambda k: k != boundary))
    first, last = sorted((boundary, other))
    again = list(itertools.chain.from_iterable(words[first:last]))
    found = repeated_words(again, words, boundary)
    assert list(itertools.chain.from_iterable(words[k] for k in found))[: len(again)] == again
