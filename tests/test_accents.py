"""British and American: texts as dictionaries for learners print them, and recordings where either may be right."""

import numpy as np
import pytest

from alignment.comparison import compare
from alignment.phone_pairs import ERRORS, pair_phones
from assessment.client import assess
from assessment.target import Target, build_target
from ipa_generation import handler as ipa_generation
from shared.ctc.posteriors import Posteriors
from shared.g2p.accents import ACCENTS
from shared.g2p.british import BritishRule, apply_rules, british_rules
from shared.g2p.dictionary import Dictionary
from shared.phonology.equivalence import BRITISH_FORMS
from shared.phonology.ipa import parse_ipa, parse_words
from shared.phonology.languages import ENGLISH, Accent, TextAccent
from shared.recognizers.calibration import Penalties
from shared.variation.languages import phonology_of
from tests.support.data import DATA, SHARED_DATA
from tests.support.posteriors import ENGLISH_LABELS, spoken
from tests.support.text import REDUCED

PENALTIES = Penalties(substitution=3, deletion=3, insertion=5, extension=0.5)
NATIVE_WORDS = SHARED_DATA / "native_words"


def read_accents() -> list[tuple[str, TextAccent, str]]:
    """Returns each text of the table with an accent and its IPA in that; ` / ` is between usual ones."""
    _, *rows = (line.split("\t") for line in (DATA / "g2p" / "accents.tsv").read_text(encoding="utf-8").splitlines())
    return [row for text, american, british in rows for row in ((text, "us", american), (text, "gb", british))]


def sounds(ipa: str) -> list[list[str]]:
    """Returns the phones of each word, with reduced vowels as one."""
    return [[REDUCED.get(phone, phone) for phone in BRITISH_FORMS.canonical_form(word)] for word in parse_words(ipa)]


@pytest.fixture(scope="module")
def dictionaries(dictionary: Dictionary) -> dict[str, Dictionary]:
    return {accent: dictionary.in_accents(ACCENTS[accent]) for accent in ("us", "gb")}


@pytest.mark.parametrize(("text", "accent", "ipa"), read_accents())
def test_texts_as_dictionaries_for_learners_print_them(
    dictionaries: dict[str, Dictionary], text: str, accent: str, ipa: str
) -> None:
    spoken = " ".join("".join(word.pronunciations[0]) for word in dictionaries[accent].pronounce(text))
    assert sounds(spoken) in [sounds(reading) for reading in ipa.split(" / ")]


@pytest.mark.parametrize("rule", british_rules(), ids=[rule.name for rule in british_rules()])
def test_each_rule_from_american_makes_of_its_example_what_that_says(rule: BritishRule) -> None:
    word, american, british = rule.example.replace(" → ", ": ").split(": ")
    assert parse_ipa(apply_rules(british_rules(), word, american)) == parse_ipa(british)
    others = [other for other in british_rules() if other is not rule]
    assert parse_ipa(apply_rules(others, word, american)) != parse_ipa(british)
    assert rule.source


def test_words_that_no_british_dictionary_has_are_made_by_rules(dictionaries: dict[str, Dictionary]) -> None:
    [word] = dictionaries["gb"].pronounce("blorptarners")
    assert (word.is_guessed, "".join(word.pronunciations[0])) == (True, "blɔːptɑːnəz")
    made = {"Nuneaton's": "nʌniːtənz", "bloggers": "blɒɡəz", "hearers": "hɪəɹəz", "we're": "wɪə"}
    for text, ipa in made.items():
        [word] = dictionaries["gb"].pronounce(text)
        assert sounds("".join(word.pronunciations[0])) == sounds(ipa), text


def errors(pronounced: Posteriors, target: Target, accent: Accent) -> list[tuple[str | None, str | None]]:
    """Returns what is expected and actual in each deviation of a recording from a target."""
    phonology = phonology_of(ENGLISH, accent)
    found = compare(pronounced, target.words, target.forms, PENALTIES, phonology, target.accents)
    pairs = pair_phones(found.segments, target.phones, phonology.normal_forms)
    return [(pair.expected, pair.actual) for pair in pairs if pair.status in ERRORS]


def explanations(pronounced: Posteriors, target: Target, accent: Accent) -> set[str]:
    phonology = phonology_of(ENGLISH, accent)
    found = compare(pronounced, target.words, target.forms, PENALTIES, phonology, target.accents)
    return {segment.explained_by for segment in found.segments if segment.explained_by}


