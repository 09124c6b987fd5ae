"""The examples of the README and the pages: fenced code with its language, and what it prints."""

import itertools
import re
from dataclasses import dataclass
from pathlib import Path

from tests.support.data import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)

COMMANDS = ("sh", "python", "ts")
OUTPUTS = ("json", "text")


@dataclass(frozen=True)
class Fence:
    """A fenced block: its language, the file that it is, if any, and its text."""

    language: str
    path: str
    text: str


@dataclass(frozen=True)
class Example:
    """A block to run, and the block of output that follows it."""

    page: str
    number: int  # on its page, from 1
    command: Fence
    output: Fence | None

    def __str__(self) -> str:
        return f"{self.page}-{self.number}-{self.command.language}"


def fences(page: Path) -> list[Fence]:
    """Returns the fenced blocks of a page that name a language."""
    return [Fence(*groups) for groups in FENCE.findall(page.read_text(encoding="utf-8"))]


def examples(page: Path) -> list[Example]:
    """Returns the blocks of a page that are commands or programs, each with its output."""
    blocks = fences(page)
    runnable = [
        (block, after if after and after.language in OUTPUTS else None)
        for block, after in itertools.zip_longest(blocks, blocks[1:])
        if block.language in COMMANDS and not block.path
    ]
    return [Example(page.stem, number, *pair) for number, pair in enumerate(runnable, start=1)]
