"""The report of an assessment, opened in a browser, in Praat's format, and as a picture."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

pytest.importorskip("axe_playwright_python", reason="the dev extra is not installed")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from alignment.timing import Timestamp
from assessment.handler import AssessmentRequest
from assessment.handler import answer as answer_to
from assessment.report import page as report
from assessment.report.answer import ADVICE, Assessed, assessed
from assessment.report.media import contour, pitch, pitch_range
from assessment.report.page import NEIGHBOURHOOD, PHONE_CONTEXT, read_reports
from shared.audio.samples import SAMPLE_RATE, Samples
from tests.support.browser import WITNESS, chromium_launcher, complaints_of, pages_of
from tests.support.data import DATA, Clip
from tests.support.recordings import wav
from tests.support.report import SAID, WAV, detailed

pytestmark = pytest.mark.slow

# Renders what a page plays to samples instead of to a loudspeaker: from the click on, silence after the end.
RECORDER = """
  window.AudioContext = class extends OfflineAudioContext {
    constructor({ sampleRate }) { super(1, 2 * sampleRate, sampleRate); }
    async resume() {}
  }
"""

VOICES = ((80, 1.0), (200, 1.0), (100, 0.05))  # hertz at the start, and by how many octaves it rises


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with chromium_launcher() as launch:
        browser = launch()
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page that must neither complain nor ask for anything but itself."""
    page = chromium.new_page()
    complaints = complaints_of(page)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    yield page
    assert complaints == []
    assert {urlsplit(url)[:3] for url in requests if not url.startswith("data:")} == {urlsplit(page.url)[:3]}
    page.close()


def show(page: Page, folder: Path, *reports: Assessed) -> None:
    """Opens the reports' page from a file, as its reader does."""
    (folder / "report.html").write_text(report.html(reports), encoding="utf-8")
    page.goto((folder / "report.html").as_uri())
    for phonetics in page.get_by_text("Phonetics", exact=True).all():
        phonetics.click()


def test_the_page_says_when_the_recording_is_to_blame(page: Page, tmp_path: Path, mangled: Assessed) -> None:
    show(page, tmp_path, replace(mangled, answer=replace(mangled.answer, warnings=["clipped", "cut_off"])))
    assert page.locator(".warning").all_inner_texts() == [ADVICE["clipped"], ADVICE["cut_off"]]


def test_the_page_says_every_phone_and_every_error(page: Page, tmp_path: Path, mangled: Assessed) -> None:
    show(page, tmp_path, mangled)
    phones = page.get_by_role("group", name="Phones, 0.00 to 2.99 seconds").get_by_role("button")
    assert phones.count() == len(mangled.answer.alignment)
    for name in (
        "pronounced h, as expected, 0.24 to 0.29 seconds",
        "pronounced æ, expected ə, substitution, uncertain, 1.19 to 1.22 seconds",
        "pronounced d, expected nothing, insertion, 1.26 to 1.38 seconds",
        "pronounced nothing, expected θ, deletion, 2.25 to 2.32 seconds; plays what is around",
    ):
        assert phones.and_(page.get_by_role("button", name=name, exact=True)).count() == 1, name
    table = page.get_by_role("table", name="Errors, and how the score came about")
    rows = [row.inner_text().split("\t") for row in table.get_by_role("row").all()]
    assert [rows[1][k].strip() for k in (0, 1, 4, 5)] == [
        "ə was pronounced as æ",
        "≠ substitution, uncertain",
        "15 %",
        "0.500",
    ]
    assert len(rows) == 1 + len(mangled.answer.errors) + 1
    assert rows[-1][0] == "Together, of a target of 35 phones"
    assert rows[-1][-1] == f"{0.5 * len(mangled.answer.errors):.3f}"


def test_a_variant_of_connected_speech_is_shown_and_is_no_error(page: Page, tmp_path: Path) -> None:
    linked = assessed(detailed("hiw ɑz nɑt ænd dɪld ɪspoʊzd jʌŋ mæn"), WAV)  # one d in place of two
    show(page, tmp_path, linked)
    [pair] = [pair for pair in linked.answer.alignment if pair.status != "match"]
    assert (pair.status, pair.expected, pair.actual) == ("variant", "d", None)
    assert page.get_by_role("button", name="pronounced nothing, expected d, variant (elision").count() == 1
    assert linked.answer.score == 1


