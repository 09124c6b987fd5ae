"""The dictionary, and the division of a recording's phones among the words of a text."""

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alignment.pronunciations import align_words, closest_pronunciations, phones_by_word
from shared.errors import InvalidInputError
from shared.g2p.dictionary import Dictionary
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import parse_ipa, parse_words, with_boundaries, write_powsm
from tests.support.costs import edit_cost


def first(dictionary: Dictionary, text: str) -> str:
    return " ".join("".join(word.pronunciations[0]) for word in dictionary.pronounce(text))


@pytest.mark.parametrize(
    ("text", "ipa"),
    [
        ("Hello, world!", "hɛloʊ wə˞ld"),
        ("I read it yesterday.", "aɪ ɹɛd ɪt jɛstə˞deɪ"),
        ("I will read it.", "aɪ wɪl ɹid ɪt"),
        ("At 3:45 for $5", "æt θɹi fɔɹti faɪv fə˞ faɪv dɑlə˞z"),
        ("naïve café", "naɪiv kəfeɪ"),
        ("A CAT SAT", "ə kæt sæt"),
        ("don’t", "doʊnt"),
    ],
)
def test_the_dictionary_pronounces_words_in_context(dictionary: Dictionary, text: str, ipa: str) -> None:
    assert first(dictionary, text) == ipa


@pytest.mark.parametrize("text", ["...", "🙂", "  ", "你好", "hello 你好", "привет", "⌘"])
def test_a_text_without_an_english_word_is_refused(dictionary: Dictionary, text: str) -> None:
    with pytest.raises(InvalidInputError):
        dictionary.pronounce(text)


def test_words_have_more_than_one_pronunciation(dictionary: Dictionary) -> None:
    assert dictionary.pronounce("either")[0].pronunciations == [parse_ipa("iðɚ"), parse_ipa("aɪðɚ")]
    assert parse_ipa("ən") in dictionary.pronounce("bread and butter")[1].pronunciations


def test_no_pronunciation_is_listed_twice(dictionary: Dictionary) -> None:
    [an] = dictionary.pronounce("an")
    assert an.pronunciations[:2] == [parse_ipa("ən"), parse_ipa("æn")]


@pytest.mark.parametrize(
    ("recording", "closest"),
    [
        ("aɪðɚ wʌn", "aɪðə˞ wʌn"),
        ("iðɚ wʌn", "iðə˞ wʌn"),
        ("iðəwʌnd", "iðə˞ wʌn"),
    ],
)
def test_the_closest_pronunciation_is_chosen(dictionary: Dictionary, recording: str, closest: str) -> None:
    chosen = closest_pronunciations(
        [word.pronunciations for word in dictionary.pronounce("either one")], parse_ipa(recording)
    )
    assert " ".join("".join(word) for word in chosen) == closest


def test_a_neighbour_decides_where_a_word_ends() -> None:
    words = [[parse_ipa("ðə"), parse_ipa("ði")], [parse_ipa("ist"), parse_ipa("jist")]]
    assert closest_pronunciations(words, parse_ipa("ðiist")) == [list("ði"), list("ist")]
    assert closest_pronunciations(words, parse_ipa("ðəjist")) == [list("ðə"), list("jist")]


def test_a_word_leaves_the_next_one_its_phones() -> None:
    a_or_of, very = [list("əv"), list("ə")], [list("vɛɹi")]
    assert closest_pronunciations([a_or_of, very], list("əvɛɹi")) == [list("ə"), list("vɛɹi")]


sounds = st.sampled_from(["ə", "t", "d", "ʃ", "t͡ʃ", "ɜ˞", "ɹ", "n"])
pronunciations = st.lists(st.lists(sounds, min_size=1, max_size=3), min_size=1, max_size=2)


@example([[["ə"]], [["ʃ"]], [["t"]]], ["ɜ˞"])  # compared as ə and ɹ, but no cut is within it
@given(st.lists(pronunciations, min_size=1, max_size=3), st.lists(sounds, max_size=6))
def test_no_division_of_the_phones_is_cheaper(words: list[list[list[str]]], phones: list[str]) -> None:
    spoken = align_words(words, phones)
    assert [phone for word in spoken for phone in word.phones] == phones
    assert all(word.pronunciation in options for word, options in zip(spoken, words, strict=True))
    divisions = itertools.combinations_with_replacement(range(len(phones) + 1), len(words) - 1)
    cheapest = min(
        sum(
            min(cost(phones[start:end], option) for option in options)
            for options, (start, end) in zip(words, itertools.pairwise([0, *cuts, len(phones)]), strict=True)
        )
        for cuts in divisions
    )
    assert sum(cost(word.phones, word.pronunciation) for word in spoken) == cheapest


def cost(phones: list[str], pronunciation: list[str]) -> int:
    return edit_cost(canonical_form(phones), canonical_form(pronunciation))


@given(st.lists(pronunciations, min_size=1, max_size=4), st.lists(sounds, max_size=6))
def test_every_word_has_its_place(words: list[list[list[str]]], phones: list[str]) -> None:
    assert len(parse_words(write_powsm(with_boundaries(phones_by_word(words, phones))))) == len(words)


def test_word_boundaries_are_written_and_read(dictionary: Dictionary) -> None:
    words = [word.pronunciations[0] for word in dictionary.pronounce("that she nutshell")]
    assert with_boundaries(words).count(" ") == 2
    assert parse_words(write_powsm(with_boundaries(words))) == words
