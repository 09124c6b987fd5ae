"""Which letters of a word stand for which of its phones: what a client colours."""

import csv
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.assess import Assessor
from shared.g2p.letters import Grapheme, align_letters
from shared.g2p.lexicon import Lexicon
from shared.phonology.ipa import parse_ipa
from tests.support.data import DATA
from tests.support.text import cmudict_words


def written(graphemes: list[Grapheme] | None) -> str:
    """Graphemes as the table has them: `th:ð ough:oʊ`."""
    return " ".join(f"{each.letters}:{''.join(each.phones)}" for each in graphemes or ())


def read_words() -> list[tuple[str, list[str]]]:
    """A hundred words with their graphemes by hand; several where a silent letter may belong to either neighbour."""
    with (DATA / "g2p" / "graphemes.tsv").open(encoding="utf-8", newline="") as file:
        return [(row["word"], row["graphemes"].split(" | ")) for row in csv.DictReader(file, delimiter="\t")]


def phones_of(graphemes: str) -> list[str]:
    return parse_ipa("".join(each.partition(":")[2] for each in graphemes.split()))


def test_letters_stand_for_the_phones_that_a_teacher_names() -> None:
    found = [(written(align_letters(word, phones_of(right[0]))), right) for word, right in read_words()]
    assert len([graphemes for graphemes, right in found if graphemes in right]) >= 96


@pytest.mark.slow
def test_every_letter_and_every_phone_is_in_one_grapheme() -> None:
    lexicon = Lexicon()
    for word in cmudict_words():
        for phones in lexicon.listed(word):
            graphemes = align_letters(word, phones, position=10)
            assert graphemes, word
            assert "".join(each.letters for each in graphemes) == word
            assert [phone for each in graphemes for phone in each.phones] == phones
            for one, other in itertools.pairwise(graphemes):
                assert one.end == other.start and one.position + len(one.phones) == other.position
            assert all(
                each.letters and each.phones and word[each.start : each.end] == each.letters for each in graphemes
            )


@pytest.mark.parametrize(
    ("word", "ipa", "graphemes"),
    [
        ("and", "ən", "a:ə nd:n"),  # weak
        ("of", "ə", "of:ə"),
        ("city", "sɪɾi", "c:s i:ɪ t:ɾ y:i"),  # a flap
        ("about", "əbaʊʔ", "a:ə b:b ou:aʊ t:ʔ"),
        ("car", "kɑː", "c:k ar:ɑː"),  # British
        ("go", "ɡəʊ", "g:ɡ o:əʊ"),
        ("bird", "bɜːd", "b:b ir:ɜː d:d"),
        ("w", "dʌbəlju", "w:dʌbəlju"),  # the name of the letter
        ("It's", "ɪts", "I:ɪ t':t s:s"),
        ("'em", "əm", "'e:ə m:m"),
        ("twenty-one", "twɛntiwʌn", "t:t w:w e:ɛ n:n t:t y-:i o:wʌ ne:n"),
        ("Café", "kæfeɪ", "C:k a:æ f:f é:eɪ"),
    ],
)
def test_a_word_may_have_any_form_and_any_spelling(word: str, ipa: str, graphemes: str) -> None:
    assert written(align_letters(word, parse_ipa(ipa))) == graphemes


@pytest.mark.parametrize("word", ["25", "3rd", "привет", "-", ""])
def test_what_is_not_in_english_letters_has_none(word: str) -> None:
    assert align_letters(word, ["t", "u"]) is None


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz'-É", min_size=1), st.lists(st.sampled_from("p ɹ ɪ e ɔ t͡ʃ".split())))
def test_no_word_and_no_phones_are_too_strange(word: str, phones: list[str]) -> None:
    graphemes = align_letters(word, phones)
    assert "".join(each.letters for each in graphemes or ()) == (word if graphemes else "")
    assert [phone for each in graphemes or () for phone in each.phones] == (phones if graphemes else [])
    assert bool(graphemes) == (bool(phones) and any(map(str.isalpha, word)))


def test_an_answer_has_the_letters_of_its_words(assessor: Assessor) -> None:
    found = assessor.assess(str(DATA / "librivox_0880.wav"), None, "He was not an ill-disposed young man.")
    disposed = next(word for word in found.words if word.text == "disposed")
    assert written(disposed.letters) == "d:d i:ɪ s:s p:p o:oʊ s:z ed:d"
    [vowel] = [each for each in disposed.letters or () if each.letters == "o"]
    target = [pair.expected for pair in found.alignment if pair.expected]
    assert target[vowel.position : vowel.position + 2] == vowel.phones == ["o", "ʊ"]


def test_letters_are_those_of_the_phones_that_the_request_names(assessor: Assessor) -> None:
    found = assessor.assess(str(DATA / "librivox_0880.wav"), "hi wəz nɑt", "He was not")
    assert [written(word.letters) for word in found.words if word.text] == ["h:h e:i", "w:w a:ə s:z", "n:n o:ɑ t:t"]


def test_words_that_are_known_by_their_ipa_alone_have_no_letters(assessor: Assessor) -> None:
    found = assessor.assess(str(DATA / "librivox_0880.wav"), "hi wəz nɑt")
    assert [word.letters for word in found.words if word.text] == [None] * 3
