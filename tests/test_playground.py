"""The playground in a browser whose microphone plays a recording."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest
import requests
import soundfile

pytest.importorskip("axe_playwright_python", reason="the dev extra is not installed")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from assessment.playground.server import LOOPBACK, Load, create_app
from assessment.report.answer import ADVICE
from assessment.report.page import read_reports
from shared.audio.samples import SAMPLE_RATE
from shared.errors import ModelUnavailableError
from shared.g2p.dictionary import Dictionary
from tests.support.browser import VOICES, WITNESS, chromium_launcher, complaints_of, pages_of
from tests.support.data import DATA, ROOT, Clip
from tests.support.playground import served
from tests.support.recordings import wav
from tests.support.sdk_server import free_port, wait_for

pytestmark = pytest.mark.slow

WAV = DATA / "librivox_0880.wav"
SAID = "He was not an ill-disposed young man."
MISREAD = "He was not an ill-disposed young woman."
FAKE_MICROPHONE = "--use-fake-device-for-media-stream"
ALLOWED = "--use-fake-ui-for-media-stream"
LOAD_MILLISECONDS = 60_000

Launch = Callable[..., Browser]


def playing(recording: Path) -> str:
    """Returns the switch for a microphone that plays a recording once."""
    return f"--use-file-for-fake-audio-capture={recording}%noloop"


@contextmanager
def opened(browser: Browser, url: str) -> Iterator[Page]:
    """Opens a page that must not complain, and closes the browser after it."""
    page = browser.new_page()
    complaints = complaints_of(page)
    page.goto(url)
    try:
        yield page
        assert [said for said in complaints if "ERR_INTERNET_DISCONNECTED" not in said] == []  # a test's own doing
    finally:
        browser.close()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(create_app()) as url:
        yield url


@pytest.fixture(scope="module")
def launch() -> Iterator[Launch]:
    with chromium_launcher() as launch:
        yield launch


@pytest.fixture
def page(launch: Launch, url: str) -> Iterator[Page]:
    """The page, with a microphone in front of which a sentence is said."""
    with opened(launch(FAKE_MICROPHONE, ALLOWED, playing(WAV)), url) as page:
        expect(page.get_by_role("button", name="Record", exact=True)).to_be_enabled(timeout=LOAD_MILLISECONDS)
        yield page


def record(page: Page, seconds: float = 3.3) -> None:
    page.get_by_role("button", name="Record", exact=True).click()
    page.wait_for_timeout(1000 * seconds)
    page.get_by_role("button", name="Stop").click()


def score(page: Page, number: int) -> int:
    """Waits for an attempt. Returns its number of points."""
    expect(page.get_by_role("article", name=f"Attempt {number}", exact=True)).to_be_visible(timeout=LOAD_MILLISECONDS)
    return int(page.locator("article .score").inner_text())


def attempt_of_file(page: Page, text: str, file: Path = WAV) -> int:
    """Sends a recording as an attempt at a sentence. Returns the attempt's number."""
    number = page.locator("#list > li").count() + 1
    page.get_by_role("textbox", name="Sentence").fill(text)
    page.locator("#file").set_input_files(file)
    score(page, number)
    return number


def test_record_stop_and_the_score_appears(page: Page) -> None:
    page.add_init_script(WITNESS)
    page.reload()
    page.get_by_text("IPA", exact=True).click()
    expect(page.get_by_role("textbox", name="IPA")).to_have_value("hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn")
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_enabled()
    record(page)
    assert score(page, 1) > 80
    words = page.get_by_role("list", name="Words")
    assert words.locator(".letters").all_inner_texts() == SAID.lower()[:-1].replace("-", " ").split()
    scores = words.locator(".word > :last-child").all_inner_texts()
    assert sum(map(int, scores)) > 90 * len(scores) == 90 * 8
    page.get_by_text("Phonetics").click()
    phone = page.locator(".track button").nth(1)
    start, end = (int(phone.get_attribute(f"data-{edge}") or 0) for edge in ("start", "end"))
    phone.click()
    page.locator("html[data-ended]").wait_for()
    played = [float(number) for number in (page.locator("html").get_attribute("data-ended") or "").split()]
    assert played == pytest.approx([0, start / SAMPLE_RATE, (end - start) / SAMPLE_RATE])


