"""Utterance verification: which words of a target were pronounced, and whether the speech is of another text.

A word is accepted by the mean evidence against its phones (Sukkar & Lee 1996, "Vocabulary independent discriminative
utterance verification for nonkeyword rejection in subword based speech recognition").
"""

import itertools

from alignment.comparison import Comparison, is_omitted, segments_by_word
from alignment.runs import runs
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
    longest = max((end - start for start, end in runs(pronounced, bool)), default=0)
    if 2 * sum(pronounced) >= len(pronounced) or longest >= MIN_RUN:
        return False
    by_word = segments_by_word(comparison.words, comparison.segments)
    spoken = sum(not is_omitted(of_word, comparison.segments) for of_word in by_word)
    return sum(pronounced) < MIN_PRONOUNCED or 2 * sum(pronounced) < spoken


def word_evidence(comparison: Comparison) -> list[float]:
    """Returns the mean evidence, in nats, against each word: against its phones, and for phones inserted inside it.

    Phones that a variant leaves out tell nothing.
    """
    edges = itertools.pairwise(itertools.accumulate(map(len, comparison.words), initial=0))
    result = []
    for (start, end), of_word in zip(edges, segments_by_word(comparison.words, comparison.segments), strict=True):
        evidence: list[float] = []
        for index in of_word:
            segment = comparison.segments[index]
            if segment.labels or segment.status != "variant":
                phones = max(min(segment.end, end) - max(segment.start, start), 1)  # of the word; an insertion is one
                evidence += [comparison.evidence[index]] * phones
        limited = [min(max(against, -MAX_PHONE_EVIDENCE), MAX_PHONE_EVIDENCE) for against in evidence]
        result.append(sum(limited) / len(limited) if limited else MAX_PHONE_EVIDENCE)
    return result
