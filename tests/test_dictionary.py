"""Texts read as a dictionary editor would: General American as CMUdict has it."""

import csv
from pathlib import Path

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from ipa_generation.generate import load_overrides
from shared.errors import InvalidInputError, ModelUnavailableError
from shared.g2p.abbreviations import READINGS
from shared.g2p.accents import AMERICAN, BRITISH, Accent
from shared.g2p.addresses import STATES
from shared.g2p.dictionary import Dictionary
from shared.g2p.lexicon import ADDITIONS, Lexicon
from shared.g2p.normalization import SYMBOLS
from shared.g2p.quantities import CURRENCIES, UNITS
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import is_vowel, parse_ipa, parse_words
from shared.tables import read_lines
from tests.support.data import DATA
from tests.support.text import cmudict_words, homograph_is_right, read_homographs


def ipa_of(dictionary: Dictionary, text: str) -> str:
    return " ".join("".join(word.pronunciations[0]) for word in dictionary.pronounce(text))


def is_equal(ipa: str, other: str) -> bool:
    """Whether two IPA texts have the same words, notation apart."""
    return [canonical_form(word) for word in parse_words(ipa)] == [canonical_form(word) for word in parse_words(other)]


def read_cases() -> list[tuple[str, str]]:
    with (DATA / "g2p" / "cases.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["text"].partition(" (U+")[0], row["right"].partition(" (or")[0]) for row in rows]


@pytest.mark.parametrize(("text", "ipa"), read_cases())
def test_texts_that_people_complained_about(dictionary: Dictionary, text: str, ipa: str) -> None:
    assert is_equal(ipa_of(dictionary, text), ipa)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the '90s and 1905", "the nineties and nineteen oh five"),
        ("April 5th, 2024", "april fifth twenty twenty four"),
        ("4/23/2021", "april twenty third twenty twenty one"),
        ("the 5th of May", "the fifth of may"),
        ("9:05 a.m., 10:00, 3pm", "nine oh five a m ten o'clock three p m"),
        ("1/2 cup, 2 3/4 miles", "one half cup two and three quarters miles"),
        ("3-5 days, 1990–1995", "three to five days nineteen ninety to nineteen ninety five"),
        ("(800) 555-0199", "eight zero zero five five five zero one nine nine"),
        ("$12.50, $1, €3.05, 20 £", "twelve dollars fifty cents one dollar three euros five cents twenty pounds"),
        ("$1.5 million, $5M, $2bn", "one point five million dollars five million dollars two billion dollars"),
        ("5'10\"", "five foot ten"),
        (
            "60 mph, 72°F, 1 kg, 20kg",
            "sixty miles per hour seventy two degrees fahrenheit one kilogram twenty kilograms",
        ),
        ("10,5 and 1 000 000", "ten point five and one million"),
        ("john@example.com", "john at example dot com"),
        ("#ThrowbackThursday 😀", "throwback thursday"),
        ("World War II, Louis XIV", "world war two louis the fourteenth"),
        ("Dr. Smith, 221 Main St., St. Louis", "doctor smith two hundred twenty one main street saint louis"),
        ("Mr. and Mrs. Jones vs. Prof. Lee etc.", "mister and missus jones versus professor lee etcetera"),
        ("-5 or +5, 50% = half", "minus five or plus five fifty percent equals half"),
        ("H2O, COVID-19, F-16, 4K, 5G", "h two o covid nineteen f sixteen four k five g"),
        ("24/7, w/ milk, and/or", "twenty four seven with milk and or"),
    ],
)
def test_numbers_and_symbols_are_words(dictionary: Dictionary, text: str, words: str) -> None:
    assert " ".join(word.text.lower() for word in dictionary.pronounce(text)) == words


@pytest.mark.parametrize(
    ("text", "ipa"),
    [
        ("STOP! I LOVE YOU", "stɑp aɪ lʌv ju"),
        ("NASA, AIDS and UNESCO", "næsə eɪdz ænd junɛskoʊ"),
        ("the BBC's CEOs", "ðə bi bi siz si i oʊz"),
        ("ChatGPT", "tʃæt dʒi pi ti"),
        ("AT&T", "eɪ ti ən ti"),
        ("U S A", "ju ɛs eɪ"),
        ("the US, not us", "ðə ju ɛs nɑt ʌs"),
        ("the IT department likes it", "ðə aɪ ti dɪpɑɹtmənt laɪks ɪt"),
        ("WHO says I AM?", "dʌbəlju eɪtʃ oʊ sɛz aɪ æm"),
        ("vitamin A, a plan B", "vaɪtəmən eɪ ə plæn bi"),
        ("he'd've, y’all, don‘t", "hidəv jɔl doʊnt"),
    ],
)
def test_capitals_are_words_or_letters(dictionary: Dictionary, text: str, ipa: str) -> None:
    assert is_equal(ipa_of(dictionary, text), ipa)


@pytest.mark.parametrize(("word", "ipa", "sentence"), read_homographs("homographs.tsv"))
def test_the_sentence_decides_between_homographs(dictionary: Dictionary, word: str, ipa: str, sentence: str) -> None:
    if sentence == "Day and night alternate.":
        pytest.xfail("the tagger takes the verb for a noun")
    assert homograph_is_right(dictionary, word, ipa, sentence)


@pytest.mark.parametrize("text", ["ﷺ", "5 ⌘", "word²", "\ue000", "hello 你好", "🙂"])
def test_what_has_no_pronunciation_is_refused_and_named(dictionary: Dictionary, text: str) -> None:
    with pytest.raises(InvalidInputError):
        dictionary.pronounce(text)


@pytest.mark.parametrize(
    ("text", "ipa"),
    [
        ("riper, vaping, gamers, blogger", "ɹaɪpɚ veɪpɪŋ ɡeɪmɚz blɔɡɚ"),
        ("wokest, buriest, crunchier, taxied", "woʊkəst bɛɹiəst kɹʌntʃiɚ tæksid"),
    ],
)
def test_forms_that_no_dictionary_has_are_made_from_their_words(dictionary: Dictionary, text: str, ipa: str) -> None:
    assert is_equal(ipa_of(dictionary, text), ipa)


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("he'll", {"hil", "hɪl", "il", "ɪl"}),
        ("we're", {"wiɹ", "wɪɹ", "wə˞"}),
        ("can't", {"kænt"}),
        ("himself", {"hɪmsɛlf", "ɪmsɛlf"}),
    ],
)
def test_function_words_and_contractions_have_weak_forms(dictionary: Dictionary, word: str, forms: set[str]) -> None:
    [spoken] = dictionary.pronounce(word)
    assert {"".join(form) for form in spoken.pronunciations} == forms


