"""The words of an answer: what was pronounced of each, and what between them."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from assessment.assess import Assessment, Assessor
from shared.audio.load import load_audio
from tests.support.data import CLIP_IPA, DATA
from tests.support.mixed_jobs import data_uri
from tests.support.recordings import wav

CLIP = DATA / "librivox_0880.wav"
TEXT = "He was not an ill-disposed young man."
IPA = CLIP_IPA["librivox_0880"]


def statuses(assessment: Assessment) -> list[tuple[str | None, str]]:
    return [(word.text, word.status) for word in assessment.words]


def test_every_word_of_correct_speech_is_correct(assessor: Assessor) -> None:
    found = assessor.assess(str(CLIP), IPA, TEXT)
    assert statuses(found) == [(word, "correct") for word in "he was not an ill disposed young man".split()]
    assert [word.expected for word in found.words] == IPA.split()
    assert all(word.score is not None and word.score > 0.85 and not word.errors for word in found.words)
    times = [word.timestamp for word in found.words]
    assert all(before.start < before.end <= after.start for before, after in itertools.pairwise(times))


def test_without_a_text_words_are_named_by_the_ipa(assessor: Assessor) -> None:
    found = assessor.assess(str(CLIP), IPA)
    assert [word.text for word in found.words] == IPA.split()


@pytest.mark.parametrize("target", ["h i w ə z n ɑ t ə n", "h"])
def test_where_nothing_separates_words_there_is_none(assessor: Assessor, target: str) -> None:
    assert assessor.assess(str(CLIP), target).words == []


def test_a_word_of_another_language_is_named_by_the_text() -> None:
    from assessment.target import build_target

    assert build_target("ɡuːtn̩ taːk", "Guten Tag", "deu").texts == ["Guten", "Tag"]
    assert build_target("ɡuːtn̩ taːk", "Guten Tag zusammen", "deu").texts == ["ɡuːtn̩", "taːk"]


def test_a_phone_substituted_is_an_error_of_its_word_alone(assessor: Assessor) -> None:
    found = assessor.assess(str(CLIP), IPA.replace("dɪspoʊzd", "dɪskoʊzd"))
    [wrong] = [word for word in found.words if word.status != "correct"]
    assert (wrong.expected, wrong.status) == ("dɪskoʊzd", "mispronounced")
    assert wrong.actual.startswith("dɪspoʊz")
    [index] = wrong.errors
    assert (found.errors[index].expected, found.errors[index].actual) == ("k", "p")
    assert wrong.timestamp.start <= found.errors[index].timestamp.start
    assert found.score < 1 and wrong.score is not None and wrong.score < found.score


def test_a_word_that_was_not_pronounced_is_omitted(assessor: Assessor) -> None:
    found = assessor.assess(str(CLIP), IPA.replace("mæn", "kaɪnd mæn"))
    assert [word.text for word in found.words if word.status != "correct"] == ["kaɪnd"]
    [omitted] = [word for word in found.words if word.status == "omitted"]
    assert omitted.actual == "" and len(omitted.errors) == 5  # /d/, too, which may be absent before /m/
    assert found.measures.words_pronounced == pytest.approx(8 / 9, abs=1e-4)
    assert found.aspects.completeness == found.measures.words_pronounced


def test_words_that_the_target_lacks_are_inserted_between_its_own(assessor: Assessor) -> None:
    found = assessor.assess(str(CLIP), IPA.replace("ɪl dɪspoʊzd ", ""))
    [inserted] = [word for word in found.words if word.status == "inserted"]
    assert (inserted.text, inserted.expected, inserted.score) == (None, "", None)
    assert len(inserted.actual) >= 6
    assert found.words.index(inserted) == 4  # after `an`


def test_a_restart_is_repeated_words(assessor: Assessor) -> None:
    found = assessor.assess(str(DATA / "cases" / "repeat_start.flac"), IPA, TEXT)  # he was not, he was not …
    [repeated] = [word for word in found.words if word.status == "repeated"]
    assert repeated.text == "he was not"
    assert [word.status for word in found.words if word.text in ("he", "was", "not", "an", "ill")] == ["correct"] * 5


def test_a_sentence_read_three_times_is_repeated_words(assessor: Assessor) -> None:
    audio = load_audio(str(CLIP))
    found = assessor.assess(data_uri(wav(np.tile(audio, 3))), IPA, TEXT)
    assert [word.text for word in found.words if word.status == "repeated"] == ["he was not an ill disposed young man"]
    assert not any(word.status == "inserted" for word in found.words)
    assert found.measures.repetitions == 1
    assert found.score > 0.9


@pytest.mark.parametrize("target", [IPA, "bi wɑz nɑ ən ðə stɪl dɪspoʊz bɛɹi jʌŋ mænɪ", "ðə kwɪk bɹaʊn fɑks"])
@pytest.mark.parametrize("clip", sorted(DATA.glob("librivox_*.wav")), ids=lambda path: path.stem)
def test_words_have_every_error_and_every_phone_once(assessor: Assessor, clip: Path, target: str) -> None:
    found = assessor.assess(str(clip), target, min_confidence=0.1)
    assert sorted(index for word in found.words for index in word.errors) == list(range(len(found.errors)))
    assert "".join(word.actual for word in found.words) == found.actual_ipa
    of_target = [word for word in found.words if word.text and word.status != "repeated"]  # than he was; he was not …
    assert [word.expected for word in of_target] == target.split()
    assert all((word.score == 0) == (word.status == "omitted") for word in of_target)
