"""Which of its pronunciations a word was said with."""

from collections.abc import Sequence

import numpy as np

from alignment.edit_distance import GAP_COST, Costs, next_row, substitution_costs
from shared.phonology.equivalence import canonical_form


def closest_pronunciations(words: Sequence[Sequence[list[str]]], heard: Sequence[str]) -> list[list[str]]:
    """Returns one of each word's pronunciations: those that, in a row, are closest to the phones heard.

    The first of them where more are as close. Closeness is the edit cost of `edit_operations`, least over all
    divisions of the phones heard among the words: the costs of the words before, of the word, and of those after.
    """
    sounds = canonical_form(heard)
    options = [[canonical_form(pronunciation) for pronunciation in word] for word in words]
    before = _costs_before(options, sounds)
    backwards = [[option[::-1] for option in word] for word in reversed(options)]
    after = [row[::-1] for row in _costs_before(backwards, sounds[::-1])][::-1]
    chosen = []
    for index, word in enumerate(words):
        totals = [int((_through(before[index], o, sounds) + after[index + 1]).min()) for o in options[index]]
        chosen.append(word[totals.index(min(totals))])
    return chosen


def _costs_before(words: Sequence[Sequence[list[str]]], heard: Sequence[str]) -> list[Costs]:
    """Returns, before each word and after the last, the least cost [heard + 1] of the words so far."""
    rows = [GAP_COST * np.arange(len(heard) + 1)]
    for word in words:
        rows.append(np.minimum.reduce([_through(rows[-1], option, heard) for option in word]))
    return rows


def _through(row: Costs, pronunciation: Sequence[str], heard: Sequence[str]) -> Costs:
    """Returns the least cost [heard + 1] of a pronunciation more."""
    for costs in substitution_costs(heard, pronunciation):
        row = next_row(row, costs)
    return row
