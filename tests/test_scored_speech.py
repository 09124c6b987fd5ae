"""Scored recordings for `make calibrate`: speechocean762 as it is published is read like the shared folder."""

import csv
import dataclasses
import json
from pathlib import Path

import pytest
import soundfile

from shared.g2p.dictionary import Dictionary
from tests.benchmarks.speech import read_scored
from tests.support.data import LEARNERS

UTTERANCES = 5


@pytest.mark.skipif(not LEARNERS.is_dir(), reason=f"no {LEARNERS}")
def test_the_layout_of_speechocean762(tmp_path: Path, dictionary: Dictionary) -> None:
    expected = sorted(read_scored(LEARNERS, dictionary), key=lambda utterance: utterance.name)[:UTTERANCES]
    publish(tmp_path, {utterance.name for utterance in expected})
    found = read_scored(tmp_path, dictionary)
    assert [dataclasses.replace(each, path=LEARNERS / f"{each.name}.flac") for each in found] == expected
    for ours, theirs in zip(found, expected, strict=True):
        assert (ours.read() == theirs.read()).all()


def publish(folder: Path, names: set[str]) -> None:
    """Writes utterances as https://www.openslr.org/101 has them: `resource/scores.json`, `WAVE/SPEAKER0001/*.WAV`."""
    scores = {}
    with (LEARNERS / "labels.tsv").open(encoding="utf-8", newline="") as labels:
        for row in csv.DictReader(labels, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["utterance"] in names:
                audio, rate = soundfile.read(LEARNERS / f"{row['utterance']}.flac", dtype="int16")
                path = folder / "WAVE" / f"SPEAKER{row['utterance'][:4]}" / f"{row['utterance']}.WAV"
                path.parent.mkdir(parents=True, exist_ok=True)
                soundfile.write(path, audio, rate, format="WAV")
                marks = {name: int(row[name]) for name in ("accuracy", "fluency", "prosodic", "total")}
                scores[row["utterance"]] = marks | {"words": [published(word) for word in row["words"].split("|")]}
    (folder / "resource").mkdir()
    (folder / "resource" / "scores.json").write_text(json.dumps(scores), encoding="utf-8")


def published(word: str) -> dict[str, object]:
    spelling, _, phones = word.rpartition(":")
    pairs = [pair.split("=") for pair in phones.split(",")]
    return {
        "text": spelling.upper(),
        "phones": " ".join(phone for phone, _ in pairs),
        "phones-accuracy": [float(score) for _, score in pairs],
    }
