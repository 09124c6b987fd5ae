"""The files about each recording that a command line asks for: TextGrids, reports and the overview of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from assessment.answer import DetailedAssessmentAnswer
from assessment.batch.recordings import Recording
from assessment.batch.results import Result
from shared.errors import ServiceError

OVERVIEW = "index.html"


class RecordingFiles:
    """A folder of TextGrids and one of pages, where these are asked for; `failures` has why some cannot be, by URI."""

    def __init__(self, names: Mapping[Recording, str], textgrids: Path | None, pages: Path | None) -> None:
        """Makes the folders. Raises OSError."""
        self._names, self._textgrids, self._pages = names, textgrids, pages
        self.failures: dict[str, str] = {}
        for folder in filter(None, (textgrids, pages)):
            folder.mkdir(parents=True, exist_ok=True)

    def write(self, recording: Recording, answer: DetailedAssessmentAnswer) -> None:
        """Writes the files that a recording lacks. Raises OSError."""
        name = self._names.get(recording)
        grid = self._textgrids / f"{name}.TextGrid" if self._textgrids and name else None
        page = self._pages / f"{name}.html" if self._pages and name else None
        missing = [path for path in (grid, page) if path and not path.exists()]
        if not missing:
            return
        # Of the extra `report`, and for this alone.
        from assessment.report.answer import with_recording
        from assessment.report.page import html
        from assessment.report.textgrid import write_textgrid

        try:
            report = with_recording(answer, recording.audio_uri, recording.target_text or None)
        except ServiceError as error:  # it is there no more, or another
            self.failures[recording.audio_uri] = str(error)
            return
        if grid in missing:
            write_textgrid(report, grid)
        if page in missing:
            page.write_text(html([report]), encoding="utf-8")

    def write_overview(self, results: Sequence[Result]) -> None:
        """Writes the page that leads to the others, if pages are asked for. Raises OSError."""
        if self._pages:
            from assessment.batch.overview import html

            names = {each: name for each, name in self._names.items() if (self._pages / f"{name}.html").exists()}
            (self._pages / OVERVIEW).write_text(html(results, names), encoding="utf-8")
