"""IPA read, written and compared."""

import unicodedata
from typing import Literal

import panphon
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidInputError
from shared.phonology.distance import distances, feature_table
from shared.phonology.equivalence import LETTER_RULES, MARK_RULES, canonical_form, normalize
from shared.phonology.ipa import parse_ipa, parse_words, write_powsm
from tests.support.phones import POWSM_PHONES

phones = st.sampled_from([unicodedata.normalize("NFD", phone) for phone in POWSM_PHONES])


@pytest.mark.parametrize(
    ("ipa", "expected"),
    [
        ("/h//ɛ//l//o//ʊ/", "h ɛ l o ʊ"),
        ("/h//i// //w//ɑ//z/", "h i w ɑ z"),
        ("hɛloʊ wɝld", "h ɛ l o ʊ w ɜ˞ l d"),
        ("h ɛ l oʊ", "h ɛ l o ʊ"),
        ("həˈloʊ ˈwɜːld", "h ə l o ʊ w ɜː l d"),
        ("[ˌʌn.ˈdən]", "ʌ n d ə n"),
        ("tʃiz t͡ʃiz ʧiz t͜ʃiz", "t͡ʃ i z t͡ʃ i z t͡ʃ i z t͡ʃ i z"),
        ("kæt ʃuː", "k æ t ʃ uː"),
        ("dʒʌdʒ", "d͡ʒ ʌ d͡ʒ"),
        ("go ɡo", "ɡ o ɡ o"),
        ("bɚd bɝd bɜ˞d bə˞d", "b ə˞ d b ɜ˞ d b ɜ˞ d b ə˞ d"),
        ("əɹ", "ə ɹ"),
        ("mɪɫk ɡoʊl̴", "m ɪ l̴ k ɡ o ʊ l̴"),
        ("a͡ɪ aɪ̯", "a ɪ a ɪ̯"),
        ("nju: 'nju", "n j uː n j u"),
        ("tʰ̪ t̪ʰ", "t̪ʰ t̪ʰ"),
    ],
)
def test_every_notation_of_a_phone_is_read(ipa: str, expected: str) -> None:
    assert parse_ipa(ipa) == expected.split()


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKD"])
def test_every_normal_form_is_read(form: Literal["NFC", "NFD", "NFKD"]) -> None:
    for phone in ("ɪ̃", "ã", "ũ", "ṳ", "ç", "l̴", "d̪"):
        assert parse_ipa(unicodedata.normalize(form, phone)) == parse_ipa(phone)


def test_words_are_read() -> None:
    assert parse_words("/h//i// //w//ɑ//z/") == parse_words("hi wɑz") == [["h", "i"], ["w", "ɑ", "z"]]


@pytest.mark.parametrize(
    ("ipa", "complaint"),
    [
        ("", "no phone"),
        ("  /ˈ/ . ", "no phone"),
        ("hello 你好", "'你'"),
        ("HELLO", "'H'"),
        ("h3llo", "'3'"),
        ("ʰə", "no letter before it"),
        ("a\u0000b", "U+0000"),
        ("<speak>", "'<'"),
    ],
)
def test_unreadable_ipa_is_named(ipa: str, complaint: str) -> None:
    with pytest.raises(InvalidInputError, match="invalid_input: ") as raised:
        parse_ipa(ipa)
    assert complaint in str(raised.value)
    assert "\n" not in str(raised.value)


@given(st.lists(phones, min_size=1))
def test_what_is_written_is_read_back(written: list[str]) -> None:
    assert parse_ipa(write_powsm(written)) == written


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        phones_read = parse_ipa(text)
    except InvalidInputError:
        return
    assert parse_ipa(write_powsm(phones_read)) == phones_read


SAME = [
    ("eɪ", "e ɪ"), ("ɝ", "ɜ˞"), ("ɚ", "ɝ"), ("ɚ", "ə ɹ"), ("ɹ̩", "ɝ"), ("tʃ", "t͡ʃ"), ("dʒ", "d ʒ"), ("l̴", "l"),
    ("ɫ", "l"), ("l̩", "əl"), ("n̩", "ən"), ("tʰ", "t"), ("ɪ̃n", "ɪn"), ("d̪", "d"), ("iː", "i"), ("g", "ɡ"),
    ("r", "ɹ"), ("ʎ", "l"), ("c", "k"), ("ʉ", "u"), ("ɒ", "ɑ"), ("ɐ", "ʌ"), ("bed", "bɛd"), ("ṳ", "u"),
    ("ˈæpl̩", "æpəl"),
]  # fmt: skip
DIFFERENT = [
    ("θ", "t"), ("θ", "s"), ("ð", "d"), ("ɪ", "i"), ("v", "w"), ("ʌ", "ɑ"), ("ʊ", "u"), ("æ", "ɛ"), ("eɪ", "e"),
    ("l", "ɹ"), ("n", "ŋ"), ("s", "ʃ"), ("p", "b"), ("t͡ʃ", "ʃ"), ("ɔ", "ɑ"), ("ɜ˞", "ə"), ("oʊ", "ɔ"), ("h", ""),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_notation_is_no_difference(one: str, other: str) -> None:
    assert canonical_form(parse_ipa(one)) == canonical_form(parse_ipa(other))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_sounds_are_a_difference(one: str, other: str) -> None:
    assert canonical_form(parse_ipa(one)) != (canonical_form(parse_ipa(other)) if other else [])


@given(phones)
def test_normalizing_twice_changes_nothing_more(phone: str) -> None:
    assert normalize(normalize(phone)) == normalize(phone)


def test_every_symbol_has_one_rule() -> None:
    written = [rule.written for rule in (*MARK_RULES, *LETTER_RULES)]
    assert len(set(written)) == len(written)


def distance(phone: str, other: str) -> float:
    return float(distances([phone], [other])[0, 0])


@given(st.text(min_size=1), st.text(min_size=1))
def test_distance_is_a_distance_for_any_symbol(one: str, other: str) -> None:
    assert 0 <= distance(one, other) <= 1
    assert distance(one, other) == distance(other, one)
    assert distance(one, one) == 0


def test_features_are_those_of_panphon() -> None:
    table = panphon.FeatureTable()
    assert feature_table() == {phone: tuple(table.fts(phone).numeric()) for phone in table.seg_dict}


def test_near_phones_are_near() -> None:
    assert distance("ɪ", "i") < distance("ɪ", "ɑ") < distance("ɪ", "k") == 1
    assert distance("θ", "s") < distance("θ", "m")
    assert distance("ɚ", "ɜ˞") < 1  # panphon does not know ɚ
    assert distances([], ["a"]).shape == (0, 1)


@pytest.mark.parametrize(
    ("copied", "meant"),
    [
        ("\ufeffhi wɑz", "hi wɑz"),
        ("h\u200bi w\u00adɑ\u2060z", "hi wɑz"),
        ("bεd fαðɚ ϑɪn", "bɛd fɑðɚ θɪn"),
        ("∫ǝ әɡo", "ʃə əɡo"),
    ],
)
def test_ipa_as_it_is_copied_is_read_as_it_is_meant(copied: str, meant: str) -> None:
    assert parse_words(copied) == parse_words(meant)
