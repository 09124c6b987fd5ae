"""IPA as dictionaries print it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment.comparison import compare
from assessment.target import build_target
from shared.errors import InvalidInputError
from shared.g2p.dictionary_ipa import parse_dictionary_ipa
from shared.phonology.ipa import parse_ipa, parse_words
from shared.recognizers.calibration import Penalties
from tests.support.posteriors import spoken

PENALTIES = Penalties(substitution=3, deletion=3, insertion=5, extension=0.5)


@pytest.mark.parametrize(
    ("ipa", "readings"),
    [
        ("wɔːtə(r)", "wɔːtər wɔːtə"),
        ("ˈwɔːtəʳ", "wɔːtər wɔːtə"),
        ("/ˈwɔːtə(r)/", "wɔːtər wɔːtə"),
        ("[ˈwɔːtə(ɹ)]", "wɔːtəɹ wɔːtə"),
        ("ˈsek(ə)nd", "sekənd seknd"),
        ("ˈiːðə(r), ˈaɪðə(r)", "iːðər iːðə aɪðər aɪðə"),
        ("/ˈiːðə/, /ˈaɪðə/", "iːðə aɪðə"),
        ("ˈiːðə ~ ˈaɪðə", "iːðə aɪðə"),
        ("t(j)uːn~tʃuːn", "tjuːn tuːn tʃuːn"),
        ("hæv(ə)", "hævə hæv"),
    ],
)
def test_the_readings_of_a_word(ipa: str, readings: str) -> None:
    assert parse_dictionary_ipa(ipa) == [[parse_ipa(reading) for reading in readings.split()]]


@pytest.mark.parametrize("ipa", ["hi, haʊ ɑɹ ju", "jɛs, sɜ˞", "noʊ, noʊ", "/h//i// //w//ɑ//z/", "hi wɑz,", "h i w ɑ z"])
def test_a_sentence_has_one_reading(ipa: str) -> None:
    assert parse_dictionary_ipa(ipa) == [[word] for word in parse_words(ipa)]


@pytest.mark.parametrize("ipa", ["wɔːtə(r", "wɔːtə r)", "(h ə)", "", "~", "(((r)))", "a(b)(b)(b)(b)(b)", "()"])
def test_what_is_no_ipa(ipa: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_dictionary_ipa(ipa)


@given(st.text("hiːəʃt()ʳ,~/[] ˈ", max_size=20))
def test_any_text_has_readings_of_phones_or_is_refused(ipa: str) -> None:
    try:
        words = parse_dictionary_ipa(ipa)
    except InvalidInputError:
        return
    assert words
    assert all(all(readings) and readings for readings in words)


@pytest.mark.parametrize("pronounced", ["ɡoʊdwɔtəɹænd", "ɡoʊdwɔtəænd"])
@pytest.mark.parametrize("printed", ["wɔːtə(r)", "wɔːtəʳ"])
def test_with_the_optional_sound_and_without_there_is_no_error(pronounced: str, printed: str) -> None:
    target = build_target(f"ɡoʊd {printed} ænd", None)
    comparison = compare(spoken(pronounced), target.words, target.forms, PENALTIES)
    assert all(segment.status != "deviation" for segment in comparison.segments)


def test_the_target_is_returned_as_it_was_sent() -> None:
    assert build_target("ˈiːðə(r), ˈaɪðə(r)", None).ipa == "ˈiːðə(r), ˈaɪðə(r)"
