"""Utterance verification: whether the speech is of another text than the target.

By the mean evidence against phones (Sukkar & Lee 1996, "Vocabulary independent discriminative utterance verification
for nonkeyword rejection in subword based speech recognition").
"""

import itertools
from collections.abc import Sequence

from alignment.comparison import Comparison
from alignment.runs import runs
from alignment.segments import is_insertion, is_omitted, segments_by_word
from assessment.disfluency import repeated_words

MAX_PHONE_EVIDENCE = 10.0  # nats: one phone alone, however sure, rejects no long word


def text_evidence(comparison: Comparison) -> float:
    """Returns the evidence, in nats a phone, that the speech is of another text than the target.

    It is the mean of two. One is against the text: the mean over its words. The other is against the speech: the mean
    over the phones of words that were not omitted, and over those inserted between words that repeat none of them, each
    of which has `MAX_PHONE_EVIDENCE`. So of a part of the text the second is low, as the first is of a text with more
    before or after it, and of another text neither is.
    """
    of_words = word_evidence(comparison)
    by_word = segments_by_word(comparison.words, comparison.segments)
    spoken = [
        against
        for evidence, of_word in zip(of_words, by_word, strict=True)
        if not is_omitted(of_word, comparison.segments)
        for against in evidence
    ]
    text = [_mean(evidence) for evidence in of_words]
    speech = [*spoken, *[MAX_PHONE_EVIDENCE] * _inserted_phones(comparison)]
    return (_mean(text) + _mean(speech)) / 2


def word_evidence(comparison: Comparison) -> list[list[float]]:
    """Returns the evidence [words][phones], in nats, against each word: against its phones, and for those inside it.

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
        result.append([min(max(against, -MAX_PHONE_EVIDENCE), MAX_PHONE_EVIDENCE) for against in evidence])
    return result


def _inserted_phones(comparison: Comparison) -> int:
    """Returns how many phones were inserted between words, without those that repeat words."""
    segments, boundaries = comparison.segments, [0, *itertools.accumulate(map(len, comparison.words))]
    inserted = 0
    for start, end in runs(segments, lambda segment: is_insertion(segment) and segment.start in boundaries):
        phones = [phone for segment in segments[start:end] for phone in segment.phones]
        if not repeated_words(phones, comparison.words, boundaries.index(segments[start].start)):
            inserted += end - start
    return inserted


def _mean(evidence: Sequence[float]) -> float:
    """Returns the mean of evidence; where there is none, nothing was pronounced."""
    return sum(evidence) / len(evidence) if evidence else MAX_PHONE_EVIDENCE
