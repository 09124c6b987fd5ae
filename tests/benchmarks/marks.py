"""Experts' marks of speechocean762 that were transcribed for this project: `tests/data/so762_scores/README.md`."""

import csv
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from shared.g2p.dictionary import Dictionary
from tests.benchmarks.speech import (
    SPEAKER_LETTERS,
    Entry,
    Marks,
    ScoredUtterance,
    held_out_speakers,
    read_scored,
    scored_utterance,
)
from tests.support.data import DATA, SHARED_DATA

LINES = DATA / "so762_scores" / "lines.txt"
TABLE = SHARED_DATA / "so762_scores"
LEARNERS = SHARED_DATA / "so762_train"
PHONE = re.compile(r"(\d+)\.(\d+)[A-Z]+=([\d.]+)")  # and what was pronounced, which is not read


def read_marked(dictionary: Dictionary) -> list[ScoredUtterance]:
    """Returns the utterances of `so762_train` whose marks are known; none where the folders are not at hand."""
    if not (TABLE.is_dir() and LEARNERS.is_dir()):
        return []
    return [*read_scored(TABLE, dictionary), *(scored_utterance(*entry, dictionary) for entry in _entries())]


def read_all_marked(folder: Path, dictionary: Dictionary) -> list[ScoredUtterance]:
    """Returns the utterances of a folder, and then those of `read_marked` that are not in it."""
    own = read_scored(folder, dictionary)
    names = {utterance.name for utterance in own}
    return [*own, *(utterance for utterance in read_marked(dictionary) if utterance.name not in names)]


def trained_speakers() -> set[str]:
    """Returns the speakers whom the embedded engine's head was trained on, by their utterances' names."""
    rows = _rows()
    held_out = held_out_speakers(row["speaker"] for row in rows)
    return {row["utterance"][:SPEAKER_LETTERS] for row in rows if row["speaker"] not in held_out}


def _rows() -> list[dict[str, str]]:
    with (LEARNERS / "phones.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _entries() -> Iterator[Entry]:
    rows = {row["utterance"]: row for row in _rows()}
    for line in LINES.read_text(encoding="utf-8").splitlines():
        sentence, phones, words = (part.split() for part in line.split("|"))
        name, accuracy, _, fluency, prosodic, total = sentence
        row = rows[name]
        spelled = [word.split() for word in row["phones"].split("|")]
        scores = [[2.0] * len(word) for word in spelled]
        for word, phone, score in itertools.chain.from_iterable(PHONE.findall(field) for field in phones):
            scores[int(word)][int(phone)] = float(score)
        marked = {int(index): mark for index, mark in (word.split(":") for word in words)}
        marks = Marks.read(
            {"accuracy": accuracy, "fluency": fluency, "prosodic": prosodic, "total": total},
            [marked.get(index, "10") for index in range(len(spelled))],
        )
        pairs = [list(zip(word, scored, strict=True)) for word, scored in zip(spelled, scores, strict=True)]
        yield name, LEARNERS / f"{name}.opus", marks, list(zip(row["text"].split(), pairs, strict=True))
