"""What running speech does to sounds, and what forms words have, is no error; anything else is one."""

import pytest

from alignment.comparison import compare
from alignment.phone_pairs import ERRORS, pair_phones
from assessment.target import build_target
from shared.recognizers.calibration import Penalties
from shared.variation.languages import AMERICAN_ENGLISH
from shared.variation.phonology import GENERIC
from shared.variation.variant import Variant
from tests.support.posteriors import spoken

PENALTIES = Penalties(substitution=3, deletion=3, insertion=5, extension=0.5)


def differences(
    pronounced: str, target: str, known: bool = True, penalties: Penalties = PENALTIES
) -> list[tuple[str | None, ...]]:
    """Returns each pair that is no match: expected, actual, and what explains it."""
    read = build_target(target, None)
    segments = compare(spoken(pronounced), read.words, read.forms if known else [], penalties).segments
    pairs = pair_phones(segments, read.phones)
    assert all((pair.explained_by is None) == (pair.status in (*ERRORS, "match")) for pair in pairs)
    return [(pair.expected, pair.actual, pair.explained_by) for pair in pairs if pair.status != "match"]


@pytest.mark.parametrize(
    ("target", "pronounced", "process"),
    [
        ("sɪti", "sɪɾi", "flapping: city, get it"),
        ("pɑɹti", "pɑɹɾi", "flapping: party"),
        ("ɡɛt ɪt", "ɡɛɾɪt", "flapping: city, get it"),
        ("fʊtbɔl", "fʊʔbɔl", "glottal stop: football, what now"),
        ("nɛkst deɪ", "nɛksdeɪ", "elision: next day, old man"),
        ("oʊld mæn", "oʊlmæn", "elision: next day, old man"),
        ("moʊstli", "moʊsli", "elision: mostly, windmill"),
        ("wɪndmɪl", "wɪnmɪl", "elision: mostly, windmill"),
        ("pɹudəntli", "pɹudənli", "elision: mostly, windmill"),
        ("ðɪs saʊnd", "ðɪsaʊnd", "one long consonant: this sound"),
        ("si ɪt", "sijɪt", "linking: see it"),
        ("du ɪt", "duwɪt", "linking: do it"),
        ("fɑ əweɪ", "fɑɹəweɪ", "linking: far away, law and"),
        ("tɛn pipəl", "tɛmpipəl", "assimilation: ten people"),
        ("tɛn kɑɹz", "tɛŋkɑɹz", "assimilation: ten cars"),
        ("ðɪs ʃɑp", "ðɪʃʃɑp", "assimilation: this shop, this year"),
        ("æz ju", "æʒju", "assimilation: those shops, as you"),
        ("dɪd ju", "dɪd͡ʒu", "coalescence: did you"),
        ("doʊnt ju", "doʊnt͡ʃu", "coalescence: did you"),
        ("mɪs ju", "mɪʃu", "coalescence: did you"),
        ("pɹɪns", "pɹɪnts", "stop between: prince, tenth"),
        ("wɔɹmθ", "wɔɹmpθ", "stop between: warmth, something"),
        ("lɛŋθ", "lɛŋkθ", "stop between: length"),
        ("aɪ æm hiɹ", "aɪmhiɹ", "contraction: I am"),
        ("ðeɪ ɑɹ hiɹ", "ðɛɹhiɹ", "contraction: I am"),
        ("ðæt ɪz ɪt", "ðætsɪt", "contraction: I am"),
        ("ju wɪl si", "julsi", "contraction: I am"),
    ],
)
def test_a_process_of_running_speech_is_no_error(target: str, pronounced: str, process: str) -> None:
    assert {explained_by for _, _, explained_by in differences(pronounced, target)} == {process}


@pytest.mark.parametrize(
    ("target", "pronounced"),
    [
        ("bɹɛd ænd bətɚ", "bɹɛdənbətɚ"),
        ("tɛl hɪm", "tɛlɪm"),
        ("tu ʃɑps", "təʃɑps"),
        ("tə ʃɑps", "tuʃɑps"),
        ("wəz nɑt", "wɑznɑt"),
        ("ðə mæn", "ðimæn"),
        ("fɔɹ əs", "fɚəs"),
        ("fɚ əs", "fɔɹəs"),
        ("iðɚ", "aɪðɚ"),
        ("baɪ hɪmsɛlf", "baɪɪmsɛlf"),
        ("ʃæl wi", "ʃəlwi"),
        ("tu ɔl əv", "tʊɔləv"),
        ("ðə æpəl", "ðɪæpəl"),
    ],
)
def test_a_word_may_have_any_of_its_forms(target: str, pronounced: str) -> None:
    assert {explained_by for _, _, explained_by in differences(pronounced, target)} == {"another form of the word"}


def test_of_two_alike_consonants_one_is_not_absent_where_the_other_is_wrong() -> None:
    mild = Penalties(substitution=1, deletion=1, insertion=3, extension=0.5)
    assert differences("ðɪsaʊnd", "ðɪs saʊnd", penalties=mild) == [("s", None, "one long consonant: this sound")]
    assert {why for _, _, why in differences("ðɪfaʊnd", "ðɪs saʊnd", penalties=mild)} == {None}
    assert differences("ivɪnəv", "ivɪh hæv")[0] == ("h", "n", None)  # and then a weak *have*


