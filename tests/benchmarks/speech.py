"""Speech to calibrate and to measure on: learners with experts' scores, and native speakers."""

import csv
import itertools
import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from alignment.phone_set import parse_label
from shared.audio.samples import Samples
from shared.audio.vad import load_speech
from shared.errors import InvalidInputError
from shared.g2p.dictionary import Dictionary
from shared.g2p.lexicon import Pronunciation
from tests.support.data import DATA, SHARED_DATA

KENNEDY = "And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country."
SPEAKER_LETTERS = 5  # an utterance's name begins with so many letters of its speaker
# What the embedded engine's head is not trained on: every fifth native prompt, and such a share of the learners.
HELD_OUT_PROMPT = 5
HELD_OUT_SPEAKERS = 0.12
# Where the speaker of the prompts says other words than their texts have.
SPOKEN_INSTEAD = {
    "invalid.opus": ("that's not", "that is not"),
    "conf-usermenu-162.opus": ("8 to exit", "8 to exit this menu and return to the conference"),
}
LEARNERS_STEP = 4  # of the sentences of learners that are held out, one in so many is read


@dataclass(frozen=True)
class Utterance:
    """A recording and its target: for each word its phones and the word's pronunciations."""

    name: str
    group: str
    path: Path
    words: tuple[tuple[str, ...], ...]
    pronunciations: tuple[tuple[Pronunciation, ...], ...]

    @property
    def target(self) -> list[str]:
        """The phones of all words."""
        return list(itertools.chain.from_iterable(self.words))

    def read(self) -> Samples:
        """Returns the speech in the recording, as a worker gives it to a recognizer."""
        return load_speech(str(self.path)).samples


@dataclass(frozen=True)
class ScoredPhone:
    """Target phones `start` up to `end`, and the experts' mean score of them: from 0, wrong or missing, to 2."""

    start: int
    end: int
    score: float


@dataclass(frozen=True)
class Marks:
    """Experts' marks of a sentence, each 0 to 10, and of its words: their accuracy, none where it is not known."""

    accuracy: float
    fluency: float
    prosodic: float
    total: float
    words: tuple[float, ...] = ()

    @classmethod
    def read(cls, fields: Mapping[str, Any], words: Sequence[str] = ()) -> "Marks":
        """Returns the marks among the fields of an utterance, and of words, `s` after one of wrong stress."""
        accuracy, fluency, prosodic, total = (
            float(fields[name]) for name in ("accuracy", "fluency", "prosodic", "total")
        )
        return cls(
            accuracy,
            fluency,
            prosodic,
            total,
            tuple(float(word.rstrip("s")) for word in words),
        )


@dataclass(frozen=True)
class ScoredUtterance(Utterance):
    """An utterance with experts' marks of the sentence and their scores of each phone; of a diphthong, of its two."""

    marks: Marks
    phones: tuple[ScoredPhone, ...]

    @property
    def speaker(self) -> str:
        """The speaker, by whom the folds of a cross-validation are made."""
        return self.name[:SPEAKER_LETTERS]

    def worst_score(self, start: int, end: int) -> float:
        """Returns the worst score of target phones `start` up to `end`; of an insertion, of those on either side."""
        inserted = start == end
        return min(p.score for p in self.phones if p.start < end + inserted and p.end > start - inserted)

    @property
    def mean_phone_score(self) -> float:
        """The experts' mean score of a phone."""
        return float(np.mean([phone.score for phone in self.phones]))


def read_scored(folder: Path, dictionary: Dictionary) -> list[ScoredUtterance]:
    """Returns the utterances of a folder with `labels.tsv` or with speechocean762's own layout."""
    entries = _read_labels(folder) if (folder / "labels.tsv").is_file() else _read_speechocean(folder)
    return [scored_utterance(*entry, dictionary) for entry in entries]


Entry = tuple[str, Path, Marks, list[tuple[str, list[tuple[str, float]]]]]
"""Name, recording, marks, and for each word its spelling and its ARPAbet phones with scores."""


def _read_labels(folder: Path) -> Iterator[Entry]:
    with (folder / "labels.tsv").open(encoding="utf-8", newline="") as labels:
        for row in csv.DictReader(labels, delimiter="\t", quoting=csv.QUOTE_NONE):
            words = []
            for word in row["words"].split("|"):
                spelling, _, phones = word.rpartition(":")
                pairs = (pair.partition(">")[0].split("=") for pair in phones.split(","))
                words.append((spelling, [(phone, float(score)) for phone, score in pairs]))
            marks = Marks.read(row, row["word_accuracy"].split(",") if "word_accuracy" in row else ())
            yield row["utterance"], _recording(folder, row["utterance"]), marks, words


def _recording(folder: Path, name: str) -> Path:
    """Returns the recording of a name: in the folder itself, or where speechocean762's training speakers are."""
    own = folder / f"{name}.flac"
    return own if own.is_file() else SHARED_DATA / "so762_train" / f"{name}.opus"