def test_the_name_of_w_is_short_in_fast_speech(dictionary: Dictionary) -> None:
    spoken = dictionary.pronounce("www.asterisk.org")[:3]
    assert [["".join(form) for form in word.pronunciations] for word in spoken] == 3 * [["dʌbəlju", "dʌbjə", "dʌbju"]]


def test_words_that_are_guessed_are_marked(dictionary: Dictionary) -> None:
    assert [word.text for word in dictionary.pronounce("a blorptastic day") if word.is_guessed] == ["blorptastic"]


def test_a_text_may_carry_the_ipa_of_a_word(dictionary: Dictionary) -> None:
    assert ipa_of(dictionary, "Hello {Siobhan|ʃɪvɔn}!") == "hɛloʊ ʃɪvɔn"
    with pytest.raises(InvalidInputError, match="not one of the IPA letters"):
        dictionary.pronounce("{Siobhan|5}")


def test_a_table_overrides_the_dictionary(tmp_path: Path) -> None:
    table = tmp_path / "words.tsv"
    table.write_text("Nguyen\twɪn\n", encoding="utf-8")
    assert ipa_of(Dictionary(load_overrides(str(table))), "Nguyen") == "wɪn"
    table.write_text("Nguyen wɪn\n", encoding="utf-8")
    with pytest.raises(ModelUnavailableError, match=r"IPA_OVERRIDES: row 1 of words.tsv"):
        load_overrides(str(table))
    with pytest.raises(ModelUnavailableError, match="IPA_OVERRIDES"):
        load_overrides(str(tmp_path / "missing.tsv"))


def test_countries_and_first_names_are_listed(dictionary: Dictionary) -> None:
    territories = Locale("en").territories
    countries = [name for code, name in territories.items() if code.isalpha() and len(code) == 2 and code[0] != "X"]
    names = (DATA / "g2p" / "first_names.txt").read_text(encoding="utf-8").split()
    guessed = {word.text for name in (*countries, *names) for word in dictionary.pronounce(name) if word.is_guessed}
    assert len(countries) > 200
    assert len(names) >= 500
    assert not guessed


def test_american_words_are_in_the_phones_of_cmudict() -> None:
    lexicon = Lexicon()
    phones = {phone for word in cmudict_words()[::100] for form in lexicon.listed(word) for phone in form}
    tables = ADDITIONS, ADDITIONS.with_name("wiktionary.tsv.gz")
    words = [line.partition("\t")[0] for table in tables for line in read_lines(table)]
    forms = {"".join(form): form for word in words for form in lexicon.listed(word)}
    assert len(forms) > 10_000
    assert not [ipa for ipa, form in forms.items() if not phones.issuperset(form) or "əʊ" in ipa or "ʌɪ" in ipa]


def test_an_r_coloured_vowel_has_one_symbol_with_stress_or_without(dictionary: Dictionary) -> None:
    assert ipa_of(dictionary, "The learned bird burped Goethe.") == "ðə lə˞nd bə˞d bə˞pt ɡə˞tə"


@pytest.mark.parametrize("accent", [AMERICAN, BRITISH])
def test_what_tables_read_out_is_listed(dictionary: Dictionary, accent: Accent) -> None:
    tables = (*UNITS.values(), *CURRENCIES.values(), *(reading[:1] for reading in READINGS.values()))
    names = [name for row in tables for name in row if name] + [*STATES.values(), *SYMBOLS.values()]
    of_accent = dictionary.in_accents([accent])
    assert not [word.text for name in names for word in of_accent.pronounce(name) if word.is_guessed]


@given(st.text(max_size=60))
def test_a_text_has_phones_or_is_refused(dictionary: Dictionary, text: str) -> None:
    try:
        words = dictionary.pronounce(text)
    except InvalidInputError:
        return
    assert all(any(map(is_vowel, phones)) for word in words for phones in word.pronunciations[:1] if word.is_guessed)
    assert all(parse_ipa("".join(word.pronunciations[0])) for word in words)
