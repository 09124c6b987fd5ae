"""The playground in a browser whose microphone plays a recording."""

import os
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
from shared.audio.samples import SAMPLE_RATE
from shared.errors import ModelUnavailableError
from tests.support.browser import WITNESS, chromium_launcher, complaints_of
from tests.support.data import DATA, ROOT, Clip
from tests.support.playground import served
from tests.support.recordings import wav
from tests.support.sdk_server import free_port, wait_for

pytestmark = pytest.mark.slow

WAV = DATA / "librivox_0880.wav"
SAID = "He was not an ill-disposed young man."
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
        assert complaints == []
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


def attempt(page: Page, number: int) -> float:
    """Waits for an attempt. Returns its score."""
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=f"Attempt {number}"))
    return float(card.locator(".score").inner_text())


def test_record_stop_and_the_score_appears(page: Page) -> None:
    page.add_init_script(WITNESS)  # for the report's frame
    expect(page.get_by_role("textbox", name="IPA")).to_have_value("hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn")
    record(page)
    assert attempt(page, 1) == 1
    assert page.locator("#list .word > :first-child").all_inner_texts() == SAID.lower()[:-1].replace("-", " ").split()
    report = page.frame_locator("iframe")
    phone = report.locator(".track button").first
    start, end = (int(phone.get_attribute(f"data-{edge}") or 0) for edge in ("start", "end"))
    phone.click()
    report.locator("html[data-ended]").wait_for()
    played = [float(number) for number in (report.locator("html").get_attribute("data-ended") or "").split()]
    assert played == pytest.approx([0, start / SAMPLE_RATE, (end - start) / SAMPLE_RATE])


def test_attempts_stand_side_by_side_and_each_has_its_report(page: Page) -> None:
    numbers = [attempt_of_file(page, text) for text in (SAID, "He was not an ill-disposed young woman.")]
    first, second = (attempt(page, number) for number in numbers)
    assert first == 1 > second
    cards = [page.locator("#list > li").nth(k).bounding_box() for k in (0, 1)]
    assert cards[0] and cards[1] and cards[0]["y"] == cards[1]["y"]
    scores = ", ".join(f"attempt {number} {score:.2f}" for number, score in zip(numbers, (first, second), strict=True))
    expect(page.get_by_role("img", name=f"Scores: {scores}")).to_be_visible()
    report = page.frame_locator("iframe")
    expect(report.get_by_role("heading", name=f"Attempt {numbers[1]}")).to_be_visible()
    page.get_by_role("button", name=f"Show the report of attempt {numbers[0]}").click()
    expect(report.get_by_role("heading", name=f"Attempt {numbers[0]}")).to_be_visible()
    expect(report.get_by_role("table")).to_have_count(0)  # of errors


def attempt_of_file(page: Page, text: str, file: Path = WAV) -> int:
    """Sends a recording as an attempt at a sentence. Returns the attempt's number."""
    count = page.locator("#list > li").count()
    page.get_by_role("textbox", name="Sentence").fill(text)
    page.locator("#file").set_input_files(file)
    heading = page.locator("#list h3").nth(count)
    return int(heading.inner_text().removeprefix("Attempt "))


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
    expect(page.locator("#list .score")).to_have_text("1.00")


def test_the_ipa_follows_the_sentence_and_counts_where_it_is_changed(page: Page) -> None:
    ipa = page.get_by_role("textbox", name="IPA")
    page.get_by_role("textbox", name="Sentence").fill("See Zorbleem.")
    expect(page.locator("#guessed")).to_have_text("In no dictionary, so check the IPA: zorbleem")
    assert ipa.input_value().startswith("si ")
    page.get_by_role("textbox", name="Sentence").fill(SAID)
    expect(ipa).to_have_value("hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn")
    ipa.fill("hi wəz nɑt ən ɪl dɪskoʊzd jʌŋ mæn")
    page.locator("#file").set_input_files(WAV)
    expect(page.locator("#list .word.mispronounced > .ipa")).to_have_text("dɪspoʊzd͡ʒ")


def test_the_ipa_is_in_the_accent_that_is_chosen(page: Page) -> None:
    page.get_by_role("textbox", name="Sentence").fill(SAID)
    page.get_by_label("Accent").select_option("British")
    expect(page.get_by_role("textbox", name="IPA")).to_have_value("hiː wəz nɒt ən ɪl dɪspəʊzd jʌŋ mæn")
    page.get_by_label("Accent").select_option("either")
    expect(page.get_by_role("textbox", name="IPA")).to_have_value("hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn")


def test_another_text(page: Page) -> None:
    attempt_of_file(page, "The quick brown fox jumps over the lazy dog.")
    expect(page.get_by_role("alert")).to_have_text("This sounds like another text than the sentence.")


def test_a_recording_that_is_to_blame(page: Page, tmp_path: Path, clip: Clip) -> None:
    loud = np.clip(8 * clip.audio / np.abs(clip.audio).max(), -1, 1)
    (tmp_path / "me.wav").write_bytes(wav(loud))
    attempt_of_file(page, SAID, tmp_path / "me.wav")
    expect(page.get_by_role("alert")).to_have_text(ADVICE["clipped"])
    expect(page.frame_locator("iframe").locator(".warning")).to_have_text(ADVICE["clipped"])


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
    expect(page.get_by_role("alert")).to_contain_text(problem)
    assert not page.locator("#attempts").is_visible()
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
    for text in (SAID, "He was ill."):
        attempt_of_file(page, text)
    expect(page.frame_locator("iframe").get_by_role("table")).to_be_visible()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width


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
