"""Advice on what was pronounced of a target, and the table of the errors that learners make most often."""

import csv
import itertools

from alignment.phone_pairs import pair_phones
from alignment.segments import Segment
from assessment.advice import Advice, advise
from shared.phonology.ipa import parse_ipa, parse_words
from tests.support.data import DATA


def advice_on(target: str, actual: str) -> list[Advice | None]:
    """Returns advice on each error in what was pronounced of a target, both in IPA."""
    words, phones = parse_words(target), tuple(parse_ipa(actual))
    expected = list(itertools.chain(*words))
    return advise(pair_phones([Segment(0, len(expected), phones, phones, (), "deviation")], expected), words)


def advice_table() -> str:
    """Returns the errors of `tests/data/learner_errors.tsv` with their advice, as a Markdown table."""
    lines = ["| times | word | target | pronounced | code | advice |", "| ---: | --- | --- | --- | --- | --- |"]
    with (DATA / "learner_errors.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            [advice] = advice_on(row["target"], row["actual"])
            assert advice
            cells = (row["times"], row["word"], row["target"], row["actual"], f"`{advice.code}`", advice.text)
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
