"""The recordings of a folder or a table, each with its sentence and its speaker."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from shared.phonology.languages import Accent
from shared.serving.endpoint import is_remote
from shared.serving.request import first_problem
from shared.serving.rows import PARSERS, BadRow, InputError, read_rows, read_text

AUDIO_SUFFIXES = ".wav .flac .mp3 .m4a .mp4 .aac .ogg .opus .webm .amr .3gp .caf".split()
SENTENCE_SUFFIXES = {".txt": "target_text", ".ipa": "target_ipa"}
TABLE = "csv"  # where a file's name does not say what it is


@dataclass(frozen=True)
class Recording:
    """A recording, by its path or URL, its sentence, by its text, its IPA or both, and its accent, if it has one."""

    audio_uri: str
    target_text: str = ""
    target_ipa: str = ""
    speaker: str = field(default="", compare=False)
    accent: Accent | Literal[""] = ""


def read_input(source: Path, accent: Accent | Literal[""] = "") -> tuple[list[Recording], dict[str, str]]:
    """Returns the recordings of a folder or a table, each once, and what is wrong with others, by their place.

    In a folder each has its sentence beside it. A table has the columns `audio_uri` and `target_text` or `target_ipa`,
    and may have `speaker` and `accent`; paths are relative to it. Those without an accent get the one given, those
    without a speaker the name of their folder. Raises InputError.
    """
    found = list(_of_folder(source) if source.is_dir() else _of_table(source))
    if not found:
        looked_for = f"files *{' *'.join(AUDIO_SUFFIXES)}" if source.is_dir() else "rows"
        raise InputError(f"{source} has no recordings; looked for {looked_for}")
    recordings = [
        replace(recording, accent=recording.accent or accent)
        for _, recording in found
        if isinstance(recording, Recording)
    ]
    problems: dict[str, str] = {place: bad for place, bad in found if isinstance(bad, BadRow)}
    return list(dict.fromkeys(recordings)), problems


def _of_folder(folder: Path) -> Iterator[tuple[str, Recording | BadRow]]:
    files = sorted(folder.rglob("*"))
    sentences = {(file.with_suffix(""), file.suffix.lower()): file for file in files}
    for path in files:
        if path.suffix.lower() not in AUDIO_SUFFIXES:
            continue
        stem = path.with_suffix("")
        try:
            texts = {
                name: " ".join(read_text(sentences[stem, suffix]).split())
                for suffix, name in SENTENCE_SUFFIXES.items()
                if (stem, suffix) in sentences
            }
        except (InputError, OSError) as error:
            yield str(path), BadRow(f"its sentence cannot be read: {error}")
            continue
        if any(texts.values()):
            text, ipa = texts.get("target_text", ""), texts.get("target_ipa", "")
            yield str(path), Recording(str(path), text, ipa, path.parent.name)
        else:
            bad = BadRow(f"no sentence; write it beside the recording, as {path.stem}.txt or {path.stem}.ipa")
            yield str(path), bad


def _of_table(table: Path) -> Iterator[tuple[str, Recording | BadRow]]:
    form = table.suffix.removeprefix(".").lower()
    adapter = TypeAdapter(Recording)
    for line, row in read_rows(table, form if form in PARSERS else TABLE, "audio_uri"):
        place = f"{table.name}, {line}"
        if isinstance(row, BadRow):
            yield place, row
            continue
        try:
            recording = adapter.validate_python(row)
        except ValidationError as error:
            yield place, BadRow(first_problem(error))
            continue
        if not is_remote(recording.audio_uri):
            path = table.parent / recording.audio_uri
            recording = replace(recording, audio_uri=str(path), speaker=recording.speaker or path.parent.name)
        yield place, recording


def file_names(recordings: Sequence[Recording]) -> dict[Recording, str]:
    """Returns a name for the files about each recording: its own, with a digest where several have the same.

    >>> a, b = Recording("a/1.wav", "Yes."), Recording("b/2.wav", "No.")
    >>> list(file_names([a, b]).values())
    ['1', '2']
    """
    stems = {each: _stem(each) for each in recordings}
    counts = Counter(stems.values())
    return {each: stem if counts[stem] == 1 else f"{stem}-{_digest(each)}" for each, stem in stems.items()}


def _stem(recording: Recording) -> str:
    if recording.audio_uri.startswith("data:"):
        return "recording"
    return Path(urlsplit(recording.audio_uri).path if is_remote(recording.audio_uri) else recording.audio_uri).stem


def _digest(recording: Recording) -> str:
    identity = (recording.audio_uri, recording.target_text, recording.target_ipa, *filter(None, [recording.accent]))
    return hashlib.sha256("\0".join(identity).encode()).hexdigest()[:8]
