"""What is answered where a sentence is not read once, and where a word stands alone."""

import csv
import functools
from typing import Any

import numpy as np
import pytest

from assessment import handler
from shared.audio.load import load_audio
from shared.audio.samples import SAMPLE_RATE
from shared.phonology.ipa import parse_ipa
from tests.support.data import CLIP_IPA, DATA, SHARED_DATA
from tests.support.mixed_jobs import data_uri
from tests.support.partial_readings import partial_readings
from tests.support.recordings import wav

pytestmark = pytest.mark.slow

WORDS_ALONE = SHARED_DATA / "native_words"
SYNTHESIZED = DATA / "disfluent"  # by flite, whose voices read the column `said`
TEXTS = {
    row["file"].removesuffix(".ogg"): row["text"]
    for row in csv.DictReader((SYNTHESIZED / "texts.tsv").open(encoding="utf-8"), delimiter="\t")
}
REPEATED = {"start repeated", "read twice"}
PAUSE = np.zeros(SAMPLE_RATE // 3, dtype=np.float32)

Output = dict[str, Any]


def assess(**request: Any) -> Output:
    """Returns the detailed output of a job."""
    output: Output = handler.handler({"id": "job", "input": {"detail": True, **request}})
    return output


def heard(name: str, **request: Any) -> Output:
    """Returns the detailed output for a synthesized recording."""
    return assess(**{"audio_uri": str(SYNTHESIZED / f"{name}.ogg"), "target_text": TEXTS[name], **request})


def statuses(output: Output) -> list[tuple[str | None, str]]:
    """Returns the words of an answer and between them, with what is said of each, correct ones left out."""
    return [(word["text"], word["status"]) for word in output["words"] if word["status"] != "correct"]


@functools.cache
def readings(name: str) -> dict[str, tuple[Output, float]]:
    """Returns the answers about readings made of a clip, with the share of the words that is in each."""
    names = list(CLIP_IPA)
    path, other = (DATA / f"{clip}.wav" for clip in (name, names[names.index(name) - 1]))
    words = [found.timestamp for found in handler.assessor().assess(str(path), CLIP_IPA[name]).words]
    made = partial_readings(load_audio(str(path)), words, load_audio(str(other)))
    return {
        kind: (assess(audio_uri=data_uri(wav(reading.audio)), target_ipa=CLIP_IPA[name]), reading.words_pronounced)
        for kind, reading in made.items()
    }


@pytest.mark.parametrize("name", CLIP_IPA)
def test_a_sentence_that_is_not_read_once_is_no_other_text(name: str) -> None:
    for kind, (output, words_pronounced) in readings(name).items():
        assert not output["off_target"], kind
        assert output["aspects"]["accuracy"] > 0.85, kind
        assert output["aspects"]["completeness"] == pytest.approx(words_pronounced, abs=0.15), kind
        assert output["score"] > 0.4, kind


@pytest.mark.parametrize("name", CLIP_IPA)
def test_words_read_again_are_a_repetition_that_costs_once(name: str) -> None:
    for kind in REPEATED:
        output, _ = readings(name)[kind]
        assert output["measures"]["repetitions"] >= 1, kind
        assert any(word["status"] == "repeated" and word["text"] for word in output["words"]), kind
        assert output["score"] > 0.85, kind


@pytest.mark.parametrize("name", ["sea_again", "sea_again_rms"])
def test_she_sells_sea_she_sells_sea_shells(name: str) -> None:
    output = heard(name)
    assert not output["off_target"]
    assert output["score"] > 0.85
    [text] = [text for text, status in statuses(output) if status == "repeated"]
    assert text is not None and "sea" in text.split()
    assert [word["text"] for word in output["words"] if word["status"] == "inserted"] == []


@pytest.mark.parametrize("name", ["more_words", "more_words_rms"])
def test_a_very_big_cup_of_coffee(name: str) -> None:
    output = heard(name)
    assert statuses(output) == [(None, "inserted"), (None, "inserted")]  # really, very big
    assert not output["off_target"]
    assert output["aspects"]["accuracy"] > 0.95
    assert output["score"] > 0.85


def test_a_word_said_twice_names_the_word() -> None:
    output = heard("would_would")
    assert statuses(output) == [("would", "repeated")]
    assert output["measures"]["repetitions"] == 1
    assert output["aspects"]["accuracy"] == 1
    assert 0.9 < output["score"] < 1  # one insertion


def test_a_sentence_read_twice_names_its_words() -> None:
    output = heard("twice")
    assert statuses(output) == [("i would like a cup of coffee", "repeated")]
    assert not output["off_target"]


def test_a_sentence_after_another_one() -> None:
    output = heard("after_another")
    assert statuses(output) == [(None, "inserted")]
    assert not output["off_target"]


@pytest.mark.parametrize("name", ["half", "five_of_twelve"])
def test_a_reader_who_stops_is_accurate_and_incomplete(name: str) -> None:
    output = heard(name)
    share = {"half": 8 / 12, "five_of_twelve": 5 / 12}[name]
    assert {status for _, status in statuses(output)} <= {"omitted", "mispronounced"}
    assert not output["off_target"]
    assert output["aspects"]["accuracy"] > 0.95
    assert output["aspects"]["completeness"] == pytest.approx(share, abs=1e-3)
    assert 0.5 < output["score"] < 0.75
    assert output["aspects"]["overall"] <= round(share, 4)


@pytest.mark.parametrize("name", ["um", "um_first", "uh", "er", "hmm", "mm"])
def test_fillers_are_no_errors(name: str) -> None:
    output = heard(name)
    assert (output["errors"], output["score"], output["off_target"]) == ([], 1.0, False)
    assert output["aspects"]["accuracy"] == 1


@pytest.mark.parametrize("name", ["um", "um_first", "uh"])
def test_fillers_are_counted_against_fluency(name: str) -> None:
    output = heard(name)
    assert output["measures"]["filled_pauses"] == 1
    assert statuses(output) == [(None, "filled_pause")]
    assert {pair["explained_by"] for pair in output["alignment"] if pair["status"] == "variant"} >= {"filled pause"}
    assert output["aspects"]["fluency"] < 0.97


@pytest.mark.parametrize("name", ["hat", "cart", "star", "automobile"])
def test_a_word_alone_is_itself(name: str) -> None:
    output = heard(name)
    assert (output["errors"], output["score"], output["off_target"]) == ([], 1.0, False)


@pytest.mark.parametrize("times", [2, 3])
@pytest.mark.parametrize("name", ["hat", "cart", "star"])
def test_a_word_alone_that_is_said_again_is_a_repetition(name: str, times: int) -> None:
    audio = np.concatenate([load_audio(str(SYNTHESIZED / f"{name}.ogg")), PAUSE])
    output = assess(audio_uri=data_uri(wav(np.tile(audio, times))), target_text=TEXTS[name])
    assert [text for text, status in statuses(output) if status == "repeated"] == [name]
    assert not output["off_target"]
    assert output["aspects"]["accuracy"] == 1


@pytest.mark.parametrize("name", CLIP_IPA)
def test_a_start_that_is_read_twice_before_the_sentence_is_a_repetition(name: str) -> None:
    path = str(DATA / f"{name}.wav")
    audio, words = load_audio(path), handler.assessor().assess(path, CLIP_IPA[name]).words
    start = np.concatenate([audio[: (words[2].timestamp.end + words[3].timestamp.start) // 2], PAUSE])
    output = assess(audio_uri=data_uri(wav(np.concatenate([start, start, audio]))), target_ipa=CLIP_IPA[name])
    assert [status for _, status in statuses(output) if status == "repeated"] == ["repeated"]
    assert output["score"] > 0.95


@pytest.mark.parametrize(
    ("name", "target", "expected"),
    [("automobile", "kɝtəmoʊbil", "ɜ˞"), ("hat", "hɑt", "ɑ"), ("cart", "pɑɹt", "p"), ("star", "stɑl", "l")],
)
def test_a_word_alone_with_one_phone_changed_is_no_other_word(name: str, target: str, expected: str) -> None:
    output = heard(name, target_text=None, target_ipa=target)
    assert expected in [error["expected"] for error in output["errors"]]
    assert not output["off_target"]
    assert output["score"] > 0.3


@pytest.mark.parametrize("name", CLIP_IPA)
@pytest.mark.parametrize("times", [2, 3])
def test_of_a_text_that_has_a_sentence_twice_one_is_omitted(name: str, times: int) -> None:
    """What of which one is omitted is open: the words pronounced are those of the sentence once."""
    path, ipa = str(DATA / f"{name}.wav"), CLIP_IPA[name]
    output, once = assess(audio_uri=path, target_ipa=" ".join([ipa] * times)), assess(audio_uri=path, target_ipa=ipa)
    omitted = [word for word in output["words"] if word["status"] == "omitted"]
    assert len(omitted) == pytest.approx((times - 1) * len(once["words"]), abs=1)
    assert [len(word["errors"]) for word in omitted] == [len(parse_ipa(word["expected"])) for word in omitted]
    assert {output["errors"][error]["type"] for word in omitted for error in word["errors"]} == {"delete"}
    assert output["aspects"]["accuracy"] == pytest.approx(once["aspects"]["accuracy"], abs=0.02)
    assert output["measures"]["speech_rate"] == pytest.approx(once["measures"]["speech_rate"], rel=0.1)


@pytest.mark.parametrize(
    ("text", "omitted"),
    [
        ("He was not, he was not an ill-disposed young man.", 3),
        ("He was not an ill-disposed young man, young man.", 2),
        ("He was not an ill-disposed young woman, nor an ill-disposed young man.", 6),
    ],
)
def test_of_a_text_that_has_a_phrase_twice_one_is_omitted(text: str, omitted: int) -> None:
    output = assess(audio_uri=str(DATA / "librivox_0880.wav"), target_text=text)
    assert [status for _, status in statuses(output)] == ["omitted"] * omitted
    assert {error["type"] for error in output["errors"]} == {"delete"}


@pytest.mark.parametrize("name", CLIP_IPA)
def test_a_sentence_twice_in_text_and_speech_is_complete(name: str) -> None:
    audio = load_audio(str(DATA / f"{name}.wav"))
    output = assess(audio_uri=data_uri(wav(np.tile(audio, 2))), target_ipa=f"{CLIP_IPA[name]} {CLIP_IPA[name]}")
    assert output["aspects"]["completeness"] == 1
    assert output["score"] > 0.95


def test_a_recording_too_short_for_its_text_is_assessed_all_the_same() -> None:
    output = heard("hat", target_text=f"{TEXTS['half']} {TEXTS['half']}")
    assert output["off_target"]
    assert output["aspects"]["completeness"] < 0.1


def test_one_right_word_of_another_text_is_not_accurate() -> None:
    output = heard("hat", target_text=f"Hat. {TEXTS['half']}")
    assert output["off_target"]
    assert [word["text"] for word in output["words"] if word["status"] == "correct"] == ["hat"]
    assert output["aspects"]["accuracy"] <= 0.3


@pytest.mark.parametrize(("name", "text"), [("hat", "automobile"), ("automobile", "the"), ("star", "coffee")])
def test_another_word_is_another_text(name: str, text: str) -> None:
    output = heard(name, target_text=text)
    assert output["off_target"]
    assert output["score"] < 0.3


@pytest.mark.skipif(not WORDS_ALONE.is_dir(), reason=f"no {WORDS_ALONE}")
def test_no_native_readers_word_is_another_one() -> None:
    rows = [line.split("\t") for line in (WORDS_ALONE / "texts.tsv").read_text("utf-8").splitlines()]
    off_target = [
        text for name, text, _ in rows if assess(audio_uri=str(WORDS_ALONE / name), target_text=text)["off_target"]
    ]
    assert off_target == []
