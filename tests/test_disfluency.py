"""Words of a sentence that are said again."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment.phone_pairs import PhonePair, Status
from assessment.disfluency import Repetition, find_repetitions, repeated_words
from shared.phonology.ipa import parse_ipa, parse_words

WORDS = parse_words("ʃi sɛlz si ʃɛlz")


def said(*parts: str) -> list[PhonePair]:
    """Returns the pairs of words pronounced as they are, with what is in brackets inserted."""
    pairs: list[PhonePair] = []
    position = 0
    for part in parts:
        inserted = part.startswith("[")
        status: Status = "insert" if inserted else "match"
        for phone in parse_ipa(part.strip("[]")):
            pairs.append(PhonePair(None if inserted else phone, phone, position, len(pairs), status, None, len(pairs)))
            position += not inserted
    return pairs


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
        (("ʃi", "sɛlz", "[siʃɛlzʃisɛlzsiʃɛlzʃisɛlz]", "si", "ʃɛlz"), range(0, 4)),  # read three times
        (("ʃi", "sɛlz", "si", "ʃɛlz", "[ʃisɛ]"), range(0, 2)),  # and begun again
        (("[ʃiʃi]", "ʃi", "sɛlz", "si", "ʃɛlz"), range(0, 1)),  # she, she, she sells
        (("ʃi", "[sɛlzsisɛlzsi]", "sɛlz", "si", "ʃɛlz"), range(1, 3)),
    ],
)
def test_words_said_again_are_a_repetition(parts: tuple[str, ...], repeated: range) -> None:
    pairs = said(*parts)
    first = next(k for k, pair in enumerate(pairs) if pair.status == "insert")
    number = sum(pair.status == "insert" for pair in pairs)
    assert find_repetitions(pairs, WORDS) == [Repetition(first, first + number, repeated)]


@pytest.mark.parametrize("inserted", ["ɹɪli", "kæts", "s", "ðəwɛðɚɪznaɪs"])
def test_other_words_are_none(inserted: str) -> None:
    assert find_repetitions(said("ʃi", f"[{inserted}]", "sɛlz", "si", "ʃɛlz"), WORDS) == []


def test_one_phone_is_no_part_of_a_word() -> None:
    assert find_repetitions(said("ʃi", "sɛlz", "[s]", "si", "ʃɛlz"), WORDS) == []


phones = st.sampled_from("p t k s m n l i ɛ ɑ u".split())
sentences = st.lists(st.lists(phones, min_size=1, max_size=5), min_size=1, max_size=6)


@given(sentences, st.data())
def test_any_words_before_or_after_are_found(words: list[list[str]], data: st.DataObject) -> None:
    boundary = data.draw(st.integers(0, len(words)))
    other = data.draw(st.integers(0, len(words)).filter(lambda k: k != boundary))
    first, last = sorted((boundary, other))
    again = list(itertools.chain.from_iterable(words[first:last]))
    found = repeated_words(again, words, boundary)
    following, preceding = (
        list(itertools.chain.from_iterable(words[part]))
        for part in (slice(boundary, found.stop), slice(found.start, boundary))
    )
    # What follows is said before the rest, and its last word may be broken off.
    assert [*following[: len(again) - len(preceding)], *preceding] == again
