"""What a learner can do about an error, in words for the tongue, the lips and the breath."""

import itertools
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment.phone_pairs import PhonePair
from assessment.advice import Advice, AdviceCode, advise
from assessment.assess import Assessor
from shared.phonology.arpabet import ARPABET
from shared.phonology.distance import feature_table
from shared.phonology.equivalence import normalize
from shared.phonology.ipa import parse_ipa
from tests.support.advice import advice_on
from tests.support.data import DATA

phones = st.sampled_from(sorted(feature_table()))
ENGLISH = sorted({phone for ipa in [*ARPABET.values(), "ə", "ɚ"] for phone in parse_ipa(ipa)})


@pytest.mark.parametrize(
    ("target", "actual", "code", "text"),
    [
        ("zu", "su", "voicing", "Let your voice sound: feel your throat hum, as in z of zoo."),
        ("bʌs", "bʌz", "voicing", "Use only your breath, not your voice: your throat does not hum, as in s of bus."),
        ("bæd", "bæt", "voicing",
         "Let your voice sound to the end and make the vowel before it longer, as in d of bad."),
        ("paɪ", "baɪ", "aspiration", "Let out a puff of air: feel it on a hand before your lips, as in p of pie."),
        ("θɪŋk", "sɪŋk", "place", "Put the tip of your tongue between your teeth, as in th of think."),
        ("ʃi", "si", "place", "Draw back your tongue with your lips pushed forward, as in sh of she."),
        ("t͡ʃiz", "ʃiz", "manner", "Hold the air for a moment before you let it hiss, as in ch of cheese."),
        ("kæt", "kɛt", "height", "Open your mouth wider, as in a of cat."),
        ("sɔ", "sɑ", "height", "Open your mouth less and round your lips, as in aw of saw."),
        ("ɡʊd", "ɡɯd", "rounding", "Round your lips, as in oo of good."),
        ("sɪt", "sit", "length", "Keep the sound short and relaxed, as in i of sit."),
        ("si", "sɪ", "length", "Hold the sound longer with your tongue and your lips tight, as in ee of see."),
        ("deɪ", "de", "diphthong", "These are two vowels in one: raise your tongue at the end, as in ay of day."),
        ("ɡoʊ", "ɡo", "diphthong", "These are two vowels in one: round your lips at the end, as in o of go."),
        ("bɛd", "beɪd", "diphthong", "Say one vowel here and not two, as in e of bed."),
        ("bɝd", "bəd", "rhoticity", "Curl the tip of your tongue up and back, as in ir of bird."),
        ("kɑɹ", "kɑ", "rhoticity", "Curl the tip of your tongue up and back at the end of the vowel, as in r of car."),
        ("stɑp", "sətɑp", "cluster_vowel", "Put no vowel here: go straight from one consonant to the next."),
        ("stɑp", "ɛstɑp", "cluster_vowel", "Put no vowel before this consonant: the word begins with it."),
        ("bɪɡ", "bɪɡə", "cluster_vowel", "Put no vowel after this consonant: the word ends with it."),
        ("bɪɡ ki", "bɪɡəki", "cluster_vowel", "Put no vowel between these words: go straight from one to the next."),
        ("lɛft", "lɛf", "final_consonant",
         "Do not leave out the end of the word: bring the tip of your tongue to the ridge behind your top teeth, as in "
         "t of cat."),
        ("həloʊ", "əloʊ", "deletion",
         "Do not leave out this sound: breathe out with your tongue and your lips out of the way, as in h of hat."),
        ("ki", "kiz", "insertion", "Leave out the z of zoo: there is no such sound here."),
    ],
)  # fmt: skip
def test_an_error_has_advice(target: str, actual: str, code: AdviceCode, text: str) -> None:
    assert advice_on(target, actual) == [Advice(code, text)]


def test_a_vowel_that_became_a_diphthong_is_one_vowel() -> None:
    assert advice_on("nɑt", "noʊt") == [
        Advice("height", "Open your mouth wider and do not round your lips, as in a of father."),
        Advice("diphthong", "Say one vowel here and not two, as in a of father."),
    ]


def are_alike(expected: str, actual: str) -> bool:
    return normalize(expected) == normalize(actual) or {expected, actual} == {"a", "ɑ"}


def test_every_pair_of_english_phones_has_a_sentence_with_an_example() -> None:
    for expected, actual in itertools.permutations(ENGLISH, 2):
        [advice] = advise([PhonePair(expected, actual, 1, 1, "substitute", None, 0)], [["p", expected, "p"]])
        assert advice and advice.text.endswith("."), (expected, actual)
        assert advice.code != "other" or are_alike(expected, actual)
        assert ", as in " in advice.text or expected in "aeo", expected  # which are halves of diphthongs


@given(phones, phones, st.lists(phones, max_size=2), st.lists(phones, max_size=2))
def test_any_phone_replaced_left_out_or_put_in_has_a_sentence(
    expected: str, actual: str, before: list[str], after: list[str]
) -> None:
    errors = [
        PhonePair(expected, actual, len(before), 0, "substitute", None, 0),
        PhonePair(expected, None, len(before), 0, "delete", None, 0),
        PhonePair(None, actual, len(before), 0, "insert", None, 0),
    ]
    for advice in advise(errors, [[*before, expected, *after]]):
        assert advice and advice.code in get_args(AdviceCode)
        assert advice.text[0].isupper() and advice.text[-1] == "." and "  " not in advice.text


def test_an_answer_has_advice_on_each_of_its_errors(assessor: Assessor) -> None:
    found = assessor.assess(str(DATA / "librivox_0880.wav"), "hi wəz nɑt ən ɪl dɪskoʊzd jʌŋ mæn")
    assert [(e.expected, e.actual, e.advice) for e in found.errors] == [
        ("k", "p", Advice("place", "Raise the back of your tongue to the roof of your mouth, as in k of key."))
    ]
