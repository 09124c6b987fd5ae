"""Filled pauses between the words of a sentence: um, uh, er, hmm and mm."""

import itertools
import re
from collections.abc import Sequence, Set
from dataclasses import replace

from alignment.runs import runs
from alignment.segments import Segment, is_insertion
from shared.audio.samples import SAMPLE_RATE
from shared.ctc.posteriors import Posteriors
from shared.phonology.equivalence import canonical_form

FILLED_PAUSE = "filled pause"
# The canonical phones of um, uh, er, erm, hmm and mm; beside other inserted phones of those with two phones alone.
_FILLER = re.compile(r"h?(?:[əɜɑ]ɹ?m?|m)")
MIN_FILLER_IN_RUN = 2  # phones
SWALLOWED = ["ə"]  # the word *a*
# From the phone before to the phone after. A filler's vowel is far longer than the schwa that a learner adds to a
# consonant: Shriberg (2001), "To 'errrr' is human: ecology and acoustics of speech disfluencies". 95 of 100 schwas of
# native sentences have less.
MIN_FILLED_PAUSE = 3 * SAMPLE_RATE // 10  # samples


def mark_filled_pauses(
    posteriors: Posteriors,
    target: Sequence[str],
    segments: Sequence[Segment],
    evidence: Sequence[float],
    boundaries: Set[int],
) -> list[Segment]:
    """Returns segments in which the filled pauses between words are variants.

    A run of inserted phones begins with one, ends with one, or is one. Or one has swallowed the word *a*: of 2,342
    sentences of learners two have such a one, which experts did not mark. `evidence` [segments] is that against what
    the target has; `boundaries` are the target phones at which words begin, and the end.
    """
    result = list(segments)
    between_words = list(runs(segments, lambda segment: is_insertion(segment) and segment.start in boundaries))
    swallowing = [
        (index, index + 1)
        for index, segment in enumerate(segments)
        if segment.status == "deviation"
        and {segment.start, segment.end} <= boundaries
        and canonical_form(target[segment.start : segment.end]) == SWALLOWED
    ]
    min_frames = MIN_FILLED_PAUSE / posteriors.frame_stride

    def is_filled_pause(start: int, end: int) -> bool:
        phones = [phone for segment in segments[start:end] for phone in segment.phones]
        is_filler = _FILLER.fullmatch("".join(canonical_form(phones))) is not None
        return is_filler and min(evidence[start:end]) > 0 and _frames(segments, start, end) >= min_frames

    found = [range(*stretch) for stretch in swallowing if is_filled_pause(*stretch)]
    for start, end in between_words:
        shorter = range(MIN_FILLER_IN_RUN, end - start)[::-1]
        for stretches in ([(start, end), *((start, start + n) for n in shorter)], [(end - n, end) for n in shorter]):
            found += [range(*stretch) for stretch in stretches if is_filled_pause(*stretch)][:1]
    for index in itertools.chain.from_iterable(found):
        result[index] = replace(segments[index], status="variant", explained_by=FILLED_PAUSE)
    return result


def _frames(segments: Sequence[Segment], start: int, end: int) -> int:
    """Returns the frames between the phone before segments `start` up to `end` and the one after them.

    Counts from or to the segments' own phones where the speech begins or ends with them.
    """
    before = [emission.end for segment in segments[:start] for emission in segment.emissions]
    own = [emission for segment in segments[start:end] for emission in segment.emissions]
    after = [emission.start for segment in segments[end:] for emission in segment.emissions]
    return min(after, default=own[-1].end) - max(before, default=own[0].start)