def test_a_click_plays_the_phone_and_nothing_else(page: Page, tmp_path: Path, mangled: Assessed) -> None:
    page.add_init_script(RECORDER)
    for index, pair in list(enumerate(mangled.answer.alignment))[7:14]:
        show(page, tmp_path, mangled)
        page.locator(".track button").nth(index).click()
        check_played(page, mangled.audio, widened(pair.timestamp, PHONE_CONTEXT if pair.actual else NEIGHBOURHOOD))


def widened(timestamp: Timestamp, margin: int) -> Timestamp:
    """Returns a timestamp with a margin on either side."""
    return Timestamp(timestamp.start - margin, timestamp.end + margin)


def test_the_keyboard_plays_an_error_in_context(page: Page, tmp_path: Path, mangled: Assessed) -> None:
    page.add_init_script(RECORDER)
    show(page, tmp_path, mangled)
    page.get_by_role("button", name="Play around 1.19 seconds").press("Enter")
    check_played(page, mangled.audio, widened(mangled.answer.errors[0].timestamp, NEIGHBOURHOOD))


def test_the_arrow_keys_step_through_the_errors_and_space_plays(page: Page, tmp_path: Path, mangled: Assessed) -> None:
    page.add_init_script(RECORDER)
    show(page, tmp_path, mangled)
    names = []
    for key in ["ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"]:
        page.keyboard.press(key)
        names.append(page.evaluate("document.activeElement.ariaLabel"))
    first, second, _, last = names
    assert names[2] == first
    assert [name.split(",")[:2] for name in (first, second)] == [
        ["pronounced æ", " expected ə"],
        ["pronounced d", " expected nothing"],
    ]
    errors = page.locator(".track button.error")
    assert errors.count() == len(mangled.answer.errors)
    assert errors.last.get_attribute("aria-label") == last
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    check_played(page, mangled.audio, widened(mangled.answer.errors[0].timestamp, PHONE_CONTEXT))


@pytest.fixture(scope="module")
def worded() -> Assessed:
    """An answer with words: one mispronounced, one omitted."""
    request = AssessmentRequest(
        audio_uri=WAV, target_text="He was not an ill disposed very young fan", target_ipa=None, detail=True
    )
    return assessed(answer_to(request), WAV)


def test_words_are_shown_with_their_scores_and_play(page: Page, tmp_path: Path, worded: Assessed) -> None:
    page.add_init_script(RECORDER)
    show(page, tmp_path, worded)
    words = page.get_by_role("list", name="Words").get_by_role("button")
    shown = [word.inner_text().split("\n") for word in words.all()]
    assert [text for text, *_ in shown if text != "+"] == "he was not an ill disposed very young fan".split()
    by_text = {word.text: word for word in worded.answer.words}
    assert by_text["very"].status == "omitted"
    assert by_text["fan"].status == "mispronounced"
    assert ["not", "nɑt", "100"] in shown
    assert ["very", "–", "0"] in shown
    page.get_by_role("button", name="fan, mispronounced, expected fæn, pronounced mæn").click()
    check_played(page, worded.audio, by_text["fan"].timestamp)


def test_words_are_in_letters_with_their_errors_and_their_stress(page: Page, tmp_path: Path, worded: Assessed) -> None:
    show(page, tmp_path, worded)
    assert page.locator(".letters .substitute").all_inner_texts() == ["f"]
    assert page.locator(".letters .stressed").all_inner_texts() == ["o", "e"]  # disposed, very


def test_what_to_change_is_said_with_advice_and_what_was_left_out(page: Page, tmp_path: Path, worded: Assessed) -> None:
    page.add_init_script(RECORDER)
    show(page, tmp_path, worded)
    corrections = page.locator(".corrections > li")
    assert corrections.locator("p").first.inner_text() == "You left out: very."
    worst = corrections.filter(has_text="in fan")
    [error] = [error for error in worded.answer.errors if (error.expected, error.actual) == ("f", "m")]
    assert error.advice
    assert worst.locator("p").all_inner_texts()[:2] == ["f in fan sounded like m of my.", error.advice.text]
    worst.get_by_role("button", name="Your recording").click()
    check_played(page, worded.audio, widened(error.timestamp, PHONE_CONTEXT))