def test_by_keyboard_the_focus_goes_to_the_new_attempt(page: Page) -> None:
    page.get_by_role("button", name="Record", exact=True).press("Enter")
    page.wait_for_timeout(3300)
    page.keyboard.press("Enter")
    score(page, 1)
    expect(page.get_by_role("heading", name="Attempt 1")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("article").get_by_role("button").first).to_be_focused()


def test_what_to_change_is_said_in_letters(page: Page) -> None:
    attempt_of_file(page, MISREAD)
    [correction] = page.locator(".corrections > li").filter(has_text="in woman").all()
    expect(correction).to_contain_text(re.compile("^\\s*[wo] in woman was left out."))
    woman = page.get_by_role("button", name="woman, mispronounced").locator(".letters")
    expect(woman.locator(".delete").first).to_have_text("w")
    assert page.locator(".letters .stressed").all_inner_texts() == ["o", "o"]  # disposed, woman


def test_attempts_and_their_numbers_outlast_a_reload(page: Page) -> None:
    numbers = [attempt_of_file(page, text) for text in (SAID, MISREAD)]
    points = score(page, 2)
    page.reload()
    assert score(page, 2) == points
    page.get_by_role("button", name="Attempt 1, ").click()
    assert score(page, 1) > points
    expect(page.locator(".sentence")).to_have_text(SAID)
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_enabled()
    assert [*numbers, attempt_of_file(page, SAID)] == [1, 2, 3]


def test_a_course_needs_two_points(page: Page) -> None:
    attempt_of_file(page, SAID)
    expect(page.locator("#course")).to_be_hidden()
    attempt_of_file(page, MISREAD)
    expect(page.get_by_role("img", name="Scores: 1: ")).to_be_visible()
    expect(page.locator("#sounds")).to_contain_text("w of we")


def test_the_course_over_days(page: Page) -> None:
    for day in ("2026-03-01T10:00", "2026-03-02T10:00"):
        page.clock.set_fixed_time(day)
        attempt_of_file(page, MISREAD)
    expect(page.get_by_role("img", name="Scores: Mar 1: ")).to_be_visible()
    expect(page.get_by_role("img", name="w of we: Mar 1: 50, Mar 2: 50")).to_be_visible()


def test_a_recording_made_without_a_server_is_kept_and_sent_again(page: Page) -> None:
    page.context.set_offline(True)
    page.locator("#file").set_input_files(WAV)
    expect(page.get_by_role("alert")).to_contain_text("send this attempt again")
    expect(page.get_by_role("button", name="Attempt 1, not sent")).to_be_disabled()
    page.context.set_offline(False)
    page.reload()
    page.get_by_role("button", name="Send again").click()
    assert score(page, 1) > 80
    expect(page.get_by_role("button", name="Send again")).to_have_count(0)


def test_reports_need_no_server(page: Page) -> None:
    for text in (SAID, MISREAD):
        attempt_of_file(page, text)
    page.context.set_offline(True)
    page.get_by_role("button", name="Attempt 1, ").click()
    assert score(page, 1) > 80


def test_attempts_are_exported_for_the_report_and_forgotten(page: Page, tmp_path: Path) -> None:
    for text in (SAID, MISREAD):
        attempt_of_file(page, text)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    download.value.save_as(tmp_path / "attempts.json")
    reports = list(read_reports(str(tmp_path / "attempts.json"), None, None, None))
    assert [report.text for report in reports] == [SAID, MISREAD]
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Forget all").click()
    expect(page.locator("#kept")).to_be_hidden()
    expect(page.get_by_role("article")).to_have_count(0)
    page.reload()
    expect(page.locator("#kept")).to_be_hidden()
    assert attempt_of_file(page, SAID) == 1


