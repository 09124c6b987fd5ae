"""Texts as people write them: quotes, units, abbreviations, names, symbols, numbers that are read in several ways."""

import csv

import pytest

from assessment.assess import Assessor
from assessment.target import build_target
from ipa_generation import handler as ipa_generation
from shared.errors import InvalidInputError
from shared.g2p.dictionary import Dictionary
from shared.phonology.ipa import with_boundaries
from tests.support.data import DATA
from tests.support.text import read_texts, text_is_right

NUMBERS = DATA / "numbers"  # by flite, whose voices read the column `said`


def read_recordings() -> list[tuple[str, str, str]]:
    """Returns the file of each recording with a number, its text, and what is said."""
    with (NUMBERS / "texts.tsv").open(encoding="utf-8", newline="") as file:
        return [(row["file"], row["text"], row["said"]) for row in csv.DictReader(file, delimiter="\t")]


def spoken(dictionary: Dictionary, text: str) -> str:
    return " ".join(word.text for word in dictionary.pronounce(text))


@pytest.mark.parametrize(("text", "words", "ipa"), read_texts("texts.tsv"))
def test_a_text_is_read_as_people_read_it(dictionary: Dictionary, text: str, words: str, ipa: str) -> None:
    assert text_is_right(dictionary, text, words, ipa)


@pytest.mark.parametrize(("left", "right"), ["''", "‘’", "‚‘", "``", "´´", "‹›", '""', "“”", "«»"])
def test_a_quotation_mark_is_no_part_of_a_word(dictionary: Dictionary, left: str, right: str) -> None:
    quoted = dictionary.pronounce(f"{left}Choirs sing{right}, said the {left}colonel{right}.")
    assert quoted == dictionary.pronounce("Choirs sing, said the colonel.")


@pytest.mark.parametrize("text", ["'em", "'tis the season", "rock 'n' roll", "the boys' school", "goin' home"])
def test_an_apostrophe_is_part_of_a_word_that_is_listed_with_it(dictionary: Dictionary, text: str) -> None:
    assert not any(word.is_guessed for word in dictionary.pronounce(text))
    assert "'" in spoken(dictionary, text)


@pytest.mark.parametrize(
    ("text", "named"),
    [("a ⌘ key", "'⌘'"), ("word² here", "'²'"), ("hello 你好", "'你'"), ("the Ƿynn rune", "'Ƿynn'")],
)
def test_what_nothing_reads_is_named_as_the_text_has_it(dictionary: Dictionary, text: str, named: str) -> None:
    with pytest.raises(InvalidInputError, match=named):
        dictionary.pronounce(text)


def test_one_odd_word_makes_no_text_unreadable(dictionary: Dictionary) -> None:
    words = dictionary.pronounce("The Brrrzzzt of Gżegżółka said qzxwvk.")
    assert [word.text for word in words if word.is_guessed] == ["brrrzzzt", "gżegżółka", "qzxwvk"]


@pytest.mark.parametrize(("file", "text", "said"), read_recordings())
def test_a_number_may_be_read_in_each_usual_way(assessor: Assessor, file: str, text: str, said: str) -> None:
    by_text = assessor.assess(str(NUMBERS / file), None, text)
    assert [word.text for word in by_text.words] == said.split()
    assert by_text.score == assessor.assess(str(NUMBERS / file), None, said).score


@pytest.mark.parametrize(("file", "text", "said"), read_recordings())
def test_a_recording_decides_how_a_number_is_read(dictionary: Dictionary, file: str, text: str, said: str) -> None:
    answer = ipa_generation.handler({"id": "job", "input": {"text": text, "audio_uri": str(NUMBERS / file)}})
    assert "".join(answer["phonemes"]).count(" ") == len(said.split()) - 1


def test_the_ipa_decides_how_a_number_of_its_text_is_read(dictionary: Dictionary) -> None:
    said = "room one hundred and one"
    ipa = "".join(with_boundaries(word.pronunciations[0] for word in dictionary.pronounce(said)))
    assert build_target(ipa, "Room 101").texts == said.split()