@pytest.mark.parametrize(
    ("target", "pronounced"),
    [
        ("vɪzɪt ɪt", "vɪzətɪt"),
        ("ivɪn soʊ", "ivənsoʊ"),
        ("wɑntəd ɪt", "wɑntɪdɪt"),
        ("ðə wɪmən", "ðəwɪmɪn"),
        ("ɪt bihɛld", "ɪtbɪhɛld"),
        ("ɹɪmuv ɪt", "ɹəmuvɪt"),
        ("bɪliv ɪt", "bəlivɪt"),
        ("ðə ɛɡzɪt", "ðəɛksɪt"),  # CMUdict's other pronunciation is ɛksət
        ("vɪbɪt ɪt", "vɪbətɪt"),  # no word, of unknown stress
    ],
)
def test_an_unstressed_syllable_may_have_another_weak_vowel(target: str, pronounced: str) -> None:
    assert {explained_by for _, _, explained_by in differences(pronounced, target)} == {"weak vowel: visit, even"}


@pytest.mark.parametrize(
    ("target", "pronounced"),
    [
        ("vɪzɪt ɪt", "vəzɪtɪt"),  # stressed
        ("vɪzɪt ɪt", "vɪzitɪt"),
        ("ðə mjuzɪk", "ðəmjuzək"),
        ("mɔɹnɪŋ ɔl", "mɔɹnəŋɔl"),
        ("ðə kænsəl", "ðəkænsɪl"),
        ("ə bənænə", "əbɪnænə"),
        ("ɪt dɪspoʊzd", "ɪtdispoʊzd"),
        ("ɪt sɪts", "ɪtsəts"),
        ("ə sɪɡɑɹ", "əsiɡɑɹ"),  # no prefix
        ("vɪbeɪt oʊn", "vɪbeətoʊn"),  # no word, but a diphthong
        ("hɪz oʊn", "həzoʊn"),  # a function word, whose weak forms are listed
        ("ɪt hɪv bɪn", "ɪthəvbɪn"),
    ],
)
def test_any_other_vowel_is_an_error(target: str, pronounced: str) -> None:
    [(expected, actual, explained_by)] = differences(pronounced, target)
    assert expected and actual and explained_by is None


def test_a_word_read_as_another_is_wrong_wherever_it_differs() -> None:
    assert differences("meɪəvɪt", "meɪ hæt ɪt") == [("h", None, None), ("æ", "ə", None), ("t", "v", None)]


def test_forms_and_processes_are_those_of_english_alone() -> None:
    words = [["ɡ", "ɛ", "t"], ["ɪ", "t"]]
    for phonology, status in ((AMERICAN_ENGLISH, "variant"), (GENERIC, "substitute")):
        comparison = compare(spoken("ɡɛɾɪt"), words, (), PENALTIES, phonology)
        pairs = pair_phones(comparison.segments, comparison.target, phonology.normal_forms)
        assert [pair.status for pair in pairs if pair.status != "match"] == [status]


def test_what_a_form_repeats_is_counted_once() -> None:
    assert list(AMERICAN_ENGLISH.word_variants(["n", "ə"], [["n", "ə", "n", "ə"]], 0, "a form")) == [
        Variant(2, 2, ("n", "ə"), "a form")
    ]


def test_a_form_differs_where_it_does_whatever_the_notation() -> None:
    [variant] = AMERICAN_ENGLISH.word_variants(["i", "ð", "ə", "ɹ"], [["a", "ɪ", "ð", "ə˞"]], 0, "either")
    assert variant == Variant(0, 1, ("a", "ɪ"), "either")
    assert differences("aɪzəɹ", "iðəɹ") == [
        (None, "a", "another form of the word"),
        ("i", "ɪ", "another form of the word"),
        ("ð", "z", None),
    ]


def test_without_the_words_a_form_is_an_error() -> None:
    assert differences("wɑznɑt", "wəz nɑt") == [("ə", "ɑ", "another form of the word")]
    assert differences("wɑznɑt", "wəznɑt") == [("ə", "ɑ", None)]


@pytest.mark.parametrize(
    ("target", "pronounced", "error"),
    [
        ("bæd", "bæ", ("d", None)),  # the end of a sentence: no consonant follows
        ("hɪt", "ɪt", ("h", None)),  # no function word
        ("hil", "il", ("h", None)),  # *heel*; that it is *he'll* a text must say
        ("maɪ æm", "maɪm", ("æ", None)),  # no pronoun that a verb follows
        ("ɪv", "ɪ", ("v", None)),
        ("pæpt", "pɛpt", ("æ", "ɛ")),
        ("mæn", "mən", ("æ", "ə")),
        ("lɛtɚ", "litɚ", ("ɛ", "i")),
        ("kʌntɹi", "kʌnɹi", ("t", None)),  # where it begins a syllable
        ("hʌndɹəd", "hʌnɹəd", ("d", None)),
        ("pɑɹtli", "pɑɹli", ("t", None)),
        ("wɑnts", "wɑns", ("t", None)),  # before an ending
        ("fɔɹ əs", "fɔəs", ("ɹ", None)),  # between two forms is no form
        ("tɑp", "ɾɑp", ("t", "ɾ")),  # no vowel before
        ("tɛn", "tɛm", ("n", "m")),
        ("s i ɪ t", "sijɪt", (None, "j")),  # spaces between phones say nothing of words
        ("s u ɚ", "shuɚ", (None, "h")),  # nor of *who are*
        ("sit", "sijt", (None, "j")),
    ],
)
def test_elsewhere_it_is_one(target: str, pronounced: str, error: tuple[str | None, ...]) -> None:
    assert differences(pronounced, target) == [(*error, None)]
