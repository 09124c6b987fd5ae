"""Phones in the notation of an acoustic model's labels, and in that of a target."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment.phone_set import PhoneSet
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import parse_ipa
from shared.recognizers.embedded.recognizer import EmbeddedRecognizer
from tests.support.data import DATA
from tests.support.notation import match_target_notation
from tests.support.phones import POWSM_PHONES

SO762 = ("aj aw b d dʒ ej f h i j k l m n ow p s t tʃ v w z æ ð ŋ ɐ ɑ ɒ ɔj ə ɚ ɛ ɝ ɡ ɪ ɹ ʃ ʉ ʊ ʒ θ").split()
ENGLISH_MFA = (
    "aj aw b bʲ c cʰ cʷ d dʒ dʲ d̪ ej f fʲ h i iː j k kʰ kʷ l m mʲ m̩ n n̩ ow p pʰ pʲ pʷ s t tʃ tʰ tʲ tʷ t̪ v vʲ w z æ ç ð "
    "ŋ ɐ ɑ ɑː ɒ ɒː ɔj ə ɚ ɛ ɝ ɟ ɟʷ ɡ ɡʷ ɪ ɫ ɫ̩ ɱ ɲ ɹ ɾ ɾʲ ɾ̃ ʃ ʉ ʉː ʊ ʎ ʒ ʔ θ"
).split()
ENGLISH_US_ARPA = (
    "AA0 AA1 AA2 AE0 AE1 AE2 AH0 AH1 AH2 AO0 AO1 AO2 AW0 AW1 AW2 AY0 AY1 AY2 B CH D DH EH0 EH1 EH2 ER0 ER1 ER2 "
    "EY0 EY1 EY2 F G HH IH0 IH1 IH2 IY0 IY1 IY2 JH K L M N NG OW0 OW1 OW2 OY0 OY1 OY2 P R S SH T TH "
    "UH0 UH1 UH2 UW0 UW1 UW2 V W Y Z ZH"
).split()
GRUUT_PHONES = ("n ə ɪ l s t ɹ k i d m ɚ z ɛ ɑ æ b oʊ p ɡ f eɪ ɔ aɪ ŋ v u h ʃ ʌ w d͡ʒ j t͡ʃ aʊ θ ʊ ɔɪ ð ʒ").split()
NOTATIONS = [PhoneSet(labels) for labels in (SO762, ENGLISH_MFA, ENGLISH_US_ARPA)]


def choices(phones: list[str]) -> str:
    """Returns a table row for each phone: what it is in each of the three acoustic models."""
    rows = [[phone, *(notation.label_spans([phone])[0].label for notation in NOTATIONS)] for phone in phones]
    return "".join("\t".join(row) + "\n" for row in rows)


def test_every_phone_has_its_label_in_every_model(recognizer: EmbeddedRecognizer) -> None:
    written = [*POWSM_PHONES, *GRUUT_PHONES, *filter(None, recognizer.labels)]
    phones = dict.fromkeys(phone for text in written for phone in parse_ipa(text))
    assert choices(list(phones)) == (DATA / "notation_table.txt").read_text(encoding="utf-8")


def test_a_diphthong_of_the_model_takes_two_phones() -> None:
    phones = parse_ipa("oʊ aɪ aʊ eɪ ɔɪ o")
    for notation in NOTATIONS[:2]:
        spans = [(span.label, len(span.phones)) for span in notation.label_spans(phones)]
        assert spans == [("ow", 2), ("aj", 2), ("aw", 2), ("ej", 2), ("ɔj", 2), ("ow", 1)]


@given(st.lists(st.sampled_from([parse_ipa(phone)[0] for phone in POWSM_PHONES])))
def test_label_spans_have_all_phones_in_order(phones: list[str]) -> None:
    for notation in NOTATIONS:
        assert [phone for span in notation.label_spans(phones) for phone in span.phones] == phones


@pytest.mark.parametrize(
    ("transcribed", "target", "expected"),
    [
        ("t ʃ iz", "tʃiz", "t͡ʃ i z"),
        ("tʃiz", "t ʃ iz", "t ʃ i z"),
        ("ðə ɹɛd", "ðə ɹɛd", "ð ə ɹ ɛ d"),
        ("wɜ˞ld", "wə ɹld", "w ə ɹ l d"),
        ("wə ɹld", "wɝld", "w ɜ˞ l d"),
        ("bʌt ən", "bʌtn̩", "b ʌ t n̩"),
        ("t ʃ ʃ", "s", "t ʃ ʃ"),
        ("kʰætʃ", "ʃæt ʃ", "kʰ æ t ʃ"),
    ],
)
def test_phones_are_written_in_the_notation_of_the_target(transcribed: str, target: str, expected: str) -> None:
    assert match_target_notation(parse_ipa(transcribed), parse_ipa(target)) == expected.split()


@given(*[st.lists(st.sampled_from(["t", "ʃ", "t͡ʃ", "ə", "ɹ", "ɜ˞", "n", "n̩", "s", "kʰ"]), max_size=8)] * 2)
def test_the_notation_of_the_target_changes_no_sound(transcribed: list[str], target: list[str]) -> None:
    assert canonical_form(match_target_notation(transcribed, target)) == canonical_form(transcribed)
    if canonical_form(transcribed) == canonical_form(target):
        assert [canonical_form([p]) for p in match_target_notation(transcribed, target)] == [
            canonical_form([p]) for p in target
        ]
