"""Writes the playground's picture in the README: `make screenshot`, which needs Chromium."""

from playwright.sync_api import expect

from assessment.playground.server import create_app
from tests.support.browser import VOICES, chromium_launcher
from tests.support.data import DATA, ROOT
from tests.support.playground import served

PICTURE = ROOT / "docs" / "playground.png"
SENTENCES = "He was not an ill-disposed young man.", "He was not an ill-disposed young woman."
WIDTH = 1100  # pixels

if __name__ == "__main__":
    with served(create_app()) as url, chromium_launcher() as launch:
        page = launch().new_page(viewport={"width": WIDTH, "height": WIDTH})
        page.add_init_script(VOICES)
        page.goto(url)
        expect(page.get_by_role("button", name="Record", exact=True)).to_be_enabled(timeout=60_000)
        for number, sentence in enumerate(SENTENCES, start=1):
            page.get_by_label("Sentence").fill(sentence)
            page.locator("#file").set_input_files(DATA / "librivox_0880.wav")
            expect(page.get_by_role("heading", name=f"Attempt {number}")).to_be_visible(timeout=60_000)
        page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=PICTURE, full_page=True)