def test_a_word_is_said_again_and_judged_as_that_word(launch: Launch, url: str, tmp_path: Path, clip: Clip) -> None:
    soundfile.write(tmp_path / "man.wav", clip.audio[35_500:], SAMPLE_RATE)
    with opened(launch(FAKE_MICROPHONE, ALLOWED, playing(tmp_path / "man.wav")), url) as page:
        expect(page.get_by_role("button", name="Record", exact=True)).to_be_enabled(timeout=LOAD_MILLISECONDS)
        attempt_of_file(page, MISREAD)
        page.get_by_role("button", name="Say it again: woman").click()
        page.wait_for_timeout(1500)
        page.get_by_role("button", name="Stop").click()
        score(page, 2)
        expect(page.locator("article .letters")).to_have_text("woman")
        page.get_by_role("button", name="Back to the sentence").click()
        score(page, 1)
        expect(page.locator("#course")).to_be_hidden()  # a word is no point of it


def test_a_sentence_for_a_sound_and_for_what_went_wrong_most(page: Page) -> None:
    practise, sentence = page.get_by_role("combobox", name="Practise"), page.get_by_role("textbox", name="Sentence")
    practise.select_option("They thought that their mother was there.")
    expect(sentence).to_have_value("They thought that their mother was there.")
    expect(page.locator("#ipa")).to_have_value(re.compile("^ðe"))
    attempt_of_file(page, "He was not an ill-disposed wild woman.")  # without two w
    practise.select_option("what went wrong most")
    expect(sentence).to_have_value("We have very warm weather in November.")
    practise.select_option("what went wrong most")
    expect(sentence).to_have_value("The waiter gave his wife the best wine.")


def test_every_ready_sentence_is_in_the_dictionary(page: Page) -> None:
    sentences = page.locator("optgroup option").all_text_contents()
    words = [word for sentence in sentences for word in Dictionary().pronounce(sentence)]
    assert [word.text for word in words if word.is_guessed] == []


def test_a_voice_of_this_machine_says_sentence_word_and_sound_slowly_at_the_second_click(page: Page) -> None:
    expect(page.locator("#listen")).to_be_hidden()  # without a voice
    page.add_init_script(VOICES)
    page.reload()
    attempt_of_file(page, MISREAD)
    article = page.get_by_role("article")
    article.get_by_role("button", name=f"Listen: {MISREAD}").click()
    for _ in range(3):
        article.get_by_role("listitem").get_by_role("button", name="Listen: woman").first.click()
    page.locator("#listen").click()
    spoken = [(MISREAD, 1.0), ("woman", 1.0), ("woman", 0.6), ("woman", 1.0), (MISREAD, 1.0)]
    assert page.evaluate("window.spoken") == [f"{text} {rate} en-GB" for text, rate in spoken]


def test_the_errors_are_heard_alone_and_in_context(page: Page) -> None:
    page.add_init_script(WITNESS)
    page.reload()
    attempt_of_file(page, MISREAD)
    spans = []
    for name in ("Your recording", "In context"):
        button = page.locator(".corrections").get_by_role("button", name=name).first
        spans.append([int(button.get_attribute(f"data-{edge}") or 0) for edge in ("start", "end")])
        button.click()
        page.locator("html[data-ended]").wait_for()
    (start, end), (first, last) = spans
    assert first <= start < end <= last


