"""Utterance verification: which words of a target were pronounced, and whether the speech is of another text.

A word is accepted by the mean evidence against its phones (Sukkar & Lee 1996, "Vocabulary independent discriminative
utterance verification for nonkeyword rejection in subword based speech recognition").
"""

import itertools
from bisect import bisect_right

from alignment.comparison import Comparison
from shared.recognizers.calibration import MaxEvidence

MAX_PHONE_EVIDENCE = 10.0  # nats: one phone alone, however sure, rejects no long word
MIN_RUN = 3  # words in a row, as a reader who stops early pronounces
MIN_PRONOUNCED = 2  # words, of a sentence of which most were omitted
MAX_WORDS_ALONE = 2  # with more, a word that is not clear has others beside it that are


def is_off_target(comparison: Comparison, max_evidence: MaxEvidence) -> bool:
    """Returns whether the speech is of another text than the target.

    It is not where half of the words, or `MIN_RUN` in a row, were pronounced: those with at most `max_evidence`. Nor
    where half of those that were not omitted were, and at least `MIN_PRONOUNCED`. What was inserted does not count.
    """
    is_alone = len(comparison.words) <= MAX_WORDS_ALONE
    limit = max_evidence.word if is_alone else max_evidence.sentence
    pronounced = [evidence <= limit for evidence in word_evidence(comparison)]
    runs = (len(list(run)) for was_pronounced, run in itertools.groupby(pronounced) if was_pronounced)
    if 2 * sum(pronounced) >= len(pronounced) or max(runs, default=0) >= MIN_RUN:
        return False
    return sum(pronounced) < MIN_PRONOUNCED or 2 * sum(pronounced) < _number_not_omitted(comparison)


def _number_not_omitted(comparison: Comparison) -> int:
    """Returns of how many words a phone was pronounced."""
    edges = itertools.pairwise(itertools.accumulate(map(len, comparison.words), initial=0))
    spoken = [segment for segment in comparison.segments if segment.labels]
    return sum(any(segment.start < end and start < segment.end for segment in spoken) for start, end in edges)


def word_evidence(comparison: Comparison) -> list[float]:
    """Returns the mean evidence, in nats, against each word: against its phones, and for phones inserted inside it.

    Phones that a variant leaves out tell nothing.
    """
    starts = [0, *itertools.accumulate(map(len, comparison.words))]
    evidence: list[list[float]] = [[] for _ in comparison.words]
    for segment, against in zip(comparison.segments, comparison.evidence, strict=True):
        if segment.status == "variant" and not segment.labels:
            continue
        limited = min(max(against, -MAX_PHONE_EVIDENCE), MAX_PHONE_EVIDENCE)
        is_inside_word = segment.start == segment.end and segment.start not in starts
        for position in range(segment.start, segment.end + is_inside_word):
            evidence[bisect_right(starts, position) - 1].append(limited)
    return [sum(phones) / len(phones) if phones else MAX_PHONE_EVIDENCE for phones in evidence]