def _read_speechocean(folder: Path) -> Iterator[Entry]:
    """Yields the utterances of speechocean762 as it is published: `resource/scores.json` and `WAVE/SPEAKER…`."""
    scores = json.loads((folder / "resource" / "scores.json").read_text(encoding="utf-8"))
    recordings = {path.stem: path for path in (folder / "WAVE").rglob("*") if path.suffix.lower() == ".wav"}
    for name, utterance in sorted(scores.items()):
        words = []
        for word in utterance["words"]:
            phones = word["phones"].split() if isinstance(word["phones"], str) else word["phones"]
            words.append((word["text"], list(zip(phones, word["phones-accuracy"], strict=True))))
        accuracy = [str(word["accuracy"]) for word in utterance["words"] if "accuracy" in word]
        yield name, recordings[name], Marks.read(utterance, accuracy), words


def scored_utterance(
    name: str, path: Path, marks: Marks, words: list[tuple[str, list[tuple[str, float]]]], dictionary: Dictionary
) -> ScoredUtterance:
    scored, targets = [], []
    start = 0
    for _, pairs in words:
        spelled = [parse_label(label) for label, _ in pairs]
        for phones, (_, score) in zip(spelled, pairs, strict=True):
            scored.append(ScoredPhone(start, start + len(phones), score))
            start += len(phones)
        targets.append(tuple(itertools.chain.from_iterable(spelled)))
    pronunciations = tuple(_pronunciations(spelling, dictionary) for spelling, _ in words)
    return ScoredUtterance(name, "learners", path, tuple(targets), pronunciations, marks, tuple(scored))


def _pronunciations(spelling: str, dictionary: Dictionary) -> tuple[Pronunciation, ...]:
    """Returns the pronunciations of a word, none of one that the dictionary lacks or reads as several."""
    try:
        [word] = dictionary.pronounce(spelling.lower())
    except (InvalidInputError, ValueError):
        return ()
    return tuple(word.pronunciations)


def read_native(dictionary: Dictionary) -> list[Utterance]:
    """Returns the recordings of native and fluent speakers that nothing is trained or calibrated on, by group."""
    speech = SHARED_DATA / "speech"
    clips = [("LibriVox", path, path.with_suffix(".txt").read_text("utf-8")) for path in DATA.glob("librivox_*.wav")]
    texts = (speech / "arctic" / "texts.tsv").read_text("utf-8").splitlines()
    arctic = [("ARCTIC", speech / "arctic" / name, text) for name, text in (line.split("\t") for line in texts)]
    prompts = [("held-out prompts", path, text) for path, text in read_prompts()[::HELD_OUT_PROMPT]]
    return [
        native_utterance(group, path, text, dictionary)
        for group, path, text in [*sorted(clips), *arctic, ("Kennedy", speech / "jfk.flac", KENNEDY), *prompts]
    ]


def read_words_alone(dictionary: Dictionary) -> list[Utterance]:
    """Returns native readers' single words and short phrases, by accent; none where the folder is not at hand."""
    table = SHARED_DATA / "native_words" / "texts.tsv"
    rows = [line.split("\t") for line in table.read_text("utf-8").splitlines()] if table.is_file() else []
    return [native_utterance(accent, table.parent / name, text, dictionary) for name, text, accent in rows]


def read_unmarked(dictionary: Dictionary) -> list[Utterance]:
    """Returns what is at hand and was not scored: native readers' words alone and prompts, and learners' sentences."""
    prompts = read_prompts() if (SHARED_DATA / "native_prompts").is_dir() else []
    return [
        *read_words_alone(dictionary),
        *(native_utterance("prompts", path, text, dictionary) for path, text in prompts),
        *read_held_out_learners(dictionary),
    ]


def read_held_out_learners(dictionary: Dictionary) -> list[Utterance]:
    """Returns some of the sentences of learners whom no head was trained on; none where the folder is not at hand."""
    table = SHARED_DATA / "so762_train" / "phones.tsv"
    if not table.is_file():
        return []
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    speakers = held_out_speakers(row["speaker"] for row in rows)
    chosen = [row for row in rows if row["speaker"] in speakers][::LEARNERS_STEP]
    return [
        native_utterance("learners", table.parent / f"{row['utterance']}.opus", row["text"].lower(), dictionary)
        for row in chosen
    ]


def held_out_speakers(speakers: Iterable[str]) -> set[str]:
    """Returns the speakers, of all of a corpus, whom no head is trained on."""
    names = sorted(set(speakers))
    random.Random(7).shuffle(names)  # noqa: S311
    return set(names[: int(len(names) * HELD_OUT_SPEAKERS)])


def read_prompts() -> list[tuple[Path, str]]:
    """Returns the native speaker's prompts and what she says, by name."""
    folder = SHARED_DATA / "native_prompts"
    rows = sorted(line.split("\t") for line in (folder / "texts.tsv").read_text("utf-8").splitlines())
    return [(folder / name, text.replace(*SPOKEN_INSTEAD.get(name, ("", "")))) for name, text in rows]


def native_utterance(group: str, path: Path, text: str, dictionary: Dictionary) -> Utterance:
    """Returns a recording whose target is what the dictionary has for its text."""
    words = [word.pronunciations for word in dictionary.pronounce(text)]
    return Utterance(path.stem, group, path, tuple(tuple(word[0]) for word in words), tuple(map(tuple, words)))
