"""The pages agree with the code: tables, pictures, error codes, names, links, and what is long."""

import re
from pathlib import Path

import pytest

from shared.errors import ServiceError
from shared.serving.settings import Settings
from tests.support.data import ROOT
from tests.support.examples import PAGES
from tests.support.write_docs import DOCS, TABLES, with_table
from tests.support.write_network import PICTURE, picture

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
MAX_README = 8_000  # bytes
MAX_LINE = 120  # characters
OUR_PAGES = [*PAGES, ROOT / "CHANGELOG.md"]
ALL_PAGES = [*OUR_PAGES, ROOT / "THIRD_PARTY.md"]


@pytest.mark.parametrize("name", TABLES)
def test_a_pages_table_is_the_codes(name: str) -> None:
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert page == with_table(page, name), "make docs, and commit what it writes"


def test_a_page_without_a_place_for_its_table_is_refused() -> None:
    with pytest.raises(ValueError, match="end of configuration"):
        with_table("<!-- configuration: written by make docs -->", "configuration")


def test_the_picture_of_a_network_is_the_codes() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture(), "make network, and commit what it writes"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_has_a_description(name: str) -> None:
    assert Settings.model_fields[name].description


def test_the_api_page_has_every_error_code() -> None:
    table = (DOCS / "api.md").read_text(encoding="utf-8").partition("\n## Errors")[2].partition("\n## ")[0]
    codes = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    family: list[type[ServiceError]] = [ServiceError, *ServiceError.__subclasses__()]
    assert sorted(codes) == sorted(error.code for error in family)


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def anchors(page: Path) -> set[str]:
    """Returns the anchors of a page's headings, as GitHub makes them."""
    headings = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_bytes()) < MAX_README


@pytest.mark.parametrize("page", OUR_PAGES, ids=lambda page: page.stem)
def test_lines_are_short(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > MAX_LINE and not line.startswith("|")] == []


def test_every_page_is_one_click_from_the_readme() -> None:
    linked = {ROOT / link.partition("#")[0] for link in LINK.findall((ROOT / "README.md").read_text(encoding="utf-8"))}
    assert set(ALL_PAGES) - {ROOT / "README.md"} <= linked
