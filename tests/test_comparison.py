"""The phones pronounced beside the target's."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment.comparison import compare
from alignment.edit_distance import edit_operations
from alignment.phone_pairs import ERRORS, pair_phones
from alignment.segments import Segment, insertions_between_words, vowels_for_vowels
from shared.audio.vad import find_speech
from shared.phonology.ipa import is_vowel, parse_ipa, parse_words
from shared.recognizers.calibration import Penalties, load_calibration
from shared.recognizers.embedded.recognizer import EmbeddedRecognizer
from tests.support.data import Clip
from tests.support.posteriors import ENGLISH_LABELS, spoken

PENALTIES = Penalties(substitution=3, deletion=3, insertion=5, extension=0.5)

phones = st.lists(st.sampled_from("ptksaiu"), max_size=3)
stretches = st.tuples(phones, phones, st.sampled_from(["deviation", "variant"]))


def segments_of(stretches: list[tuple[list[str], list[str], str]]) -> tuple[list[Segment], list[str]]:
    """Returns segments with phones pronounced in place of others, and the target."""
    target = [phone for _, expected, _ in stretches for phone in expected]
    edges = list(itertools.accumulate((len(expected) for _, expected, _ in stretches), initial=0))
    segments = [
        Segment(start, end, tuple(actual), tuple(actual), (), status, "elision" if status == "variant" else None)  # type: ignore[arg-type]
        for (actual, _, status), (start, end) in zip(stretches, itertools.pairwise(edges), strict=True)
    ]
    return segments, target


@given(st.lists(stretches, max_size=4))
def test_pairs_lead_from_the_target_to_the_phones_pronounced(
    stretches: list[tuple[list[str], list[str], str]],
) -> None:
    segments, target = segments_of(stretches)
    pairs = pair_phones(segments, target)
    assert [pair.expected for pair in pairs if pair.expected] == target
    assert [pair.actual for pair in pairs if pair.actual] == [p for actual, _, _ in stretches for p in actual]
    assert all((pair.expected == pair.actual) == (pair.status == "match") for pair in pairs)
    assert all((pair.status == "variant") == (pair.explained_by == "elision") for pair in pairs)
    for index, pair in enumerate(pairs):
        before = pairs[:index]
        assert pair.position == sum(earlier.expected is not None for earlier in before)
        assert pair.actual_index == sum(earlier.actual is not None for earlier in before)
    errors = [pair.status for pair in pairs if pair.status in ERRORS]
    assert errors == [
        operation.type
        for actual, expected, status in stretches
        if status == "deviation"
        for operation in edit_operations(actual, expected)
    ]


@pytest.mark.parametrize(("actual", "target"), [("ðɚ", "ðɜ˞"), ("ðəɹ", "ðɚ"), ("ɹit͡ʃ", "ɹiːtʃ"), ("tæn", "tʰæ̃n")])
def test_one_phone_has_one_notation_the_targets(actual: str, target: str) -> None:
    comparison = compare(spoken(actual), parse_words(target), (), PENALTIES)
    assert [phone for segment in comparison.segments for phone in segment.phones] == parse_ipa(target)
    assert all(segment.status == "match" for segment in comparison.segments)


@pytest.mark.parametrize(
    ("target", "pronounced", "wrong"),
    [
        ("lɔ ɪz", "lɑɪz", [(1, 2)]),  # *law is* has none
        ("lɔɪz", "lɑz", [(1, 3)]),
        ("l ɔ ɪ z", "lɑz", [(1, 3)]),  # spaces between phones say nothing of words
    ],
)
def test_a_diphthong_is_within_a_word(target: str, pronounced: str, wrong: list[tuple[int, int]]) -> None:
    segments = compare(spoken(pronounced, (*ENGLISH_LABELS, "ɔɪ")), parse_words(target), (), PENALTIES).segments
    assert [(s.start, s.end) for s in segments if s.status == "deviation" and s.end > s.start] == wrong


def decoded(*phones: str, target: str) -> list[Segment]:
    """Returns segments of phones, each a match, or in brackets an insertion before what follows."""
    segments, position = [], 0
    for phone in phones:
        inserted = phone.startswith("[")
        letter = phone.strip("[]")
        end = position + (not inserted)
        segments.append(
            Segment(position, end, (letter,), (letter,), (ord(letter),), "deviation" if inserted else "match")
        )
        position = end
    assert position == len(target)
    return segments


@pytest.mark.parametrize(
    ("phones", "moved"),
    [
        ("h i w [z n w] z n", "h i w z [n w z] n"),  # on, to the end of the word
        ("h i w [i w] z n", "h i [w i] w z n"),  # back, to its start
        ("h i w [s t] z n", "h i w [s t] z n"),  # the phones are others
        ("h i w [z] z n", "h i w [z] z n"),  # one phone is no restart
        ("h i [n n] w z n", "h i [n n] w z n"),  # is there already
    ],
)
def test_a_run_of_insertions_moves_to_a_boundary_where_the_phones_are_the_same(phones: str, moved: str) -> None:
    def read(text: str) -> list[Segment]:
        inside, names = False, []
        for name in text.split():
            inside = inside or name.startswith("[")
            names.append(f"[{name.strip('[]')}]" if inside else name)
            inside = inside and not name.endswith("]")
        return decoded(*names, target="hiwzn")

    assert insertions_between_words(read(phones), {0, 2, 4, 5}) == read(moved)


@given(st.lists(st.tuples(st.sampled_from("ptkaiu"), st.sampled_from(["", *"szmlɛɔ"]), st.booleans()), max_size=8))
def test_vowels_stand_for_vowels_where_they_can(places: list[tuple[str, str, bool]]) -> None:
    """Target phones, what was pronounced in their place, "" for nothing, and whether it counts as the same."""
    target = [expected for expected, _, _ in places]
    segments = [
        Segment(
            k, k + 1, (p,) if p else (), (p,) if p else (), (ord(p),) if p else (), "match" if same else "deviation"
        )
        for k, (_, p, same) in enumerate(places)
    ]
    paired = vowels_for_vowels(segments, target)

    def unlike(each: list[Segment]) -> int:
        return sum(is_vowel(s.phones[0]) != is_vowel(target[s.start]) for s in each if s.phones)

    assert [phone for segment in paired for phone in segment.phones] == [p for _, p, _ in places if p]
    assert [(s.start, s.end, s.status) for s in paired] == [(s.start, s.end, s.status) for s in segments]
    assert unlike(paired) <= unlike(segments)
    if unlike(paired) == unlike(segments):
        assert paired == segments


def test_a_changed_consonant_is_one_error_beside_a_weak_vowel(recognizer: EmbeddedRecognizer, clip: Clip) -> None:
    """The ɪ of "disposed" is nearly absent: the d that was pronounced must not stand for it."""
    posteriors = recognizer.transcribe(find_speech(clip.audio).samples).posteriors
    for consonant in "pfvʃshŋwj":
        words = parse_words(f"hi wʌz nɑt æn ɪl {consonant}ɪspoʊzd jʌŋ mæn")
        comparison = compare(posteriors, words, (), load_calibration(recognizer.name).penalties)
        [vowel] = [s for s in comparison.segments if s.start == 13]
        assert vowel.phones in ((), ("ɪ",)), consonant