def test_a_recording_can_be_dropped(page: Page) -> None:
    transfer = page.evaluate_handle(
        """async (bytes) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([Uint8Array.from(bytes)], "me.wav"));
          return transfer;
        }""",
        list(WAV.read_bytes()),
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
    assert score(page, 1) > 80


def test_the_ipa_follows_the_sentence_and_counts_where_it_is_changed(page: Page) -> None:
    page.get_by_text("IPA", exact=True).click()
    ipa = page.get_by_role("textbox", name="IPA")
    page.get_by_role("textbox", name="Sentence").fill("See Zorbleem.")
    expect(page.locator("#guessed")).to_have_text("In no dictionary, so check the IPA: zorbleem")
    assert ipa.input_value().startswith("si ")
    page.get_by_role("textbox", name="Sentence").fill(SAID)
    expect(ipa).to_have_value("hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn")
    ipa.fill("hi wəz nɑt ən ɪl dɪskoʊzd jʌŋ mæn")
    page.locator("#file").set_input_files(WAV)
    expect(page.locator(".word.mispronounced > .ipa")).to_contain_text("spoʊzd")
    expect(page.get_by_role("row", name="k was pronounced as p")).to_have_count(0)  # as it is closed
    page.get_by_text("Phonetics").click()
    expect(page.get_by_role("row", name="k was pronounced as p")).to_be_visible()


def test_the_ipa_is_in_the_accent_that_is_chosen(page: Page) -> None:
    page.get_by_text("IPA", exact=True).click()
    page.get_by_role("textbox", name="Sentence").fill(SAID)
    page.get_by_label("Accent").select_option("British")
    expect(page.locator("#ipa")).to_have_value("hiː wəz nɒt ən ɪl dɪspəʊzd jʌŋ mæn")
    page.get_by_label("Accent").select_option("either")
    expect(page.locator("#ipa")).to_have_value("hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn")


def test_another_text_has_no_scores_of_words_and_no_table_of_errors(page: Page) -> None:
    attempt_of_file(page, "The quick brown fox jumps over the lazy dog.")
    expect(page.locator(".warning:visible")).to_contain_text("This sounds like another text than the sentence")
    expect(page.locator("article .headline")).to_contain_text("another text")
    page.get_by_text("Phonetics").click()
    expect(page.get_by_role("article").get_by_role("table")).to_have_count(0)
    expect(page.locator("article .words, article .aspects")).to_have_count(0)


def test_a_recording_that_is_to_blame(page: Page, tmp_path: Path, clip: Clip) -> None:
    loud = np.clip(8 * clip.audio / np.abs(clip.audio).max(), -1, 1)
    (tmp_path / "me.wav").write_bytes(wav(loud))
    attempt_of_file(page, SAID, tmp_path / "me.wav")
    expect(page.locator(".warning:visible")).to_have_text(ADVICE["clipped"])


@pytest.mark.parametrize(
    ("text", "content", "problem"),
    [
        ("", WAV.read_bytes(), "Write a sentence first."),
        (SAID, b"<!doctype html><p>Sign in", "looks like a web page"),
        (SAID, bytes(21_000_000), "bytes"),
    ],
    ids=["no sentence", "no recording", "too large"],
)
def test_what_cannot_be_assessed_is_said(page: Page, tmp_path: Path, text: str, content: bytes, problem: str) -> None:
    (tmp_path / "me.wav").write_bytes(content)
    page.get_by_role("textbox", name="Sentence").fill(text)
    page.locator("#file").set_input_files(tmp_path / "me.wav")
    expect(page.get_by_role("alert")).to_contain_text(problem, timeout=LOAD_MILLISECONDS)
    expect(page.locator("#kept")).to_be_hidden()
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_enabled()


def test_silence(launch: Launch, url: str, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silence.wav", np.zeros(SAMPLE_RATE, np.int16), SAMPLE_RATE)
    with opened(launch(FAKE_MICROPHONE, ALLOWED, playing(tmp_path / "silence.wav")), url) as page:
        record(page, 1.5)
        expect(page.get_by_role("alert")).to_contain_text("Nobody speaks in the recording")


def test_no_microphone(launch: Launch, url: str) -> None:
    with opened(launch(ALLOWED), url) as page:
        page.get_by_role("button", name="Record", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("No microphone was found.")


def test_permission_denied(launch: Launch, url: str) -> None:
    with opened(launch(FAKE_MICROPHONE, "--deny-permission-prompts"), url) as page:
        page.get_by_role("button", name="Record", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("does not let this page use the microphone")


def test_while_the_workers_start(launch: Launch) -> None:
    loaded = threading.Event()
    models: dict[str, Load] = {"the dictionary": lambda: None, "the recognizer": loaded.wait}
    with served(create_app(models)) as url, opened(launch(), url) as page:
        try:
            expect(page.get_by_role("status")).to_have_text("The workers are starting: the recognizer, 2 of 2.")
            expect(page.get_by_role("progressbar")).to_have_attribute("value", "1")
            expect(page.get_by_role("button", name="Record", exact=True)).to_be_disabled()
        finally:
            loaded.set()
        expect(page.get_by_role("button", name="Record", exact=True)).to_be_enabled()
        expect(page.get_by_role("progressbar")).to_be_hidden()


def test_a_model_that_is_missing(launch: Launch) -> None:
    def load() -> None:
        raise ModelUnavailableError("POWSM_MODEL is no folder")

    with served(create_app({"the recognizer": load})) as url, opened(launch(), url) as page:
        expect(page.get_by_role("alert")).to_have_text("POWSM_MODEL is no folder")
        expect(page.get_by_role("button", name="Record", exact=True)).to_be_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_is_accessible_and_fits_the_screen(page: Page, width: int, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    page.add_init_script(VOICES)
    page.reload()
    for text in (SAID, MISREAD, "He was ill."):
        attempt_of_file(page, text)
    page.get_by_text("Phonetics").click()
    expect(page.get_by_role("article").get_by_role("table")).to_be_visible()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator(".table").evaluate("table => table.scrollWidth - table.clientWidth") == 0


def test_a_teacher_prints_the_attempt_on_one_page(page: Page) -> None:
    attempt_of_file(page, MISREAD)
    page.emulate_media(media="print")
    for hidden in ("#record", "#kept", "audio"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator(".corrections")).to_be_visible()
    assert pages_of(page.pdf()) == 1


@pytest.mark.parametrize("uri", ["/etc/hostname", "https://pages.example/me.wav", str(WAV)])
def test_a_page_elsewhere_cannot_have_files_read(url: str, uri: str) -> None:
    fields = {"audio_uri": uri, "target_text": SAID}
    assert "invalid_input" in requests.post(f"{url}/attempts", json=fields, timeout=60).json()["error"]
    as_a_form = {"Content-Type": "text/plain"}  # what a page elsewhere may send unasked
    assert requests.post(f"{url}/attempts", json=fields, headers=as_a_form, timeout=60).status_code == 422


def test_no_file_is_written(page: Page, written_files: list[str]) -> None:
    attempt_of_file(page, SAID)
    assert written_files == []


@pytest.fixture
def written_files() -> Iterator[list[str]]:
    """The files that this process opens to write, other than the one that keeps nothing."""
    found: list[str] = []
    listening = True

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if listening and event == "open":
            path, mode, flags = arguments
            writes = set(str(mode)) & set("wax+") if mode else int(str(flags)) & (os.O_WRONLY | os.O_RDWR)
            if writes and path != os.devnull:
                found.append(str(path))

    sys.addaudithook(note)  # which stays until the process ends
    yield found
    listening = False


def test_the_program_is_for_this_machine_alone() -> None:
    port = free_port()
    command = [sys.executable, "-m", "assessment.playground", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:  # noqa: S603
        wait_for(program, port)
        listening = [c for c in psutil.Process(program.pid).net_connections() if c.status == psutil.CONN_LISTEN]
        assert {connection.laddr for connection in listening} == {(LOOPBACK, port)}
        url = f"http://{LOOPBACK}:{port}/"
        assert requests.get(url, timeout=10).ok
        assert requests.get(url, headers={"Host": "pages.example"}, timeout=10).status_code == 400
        program.send_signal(signal.SIGINT)
        written, problems = program.communicate(timeout=60)
    assert f"http://localhost:{port}" in written
    assert problems == ""