def test_the_summary_is_printed_on_one_page(page: Page, tmp_path: Path, worded: Assessed) -> None:
    show(page, tmp_path, worded, worded)
    assert pages_of(page.pdf()) > 2
    for phonetics in page.get_by_text("Phonetics", exact=True).all():
        phonetics.click()  # which closes it
    assert pages_of(page.pdf()) == 2


@pytest.mark.parametrize(("text", "pauses"), [("He was not an ill man.", 1), ("He was not, an ill man.", 0)])
def test_a_pause_inside_a_phrase_is_shown_as_one(
    page: Page, tmp_path: Path, clip: Clip, text: str, pauses: int
) -> None:
    paused = np.concatenate([clip.audio[:16_500], np.zeros(8_000, np.float32), clip.audio[16_500:]])
    (tmp_path / "paused.wav").write_bytes(wav(paused))
    [report] = read_reports(str(tmp_path / "paused.wav"), None, text, None)
    show(page, tmp_path, report)
    assert page.locator(".pause").count() == pauses
    assert [shown.inner_text().split() for shown in page.locator(".pause").all()] == [["pause", "0.7", "s"]] * pauses


def test_another_text_has_no_scores_of_words_and_no_errors(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, *read_reports(WAV, None, "The quick brown fox jumps over the lazy dog.", None))
    assert "another text" in page.locator(".headline").inner_text()
    assert page.get_by_role("list", name="Words").count() == page.get_by_role("table").count() == 0


def test_a_low_voice_has_a_melody_too() -> None:
    """An octave is as high in a low voice as in a high one, and a monotone one is flat."""
    low, high, flat = ([(160 * k, hertz * 2 ** (k / 20 * octaves)) for k in range(21)] for hertz, octaves in VOICES)
    assert contour(low, 0, 4000) == contour(high, 0, 4000)
    heights = [float(point.rpartition(",")[2]) for point in contour(flat, 0, 4000).split("L")]
    assert max(heights) - min(heights) < 0.2


def test_aspects_are_shown_with_what_they_are_made_of(page: Page, tmp_path: Path, worded: Assessed) -> None:
    show(page, tmp_path, worded)
    aspects, measures = worded.answer.aspects, worded.answer.measures
    assert aspects and measures
    for name in ("Accuracy", "Fluency", "Completeness"):
        assert page.get_by_role("meter", name=name).count() == 1
    assert float(page.get_by_role("meter", name="Fluency").get_attribute("value") or 0) == aspects.fluency
    assert f"{measures.articulation_rate:.1f} phones a second without pauses" in page.inner_text("article")


def test_the_pitch_is_that_of_the_recording(page: Page, tmp_path: Path, mangled: Assessed) -> None:
    """A glide from 100 to 200 Hz, then silence; and the recording's own contour in its page."""
    seconds = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    glide = np.sin(2 * np.pi * (100 * seconds + 50 * seconds**2)).astype(np.float32)
    found = pitch(np.concatenate([glide, np.zeros(SAMPLE_RATE, np.float32)]))
    assert all(abs(hertz - (100 + 100 * sample / SAMPLE_RATE)) < 2 for sample, hertz in found)
    assert 80 < len(found) <= 100
    assert pitch(glide[:100]) == []
    show(page, tmp_path, mangled)
    low, high = pitch_range(pitch(mangled.audio))
    drawn = (
        page.get_by_role("img", name=f"Pitch, {low:.0f} to {high:.0f} hertz").locator("path").get_attribute("d") or ""
    )
    assert drawn.count("M") + drawn.count("L") == len(pitch(mangled.audio)) > 50


def test_a_deletion_has_a_place_to_play(page: Page, tmp_path: Path, mangled: Assessed) -> None:
    page.add_init_script(RECORDER)
    show(page, tmp_path, mangled)
    page.get_by_role("button", name="Play the place of: θ").click()
    deletion = next(error for error in mangled.answer.errors if error.expected == "θ")
    check_played(page, mangled.audio, widened(deletion.timestamp, PHONE_CONTEXT))


def check_played(page: Page, audio: Samples, interval: Timestamp) -> None:
    """Checks that the browser played these samples, and silence after them."""
    page.wait_for_selector("button.playing")
    played = np.array(page.evaluate("context.startRendering().then((sound) => [...sound.getChannelData(0)])"))
    expected = audio[interval.start : interval.end]
    np.testing.assert_allclose(played[: len(expected)], expected, atol=2 / 2**15)
    assert not played[len(expected) :].any()
    assert not page.locator("button.playing").count()