@pytest.mark.parametrize(
    ("target", "pronounced", "wrong"),
    [
        ("lɒt", "lɑt", []),
        ("lɒt", "lɔt", []),
        ("lɒt", "lɛt", [("ɒ", "ɛ")]),
        ("kɔːt", "kɑt", [("ɔː", "ɑ")]),
        ("bɜːd", "bɝd", []),
        ("bɜːd", "bəd", []),
        ("bɜːd", "bid", [("ɜː", "i")]),
        ("heə", "hɛə", []),
        ("heə", "hɛ", []),
        ("heə", "hɛɹ", []),
        ("heə", "hu", [("e", "u")]),
        ("kɑː", "kɑɹ", [(None, "ɹ")]),
        ("fɑː əweɪ", "fɑɹəweɪ", []),
        ("lɔː ənd", "lɔɹənd", []),
        ("sɪti", "sɪɾi", [("t", "ɾ")]),
    ],
)
def test_a_british_target_is_heard_in_american_labels(
    target: str, pronounced: str, wrong: list[tuple[str | None, str | None]]
) -> None:
    assert errors(spoken(pronounced), build_target(target, None, ENGLISH, "gb"), "gb") == wrong


def test_a_diphthong_without_a_label_is_the_nearest_one() -> None:
    labels = ("", "ɡ", "t", "ə", "ʊ", "oʊ", "eɪ", "aɪ")

    def goat(*heard: str) -> list[tuple[str | None, str | None]]:
        columns = [column for label in ("ɡ", *heard, "t") for column in (labels.index(label), 0)]
        shares = np.eye(len(labels))[columns] * 0.9 + 0.1 / len(labels)
        posteriors = Posteriors(np.log(shares).astype(np.float32), labels, 320)
        return errors(posteriors, build_target("ɡəʊt", None, ENGLISH, "gb"), "gb")

    assert goat("oʊ") == goat("ə", "ʊ") == []
    assert goat("aɪ") == [("ə", "a"), ("ʊ", "ɪ")]


def test_a_recognizer_that_has_the_vowel_of_lot_distinguishes_it() -> None:
    labels = (*ENGLISH_LABELS, "ɒ")
    lot = build_target("lɒt", None, ENGLISH, "gb")
    assert errors(spoken("lɒt", labels), lot, "gb") == []
    assert errors(spoken("lɑt", labels), lot, "gb") == [("ɒ", "ɑ")]


@pytest.mark.parametrize(
    ("text", "ipa", "pronounced", "accents"),
    [
        ("tomato", None, "təmɑtəʊ", {"British"}),
        ("cart", None, "kɑt", {"British"}),
        ("cart", None, "kɑɹt", set()),
        (None, "hɛɹ", "hɛə", {"British"}),
        (None, "leftenənt", "lutɛnənt", {"American"}),
        ("hot", None, "hɔt", {"British"}),
    ],
)
def test_either_accent_of_a_word_is_right(
    text: str | None, ipa: str | None, pronounced: str, accents: set[str]
) -> None:
    target = build_target(ipa, text, ENGLISH, "any")
    assert errors(spoken(pronounced), target, "any") == []
    assert explanations(spoken(pronounced), target, "any") & {"British", "American"} == accents


def test_neither_accent_excuses_another_phone() -> None:
    assert errors(spoken("hit"), build_target(None, "hot", ENGLISH, "any"), "any") == [("ɑ", "i")]
    assert errors(spoken("kɑst"), build_target(None, "cart", ENGLISH, "any"), "any") == [("ɹ", "s")]


def test_an_american_rather_is_wrong_in_britain() -> None:
    text = "Unless to be rather cold-hearted and rather selfish is to be ill-disposed."
    american, either, british = (
        assess(DATA / "librivox_0890.wav", text=text, accent=accent) for accent in ("us", "any", "gb")
    )
    assert american.errors == either.errors
    wrong = [{word.text for word in found.words if word.errors} for found in (american, british)]
    assert wrong[1] - wrong[0] == {"rather"}


@pytest.mark.skipif(not NATIVE_WORDS.is_dir(), reason="needs ../shared/native_words")
@pytest.mark.parametrize("word", ["cart", "hair", "radar", "umbrella"])
def test_a_british_reader_is_right_in_britain_and_with_any(word: str) -> None:
    american, either, british = (
        assess(NATIVE_WORDS / f"{word}_gb.flac", text=word, accent=accent) for accent in ("us", "any", "gb")
    )
    assert [error.expected for error in american.errors if word != "umbrella"] in (["ɹ"], [])
    assert either.errors == british.errors == []


def test_a_job_names_its_accent() -> None:
    found = ipa_generation.handler({"id": "job", "input": {"text": "a zed: Z", "accent": "gb"}})
    assert "".join(found["phonemes"]) == "ə zed zed"
    refused = ipa_generation.handler({"id": "job", "input": {"text": "Z", "accent": "any"}})
    assert refused["error"].startswith("invalid_input: accent: Input should be 'us' or 'gb'")
