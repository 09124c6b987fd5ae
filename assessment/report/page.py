"""Writes assessments as one HTML page with their recordings, and one of them as a picture or a TextGrid."""

import argparse
import functools
import itertools
import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import jinja2

from alignment.timing import Timestamp
from assessment.aspects import Aspects
from assessment.handler import AssessmentRequest, answer
from assessment.report.answer import ADVICE, Assessed, MarkedPair, assessed, headline, points
from assessment.report.media import contour, flac, pitch, pitch_range, png, spectrogram, waveform
from assessment.report.summary import corrections, shown_words
from assessment.report.textgrid import write_textgrid
from shared.audio.samples import SAMPLE_RATE
from shared.errors import InvalidInputError, ServiceError
from shared.phonology.ipa import plain_ipa

FOLDER = Path(__file__).parent
THEME, STYLE, SCRIPT = FOLDER / "theme.css", FOLDER / "report.css", FOLDER / "report.js"

STRIP_SECONDS = 3.5  # the longest stretch on one line of the page: a phone of 30 ms is still wide enough to click
NEIGHBOURHOOD = SAMPLE_RATE // 4  # played on either side of what is played in context
PHONE_CONTEXT = 60 * SAMPLE_RATE // 1000  # and of a phone, which alone is a click
TICK = SAMPLE_RATE // 10


@dataclass(frozen=True)
class Strip:
    """A stretch of a recording that one line of the page shows; pairs that share a time are together."""

    start: int
    end: int
    groups: list[list[MarkedPair]]

    @property
    def length(self) -> int:
        """How many samples it has."""
        return self.end - self.start

    def percent(self, sample: int) -> float:
        """Returns where on the line a sample is, from 0 at its start or before to 100 at its end or after."""
        return round(100 * (min(max(sample, self.start), self.end) - self.start) / self.length, 3)

    @property
    def ticks(self) -> range:
        """The samples that the time axis marks."""
        return range(-(-self.start // TICK) * TICK, self.end + 1, TICK)


def html(reports: Sequence[Assessed]) -> str:
    """Returns a page that needs nothing but itself: recordings, pictures, styles and script are in it."""
    styles = [path.read_text(encoding="utf-8") for path in (THEME, STYLE)]
    page = environment(FOLDER).get_template("page.html")
    return page.render(reports=reports, styles=styles, script=SCRIPT.read_text(encoding="utf-8"))


def article(report: Assessed) -> str:
    """Returns the part of a page that is about one answer, for a page that has the styles and the script."""
    return environment(FOLDER).get_template("article.html").render(report=report, number=1)


@functools.cache
def environment(folder: Path) -> jinja2.Environment:
    """Returns what renders the templates in a folder."""
    result = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    result.filters |= {function.__name__: function for function in FILTERS}
    result.globals |= {"rate": SAMPLE_RATE, "phone_context": PHONE_CONTEXT, "advice": ADVICE}
    return result


def aspects(found: Aspects) -> list[tuple[str, float | None]]:
    """Returns the aspects by name, without the overall mark, which is the headline."""
    return [(name.capitalize(), value) for name, value in asdict(found).items() if name != "overall"]


def strips(report: Assessed) -> list[Strip]:
    """Returns a recording in stretches of like length, about `STRIP_SECONDS` at most, cut where phones begin."""
    length, groups = len(report.audio), report.groups
    count = math.ceil(length / (STRIP_SECONDS * SAMPLE_RATE))
    onsets = [0, *(group[0].pair.timestamp.start for group in groups if group[0].pair.actual)]
    cuts = {min(onsets, key=lambda onset: abs(onset - length * k // count)) for k in range(count)}
    return [
        Strip(start, end, [g for g in groups if start <= g[0].pair.timestamp.start < end])
        for start, end in itertools.pairwise([*sorted(cuts), length])
    ]


def seconds(samples: int) -> str:
    """Returns samples as seconds, to the hundredth."""
    return f"{samples / SAMPLE_RATE:.2f}"


def around(timestamp: Timestamp, length: int, margin: int = NEIGHBOURHOOD) -> Timestamp:
    """Returns a stretch of a recording of `length` samples with as much as `margin` on either side."""
    return Timestamp(max(0, timestamp.start - margin), min(length, timestamp.end + margin))


FILTERS = (
    *(seconds, around, strips, aspects, headline, points, plain_ipa, shown_words, corrections),
    *(flac, waveform, spectrogram, png, pitch, pitch_range, contour),
)


def main() -> None:
    """Writes what the command line asks for. Exits with one line where the input is wrong."""
    parser = argparse.ArgumentParser(prog="python -m assessment.report", description=__doc__)
    parser.add_argument("input", help="a recording, or a .json or .jsonl file of detailed answers")
    parser.add_argument("--target", help="the IPA of the sentence, for a recording")
    parser.add_argument("--text", help="the sentence, beside its IPA or in place of it")
    parser.add_argument("--audio", help="the recording of an answer that has no `audio_uri` beside it")
    parser.add_argument("-o", "--output", type=Path, default=Path("report.html"), help="default: %(default)s")
    parser.add_argument("--png", type=Path, help="also a picture, of one answer")
    parser.add_argument("--textgrid", type=Path, help="also a TextGrid, of one answer")
    arguments = parser.parse_args()
    try:
        reports = list(read_reports(arguments.input, arguments.target, arguments.text, arguments.audio))
        if len(reports) != 1 and (arguments.png or arguments.textgrid):
            raise InvalidInputError("--png and --textgrid take one answer")
        arguments.output.write_text(html(reports), encoding="utf-8")
        if arguments.png:
            from assessment.report.figure import write_png  # matplotlib is large, and for this alone

            write_png(reports[0], arguments.png)
        if arguments.textgrid:
            write_textgrid(reports[0], arguments.textgrid)
    except ImportError as error:
        sys.exit(f"--png needs the extra `pictures` installed ({error})")
    except (ServiceError, OSError, ValueError) as error:
        sys.exit(f"{arguments.input}: {error}")
    print(*filter(None, (arguments.output, arguments.png, arguments.textgrid)), sep="\n")


def read_reports(source: str, ipa: str | None, text: str | None, audio: str | None) -> Iterator[Assessed]:
    """Yields the answers in a .json or .jsonl file, or the answer to a recording.

    An answer is the worker's `output`, or RunPod's object around it; `audio_uri` beside it, or `audio`, is the URI of
    its recording, `target_text` beside it, or `text`, the sentence. A .json file has one, or an array of them.
    Raises ServiceError, OSError, or ValueError for what is no JSON.
    """
    if not source.endswith((".json", ".jsonl")):
        if not ipa and not text:
            raise InvalidInputError("a recording needs --target, the IPA of its sentence, or --text, the sentence")
        request = AssessmentRequest(audio_uri=source, target_ipa=ipa, target_text=text, detail=True)
        yield assessed(answer(request), source, text)
        return
    answers = Path(source).read_text(encoding="utf-8")
    read = list(map(json.loads, answers.splitlines())) if source.endswith(".jsonl") else json.loads(answers)
    entries = read if isinstance(read, list) else [read]
    if not entries:
        raise InvalidInputError("the file has no answer in it")
    for entry in entries:
        uri = entry.get("audio_uri", audio) if isinstance(entry, dict) else None
        if not isinstance(uri, str):
            raise InvalidInputError("an answer's recording is named as `audio_uri` beside it, or with --audio")
        yield assessed(entry.get("output", entry), uri, entry.get("target_text") or text)