def test_the_second_click_ends_the_first(page: Page, tmp_path: Path, mangled: Assessed) -> None:
    page.add_init_script(RECORDER)
    show(page, tmp_path, mangled)
    page.get_by_role("button", name="Play around 1.19 seconds").click()
    page.get_by_role("button", name="pronounced d, expected nothing").click()
    page.wait_for_selector(".track .playing")
    check_played(page, mangled.audio, widened(Timestamp(20160, 22080), PHONE_CONTEXT))


def test_the_loudspeaker_gets_the_phone_too(page: Page, tmp_path: Path, mangled: Assessed) -> None:
    page.add_init_script(WITNESS)
    show(page, tmp_path, mangled)
    page.get_by_role("button", name="pronounced æ, expected ə").click()
    page.wait_for_selector("html[data-ended='0 1.13 0.15']")
    assert page.evaluate("context.state") == "running"
    assert not page.locator("button.playing").count()


def test_the_recording_is_in_the_page(page: Page, tmp_path: Path, mangled: Assessed) -> None:
    show(page, tmp_path, mangled)
    page.wait_for_function("document.querySelector('audio').readyState >= HTMLMediaElement.HAVE_METADATA")
    assert page.evaluate("document.querySelector('audio').duration") == pytest.approx(len(mangled.audio) / SAMPLE_RATE)
    assert page.evaluate("document.querySelector('img').naturalHeight") == 129


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(page: Page, tmp_path: Path, mangled: Assessed, worded: Assessed, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    show(page, tmp_path, mangled, assessed(detailed(SAID), WAV), worded)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_screen_or_the_paper(
    page: Page, tmp_path: Path, mangled: Assessed, worded: Assessed, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    show(page, tmp_path, mangled, worded)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 960})  # A4 within its margins
    assert page.evaluate("document.querySelector('.strip').scrollWidth") <= 680
    assert not page.locator("audio").first.is_visible()


def test_several_answers_are_listed_first(page: Page, tmp_path: Path, mangled: Assessed) -> None:
    page.add_init_script(RECORDER)
    uri = str(DATA / "librivox_0930.wav")
    other = assessed(detailed(SAID, uri), uri)
    show(page, tmp_path, mangled, other)
    assert page.get_by_role("article").count() == 2
    page.get_by_role("navigation").get_by_role("link", name="librivox_0930.wav").click()
    assert page.url.endswith("#answer-2")
    page.get_by_role("article", name="librivox_0930.wav").locator(".phone").first.click()
    first = next(pair for pair in other.answer.alignment if pair.actual)
    check_played(page, other.audio, widened(first.timestamp, PHONE_CONTEXT))


def test_text_of_strangers_is_text(page: Page, tmp_path: Path, answer: dict[str, Any]) -> None:
    attack = (
        """'"></span></button></style></script><script>document.title = "hacked"</script><img src=x onerror=hacked()>"""
    )
    hostile = json.loads(json.dumps(answer).replace('"moonshine"', json.dumps(attack)))
    hostile["actual_ipa"] = attack
    error = hostile["errors"][0]  # ə was pronounced as æ
    pair = next(pair for pair in hostile["alignment"] if pair["timestamp"] == error["timestamp"])
    pair["actual"] = pair["expected"] = error["actual"] = error["expected"] = attack
    recording = tmp_path / "<img src=y onerror=hacked()>.wav"
    shutil.copy(WAV, recording)
    show(page, tmp_path, assessed(hostile, str(recording)))
    assert page.title() == f"Pronunciation: {recording.name}"
    assert page.locator("script").count() == 1
    assert page.locator("img:not(.spectrogram)").count() == 0
    assert page.get_by_text(attack, exact=True).count() > 2


def test_a_perfect_answer_has_no_table(page: Page, tmp_path: Path) -> None:
    actual = detailed(SAID)["actual_ipa"]
    show(page, tmp_path, assessed(detailed(actual), WAV))
    assert "Every one of the 27 phones of the target was pronounced as expected" in page.inner_text("article")
    assert page.get_by_role("table").count() == 0
