"""What other accents have in place of a target's phones."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence

from alignment.edit_distance import align
from alignment.network import labels_of
from shared.ctc.posteriors import BLANK
from shared.phonology.equivalence import NormalForms

LabelsAt = Callable[[int, int], frozenset[int]]
"""Returns the columns of labels that are right in place of target phones `start` up to `end`, `BLANK` for none."""


def labels_in_accents(
    labels: tuple[str, ...],
    words: Sequence[Sequence[str]],
    accents: Iterable[Sequence[Sequence[Sequence[str]]]],
    normal_forms: NormalForms,
) -> LabelsAt:
    """Returns how to look up the labels of other accents' phones, given the forms [words][forms] of words in each.

    The phones of a form are paired with the word's by articulation.

    >>> from shared.phonology.equivalence import ENGLISH_FORMS
    >>> at = labels_in_accents(("", "ɡ", "ɑ", "æ", "s"), ["ɡæs"], [[["ɡɑs"]]], ENGLISH_FORMS)
    >>> at(1, 2)
    frozenset({2})
    """
    starts = list(itertools.accumulate(map(len, words), initial=0))[:-1]
    beside = [
        {start + position: phones for position, phones in _beside(word, form, normal_forms).items()}
        for of_accent in accents
        for start, word, forms in zip(starts, words, of_accent, strict=True)
        for form in forms
    ]

    def labels_at(start: int, end: int) -> frozenset[int]:
        columns: set[int] = set()
        for phones_at in beside:
            if start in phones_at and end - 1 in phones_at:
                phones = [phone for position in range(start, end) for phone in phones_at[position]]
                columns |= labels_of(labels, phones, normal_forms) if phones else {BLANK}
        return frozenset(columns)

    return labels_at


def _beside(word: Sequence[str], form: Sequence[str], normal_forms: NormalForms) -> Mapping[int, Sequence[str]]:
    """Returns the phone of a form beside each of a word's, none where it has none."""
    actual, target = ([normal_forms.normalize(phone) for phone in phones] for phones in (form, word))
    operations = align(actual, target)
    return {o.position: [o.actual] if o.actual else [] for o in operations if o.type != "insert"}
