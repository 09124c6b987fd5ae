"""Chromium, for tests of pages."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

# Notes what has been played through.
WITNESS = """
  const { start } = AudioBufferSourceNode.prototype;
  AudioBufferSourceNode.prototype.start = function (...when) {
    this.addEventListener("ended", () => { document.documentElement.dataset.ended = when.join(" "); });
    start.apply(this, when);
  };
"""

# Chromium has no voices without a desktop: what the page asks of one is noted in place of being spoken.
VOICES = """
  speechSynthesis.getVoices = () => [
    { lang: "en-US", localService: false },
    { lang: "de-DE", localService: true },
    { lang: "en-GB", localService: true },
  ];
  speechSynthesis.speak = ({ text, rate, lang }) => window.spoken.push(`${text} ${rate.toFixed(1)} ${lang}`);
  Object.defineProperty(SpeechSynthesisUtterance.prototype, "voice", { writable: true });
  window.spoken = [];
"""


@contextmanager
def chromium_launcher() -> Iterator[Callable[..., Browser]]:
    """Yields a function that starts Chromium with switches. Skips the test where Chromium is not installed."""
    path = shutil.which("chromium")
    if not path:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        yield lambda *switches: playwright.chromium.launch(executable_path=path, args=switches)


def complaints_of(page: Page) -> list[str]:
    """Returns a list that what a page writes to the console, and its errors, are added to."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def pages_of(pdf: bytes) -> int:
    """Returns how many pages a PDF of Chromium's has."""
    return len(re.findall(rb"/Type /Page\b", pdf))
