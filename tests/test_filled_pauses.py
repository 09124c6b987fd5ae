"""Um, uh, er, hmm and mm between words are no errors; a schwa added to a word is one."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from alignment.comparison import Comparison, compare
from alignment.filled_pauses import FILLED_PAUSE, MIN_FILLED_PAUSE, mark_filled_pauses
from alignment.segments import Segment
from shared.ctc.alignment import forced_alignment
from shared.ctc.posteriors import Posteriors
from shared.phonology.ipa import parse_ipa, parse_words
from shared.recognizers.calibration import Penalties
from shared.variation.languages import phonology_of
from tests.support.posteriors import ENGLISH_LABELS

PENALTIES = Penalties(1, 1, 3, 0.5)
STRIDE = 320
LONG = MIN_FILLED_PAUSE // STRIDE + 1  # frames
SHE_SELLS = "ʃi sɛlz si"


def pronounced(*parts: str, frames: int) -> Posteriors:
    """Returns posteriors of phones pronounced clearly; around what is in brackets so many frames without a phone."""
    columns = [0]
    for part in parts:
        silence = [0] * (frames if part.startswith("[") else 0)
        columns += silence
        for phone in parse_ipa(part.strip("[]")):
            label = {"ɜ˞": "ɚ", "ə˞": "ɚ", "ʌ": "ə"}.get(phone, phone)
            columns += [ENGLISH_LABELS.index(label), 0]
        columns += silence
    shares = np.eye(len(ENGLISH_LABELS))[columns] * 0.99 + 0.01 / len(ENGLISH_LABELS)
    return Posteriors(np.log(shares).astype(np.float32), ENGLISH_LABELS, STRIDE)


def heard(*parts: str, frames: int = LONG, language: str = "eng") -> Comparison:
    return compare(pronounced(*parts, frames=frames), parse_words(SHE_SELLS), (), PENALTIES, phonology_of(language))


def fillers(comparison: Comparison) -> list[str]:
    """Returns the phones that are marked as filled pauses."""
    marked = [segment.phones for segment in comparison.segments if segment.explained_by == FILLED_PAUSE]
    return list(itertools.chain.from_iterable(marked))


def deviations(comparison: Comparison) -> list[str]:
    return ["".join(segment.phones) for segment in comparison.segments if segment.status == "deviation"]


@pytest.mark.parametrize("filler", ["əm", "ə", "ɚ", "m", "ɑ", "hm", "həm"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_filled_pause_between_words_is_a_variant(filler: str, place: int) -> None:
    words = ["ʃi", "sɛlz", "si"]
    words.insert(place, f"[{filler}]")
    found = heard(*words)
    assert fillers(found) == parse_ipa(filler)
    assert deviations(found) == []


def test_a_schwa_that_is_added_to_a_word_is_an_error() -> None:
    found = heard("ʃi", "sɛlz", "[ə]", "si", frames=0)
    assert (fillers(found), deviations(found)) == ([], ["ə"])


def test_what_is_inside_a_word_is_an_error() -> None:
    found = heard("ʃi", "sɛl", "[ə]", "z", "si")
    assert (fillers(found), deviations(found)) == ([], ["ə"])


@pytest.mark.parametrize("inserted", ["ɹɪli", "kæt", "u", "mi"])
def test_other_phones_are_errors(inserted: str) -> None:
    found = heard("ʃi", f"[{inserted}]", "sɛlz", "si")
    assert (fillers(found), "".join(deviations(found))) == ([], inserted)


def test_a_filled_pause_may_begin_a_longer_run() -> None:
    found = heard("ʃi", "[əm]", "[ɹɪli]", "sɛlz", "si")
    assert (fillers(found), "".join(deviations(found))) == (["ə", "m"], "ɹɪli")


def test_a_filled_pause_may_end_a_longer_run() -> None:
    found = heard("ʃi", "[ɹɪli]", "[əm]", "sɛlz", "si")
    assert (fillers(found), "".join(deviations(found))) == (["ə", "m"], "ɹɪli")


@pytest.mark.parametrize(("words", "swallowed"), [("ʃi ə sɛlz", ["ɑ"]), ("ə", [])])
def test_a_filled_pause_swallows_a_beside_other_words_alone(words: str, swallowed: list[str]) -> None:
    parts = [f"[{word}]".replace("ə", "ɑ") if word == "ə" else word for word in words.split()]
    posteriors = pronounced(*parts, frames=LONG)
    assert fillers(compare(posteriors, parse_words(words), (), PENALTIES)) == swallowed


def test_what_was_probably_not_pronounced_is_no_filled_pause() -> None:
    posteriors = pronounced("ʃi", "[m]", "sɛlz", "si", frames=LONG)
    labels = [ENGLISH_LABELS.index(phone) for phone in "ʃimsɛlzsi"]
    segments = [
        Segment(k - (k > 2), k + (k < 2), ("m",), ("m",), (label,), "match", None, (emission,))
        for k, (label, emission) in enumerate(zip(labels, forced_alignment(posteriors.log_probs, labels), strict=True))
    ]
    segments[2] = replace(segments[2], start=2, end=2, status="deviation")
    for evidence, marked in ((5.0, 1), (-5.0, 0)):
        target = list("ʃisɛlzsi")
        found = mark_filled_pauses(posteriors, target, segments, [evidence] * len(segments), {0, 2, 6, 8})
        assert sum(segment.explained_by == FILLED_PAUSE for segment in found) == marked


def test_in_another_language_it_is_an_error() -> None:
    assert fillers(heard("ʃi", "[əm]", "sɛlz", "si", language="deu")) == []
