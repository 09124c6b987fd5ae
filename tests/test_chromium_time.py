"""A sample point is the time that Chromium seeks to, where a recorder paused."""

import base64
from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("playwright", reason="the dev extra is not installed")

from playwright.sync_api import Page

from shared.audio.samples import SAMPLE_RATE
from tests.support.browser import chromium_launcher
from tests.support.data import DATA
from tests.support.recordings import decode_audio

pytestmark = pytest.mark.slow

RECORDING = DATA / "cases" / "gap_1s_in_timestamps.webm"  # without sound from 1.2 to 2.2 s
COMPARED = 4_000  # samples
WITHIN = SAMPLE_RATE // 200  # 5 ms

# Plays 0.6 s of a recording from a time on, and returns the samples.
PLAY_FROM = """async ([recording, seconds, sampleRate]) => {
  const bytes = Uint8Array.from(atob(recording), (letter) => letter.charCodeAt(0));
  const audio = new Audio(URL.createObjectURL(new Blob([bytes], { type: "audio/webm" })));
  const context = new AudioContext({ sampleRate });
  await context.resume();
  const listener = context.createScriptProcessor(1024, 1, 1);
  context.createMediaElementSource(audio).connect(listener);
  listener.connect(context.destination);
  await new Promise((ready) => { audio.oncanplaythrough = ready; });
  audio.currentTime = seconds;
  await new Promise((ready) => { audio.onseeked = ready; });
  const played = [];
  listener.onaudioprocess = ({ inputBuffer }) => played.push(...inputBuffer.getChannelData(0));
  await audio.play();
  await new Promise((ready) => setTimeout(ready, 600));
  audio.pause();
  return played;
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium_launcher() as launch:
        browser = launch("--autoplay-policy=no-user-gesture-required")
        yield browser.new_page()
        browser.close()


@pytest.mark.parametrize("seconds", [0.5, 0.9, 2.4, 3.0])
def test_a_sample_point_is_where_chromium_seeks_to(page: Page, seconds: float) -> None:
    recording = RECORDING.read_bytes()
    played = np.array(page.evaluate(PLAY_FROM, [base64.b64encode(recording).decode(), seconds, SAMPLE_RATE]))
    sound = played[np.flatnonzero(np.abs(played) > 1e-3)[0] :][:COMPARED]
    decoded = decode_audio(recording)
    energy = np.convolve(decoded**2, np.ones(COMPARED), "valid") * (sound**2).sum()
    likeness = np.correlate(decoded, sound, "valid") / np.sqrt(energy + 1e-9)
    assert likeness.max() > 0.9
    assert abs(likeness.argmax() - seconds * SAMPLE_RATE) < WITHIN
