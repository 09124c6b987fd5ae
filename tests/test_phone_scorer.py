"""What experts would give each phone of a target."""

import dataclasses
import itertools

import numpy as np
import pytest

from alignment.comparison import Comparison, compare
from assessment.assess import Assessment, Assessor
from assessment.phone_scorer import (
    MAX_SLOWNESS,
    PHONES,
    USUAL_DURATION,
    features,
    score_phones,
    target_phones,
)
from assessment.scoring import judge
from shared.phonology.arpabet import ARPABET
from shared.phonology.distance import distances
from shared.phonology.ipa import parse_ipa, parse_words
from shared.recognizers import calibration
from shared.recognizers.calibration import PHONE_SCORER_VERSION, load_calibration, phone_scorer_file
from shared.recognizers.embedded.recognizer import EmbeddedRecognizer
from shared.variation.phonology import GENERIC
from tests.support.calibration import write_calibration
from tests.support.data import CLIP_IPA, DATA, Clip

CLIP = str(DATA / "librivox_0880.wav")
IPA = CLIP_IPA["librivox_0880"]
CALIBRATION = load_calibration("moonshine")
MEAN_DISTANCE, MEAN_DURATION = 46, -1 - len(PHONES)  # columns of features


def compared(recognizer: EmbeddedRecognizer, clip: Clip, ipa: str) -> Comparison:
    words = parse_words(ipa)
    return compare(recognizer.transcribe(clip.audio).posteriors, words, [[]] * len(words), CALIBRATION.penalties)


def marks(found: Assessment) -> list[float | None]:
    return [pair.score for pair in found.alignment if pair.expected is not None]


@pytest.mark.parametrize("name", CLIP_IPA)
def test_a_native_reader_has_high_marks(assessor: Assessor, name: str) -> None:
    found = marks(assessor.assess(str(DATA / f"{name}.wav"), CLIP_IPA[name]))
    assert np.mean([mark for mark in found if mark is not None]) > 0.9


def test_a_phone_that_was_not_pronounced_has_a_low_mark_alone(assessor: Assessor) -> None:
    own, found = assessor.assess(CLIP, IPA), assessor.assess(CLIP, IPA.replace("dɪspoʊzd", "dɪskoʊzd"))
    [place] = [pair.position for pair in found.alignment if pair.expected == "k"]
    differences = [0 if a is None or b is None else a - b for a, b in zip(marks(own), marks(found), strict=True)]
    assert differences[place] > 0.2
    assert np.argmax(differences) == place


def test_an_insertion_has_none(assessor: Assessor) -> None:
    found = assessor.assess(CLIP, IPA.removesuffix(" mæn"))
    assert [pair.score is None for pair in found.alignment] == [pair.expected is None for pair in found.alignment]
    assert None in [pair.score for pair in found.alignment]


def test_both_phones_of_a_diphthong_are_one(recognizer: EmbeddedRecognizer, clip: Clip) -> None:
    comparison = compared(recognizer, clip, IPA)
    phones = score_phones(comparison, CALIBRATION)
    assert [(phone.start, phone.end) for phone in phones] == list(
        itertools.pairwise([phone.start for phone in phones] + [len(comparison.target)])
    )
    assert ["".join(comparison.target[phone.start : phone.end]) for phone in phones if phone.end - phone.start > 1] == [
        "oʊ"
    ]


def test_an_error_in_one_word_changes_no_confidence_in_another(assessor: Assessor) -> None:
    own, found = (assessor.assess(CLIP, ipa, min_confidence=0) for ipa in (IPA, IPA.replace("mæn", "mɪn")))
    last = sum(map(len, parse_words(IPA)[:-1]))
    for before, after in zip(marks(own)[:last], marks(found)[:last], strict=True):
        assert before == pytest.approx(after, abs=0.02)


def test_what_is_of_no_place_has_features_too(recognizer: EmbeddedRecognizer, clip: Clip) -> None:
    """Of an omitted word, and of a phone that a variant leaves out."""
    comparison = compared(recognizer, clip, IPA.replace("mæn", "kaɪnd mæn"))
    phones = target_phones(comparison)
    rows = features(comparison, phones)
    assert any(phone.place is None for phone in phones)
    assert np.isfinite(rows).all()
    assert (rows[:, -len(PHONES) :].argmax(axis=1) == [phone.phone for phone in phones]).all()


