"""Words said: the dictionary, and which of its pronunciations a recording has."""

import pytest

from alignment.pronunciations import closest_pronunciations
from shared.errors import InvalidInputError
from shared.phonology.dictionary import Dictionary
from shared.phonology.ipa import read_phones, read_words, with_boundaries


def first(dictionary: Dictionary, text: str) -> str:
    return " ".join("".join(word[0]) for word in dictionary.pronounce(text))


@pytest.mark.parametrize(
    ("text", "ipa"),
    [
        ("Hello, world!", "hɛloʊ wə˞ld"),
        ("I read it yesterday.", "aɪ ɹɛd ɪt jɛstə˞deɪ"),
        ("I will read it.", "aɪ wɪl ɹid ɪt"),
        ("At 3:45 for $5", "æt θɹi fɔɹti faɪv fə˞ faɪv dɑlə˞z"),
        ("naïve café", "naɪiv kæfeɪ"),
        ("A CAT SAT", "ə kæt sæt"),
        ("don’t", "doʊnt"),
    ],
)
def test_a_pronunciation_depends_on_the_context(dictionary: Dictionary, text: str, ipa: str) -> None:
    assert first(dictionary, text) == ipa


@pytest.mark.parametrize("text", ["...", "🙂", "  ", "你好", "hello 你好", "привет", "½"])
def test_a_text_without_a_word_is_refused(dictionary: Dictionary, text: str) -> None:
    with pytest.raises(InvalidInputError):
        dictionary.pronounce(text)


def test_words_have_more_than_one_pronunciation(dictionary: Dictionary) -> None:
    assert dictionary.pronounce("either")[0] == [read_phones("iðɚ"), read_phones("aɪðɚ")]
    assert read_phones("ən") in dictionary.pronounce("bread and butter")[1]


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("aɪðɚ wʌn", "aɪðə˞ wʌn"),
        ("iðɚ wʌn", "iðə˞ wʌn"),
        ("iðəwʌnd", "iðə˞ wʌn"),
    ],
)
def test_the_closest_pronunciation_is_chosen(dictionary: Dictionary, heard: str, said: str) -> None:
    chosen = closest_pronunciations(dictionary.pronounce("either one"), read_phones(heard))
    assert " ".join("".join(word) for word in chosen) == said


def test_a_neighbour_decides_where_a_word_ends() -> None:
    words = [[read_phones("ðə"), read_phones("ði")], [read_phones("ist"), read_phones("jist")]]
    assert closest_pronunciations(words, read_phones("ðiist")) == [list("ði"), list("ist")]
    assert closest_pronunciations(words, read_phones("ðəjist")) == [list("ðə"), list("jist")]


def test_a_word_leaves_the_next_one_its_phones() -> None:
    a_or_of, very = [list("əv"), list("ə")], [list("vɛɹi")]
    assert closest_pronunciations([a_or_of, very], list("əvɛɹi")) == [list("ə"), list("vɛɹi")]


def test_word_boundaries_are_written_and_read(dictionary: Dictionary) -> None:
    words = [word[0] for word in dictionary.pronounce("that she nutshell")]
    assert with_boundaries(words).count(" ") == 2
    assert read_words("".join(f"/{phone}/" for phone in with_boundaries(words))) == words
