"""A class or a course on one page: each speaker's scores, errors and words, with links to the reports."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from assessment.batch.recordings import Recording
from assessment.batch.results import SHOWN, Result, commonest_errors
from assessment.report.page import THEME, environment

SCORES = ("score", "fluency", "completeness", "overall")


@dataclass(frozen=True)
class Group:
    """The results of a speaker, or of all: `name` is empty for all."""

    name: str
    results: Sequence[Result]

    @property
    def assessed(self) -> list[Result]:
        """The results that are no failures, the lowest score first."""
        return sorted((result for result in self.results if not result.error), key=lambda result: result.score or 0)

    def mean(self, name: str) -> float | None:
        """Returns the mean of one of `SCORES`; None where no result has it."""
        values = [value for result in self.assessed if (value := getattr(result, name)) is not None]
        return mean(values) if values else None

    @property
    def worst_words(self) -> list[tuple[str, float, int]]:
        """The words with the lowest mean score, that score, and how often each was read; none without an error."""
        scores = defaultdict(list)
        for word, score in itertools.chain.from_iterable(result.words for result in self.results):
            scores[word].append(score)
        means = sorted((mean(values), word, len(values)) for word, values in scores.items())
        return [(word, score, number) for score, word, number in means[:SHOWN] if score < 1]


def groups(results: Sequence[Result]) -> Iterator[Group]:
    """Yields all results as one group, and those of each speaker where there are several."""
    yield Group("", results)
    by_speaker = defaultdict(list)
    for result in results:
        by_speaker[result.recording.speaker].append(result)
    if len(by_speaker) > 1:
        yield from (Group(speaker or "no speaker", found) for speaker, found in sorted(by_speaker.items()))


def html(results: Sequence[Result], names: Mapping[Recording, str]) -> str:
    """Returns the page, with links to the reports beside it of the recordings that have a name in `names`."""
    template = environment(Path(__file__).parent).get_template("overview.html")
    found, theme = list(groups(results)), THEME.read_text(encoding="utf-8")
    return template.render(groups=found, names=names, scores=SCORES, commonest=commonest_errors, theme=theme)