def test_how_far_what_is_there_is_from_the_target(recognizer: EmbeddedRecognizer, clip: Clip) -> None:
    def mean_distance(ipa: str, position: int) -> float:
        comparison = compared(recognizer, clip, ipa)
        phones = target_phones(comparison)
        [row] = [
            row for row, phone in zip(features(comparison, phones), phones, strict=True) if phone.start == position
        ]
        return float(row[MEAN_DISTANCE])

    position = "".join(IPA.split()).index("poʊ")
    own, near, far = (mean_distance(IPA.replace("spoʊ", f"s{phone}oʊ"), position) for phone in "pbɹ")
    assert own < 0.1 < near < 0.3 < far


def test_distances_are_those_of_what_may_be_there(recognizer: EmbeddedRecognizer, clip: Clip) -> None:
    comparison = compared(recognizer, clip, IPA.replace("dɪspoʊzd", "dɪskoʊzd"))
    rows = features(comparison, target_phones(comparison))
    [k] = [row for row, phone in zip(rows, target_phones(comparison), strict=True) if PHONES[phone.phone] == "K"]
    far = {name: distances(["k"], parse_ipa(ARPABET[name]))[0] for name in PHONES if len(parse_ipa(ARPABET[name])) == 1}
    posteriors = dict(zip((None, *PHONES), np.exp(k[MEAN_DISTANCE - len(PHONES) - 1 : MEAN_DISTANCE]), strict=True))
    mean = posteriors[None] + sum(posteriors[name] * far[name][0] for name in far)
    assert k[MEAN_DISTANCE] == pytest.approx(mean, abs=0.01)  # diphthongs are improbable here
    assert k[MEAN_DISTANCE + 1] == pytest.approx(distances(["k"], ["p"])[0, 0])


def test_slow_speech_may_be_careful(recognizer: EmbeddedRecognizer, clip: Clip) -> None:
    def mean_duration(slower: float) -> float:
        comparison = compared(recognizer, clip, IPA)
        places = [dataclasses.replace(place, samples=slower * place.samples) for place in comparison.places]
        slow = dataclasses.replace(comparison, places=places)
        return float(np.exp(features(slow, target_phones(slow))[0, MEAN_DURATION]))

    assert mean_duration(0.5) < mean_duration(1.0) < mean_duration(2.0) == mean_duration(4.0)
    assert mean_duration(4.0) == pytest.approx(MAX_SLOWNESS * USUAL_DURATION)


def test_the_probability_of_an_error_is_the_confidence(recognizer: EmbeddedRecognizer, clip: Clip) -> None:
    comparison = compared(recognizer, clip, IPA.replace("dɪspoʊzd", "dɪskoʊzd"))
    by_segment = {phone.segment: phone.error for phone in score_phones(comparison, CALIBRATION)}
    judgement = judge(comparison, CALIBRATION)
    [error] = [error for error in judgement.errors if error.expected == "k"]
    assert judgement.confidences[error.segment] == by_segment[error.segment] >= CALIBRATION.min_confidence


def test_of_another_language_there_is_none(recognizer: EmbeddedRecognizer, clip: Clip) -> None:
    words = parse_words(IPA)
    comparison = compare(recognizer.transcribe(clip.audio).posteriors, words, (), CALIBRATION.penalties, GENERIC)
    assert not judge(comparison, CALIBRATION).marks


def test_an_engine_without_one_has_the_logistic_regression(recognizer: EmbeddedRecognizer, clip: Clip) -> None:
    judgement = judge(compared(recognizer, clip, IPA.replace("dɪspoʊzd", "dɪskoʊzd")), load_calibration("default"))
    assert not judgement.marks
    assert ("k", "p") in [(error.expected, error.actual) for error in judgement.errors]


def test_a_scorer_of_other_features_is_not_read(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "FOLDER", tmp_path)
    monkeypatch.setattr("tests.support.calibration.FOLDER", tmp_path)
    write_calibration(dataclasses.replace(CALIBRATION, engine="other"))
    load_calibration.cache_clear()
    assert load_calibration("other") == dataclasses.replace(CALIBRATION, engine="other")
    file = phone_scorer_file("other")
    file.write_text(file.read_text("utf-8").replace(f'"version":{PHONE_SCORER_VERSION}', '"version":0'), "utf-8")
    load_calibration.cache_clear()
    old = load_calibration("other")
    assert old.phone_scorer is None and old.marks is None
    load_calibration.cache_clear()
