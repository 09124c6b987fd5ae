"""What speakers of English do to sounds in running speech: differences from the dictionary that are no errors."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from shared.phonology.equivalence import canonical_form, normalize
from shared.phonology.ipa import is_vowel
from shared.variation.variant import Variant
from shared.variation.word_forms import contracted_forms

VOWEL, CONSONANT, ANY, SAME = "vowel", "consonant", "any", "same"


class Process(NamedTuple):
    """A change of one phone, where it is no error, and who says so.

    `expected` and `actual` are as in an edit operation, several phones apart by spaces, or None. `before` and `after`
    are the target's phones that it takes on each side: phones, a class of them, or the expected phone itself once
    more, of which one is left. `where` is what it takes of words: that one ends after the phone, and another follows.
    """

    name: str
    expected: str | None
    actual: str | None
    before: str
    after: str
    where: Literal["anywhere", "word end"]
    source: str


LADEFOGED = "Ladefoged & Johnson, A Course in Phonetics, 7th ed., ch. 3"
CRUTTENDEN = "Cruttenden, Gimson's Pronunciation of English, 8th ed., ch. 12"
# Consonants that end a syllable before t and d, and those with which t and d begin none: not in country, hundred.
CODAS, NO_ONSETS = "p b k ɡ f v θ ð s z ʃ m n ŋ l", "p b k ɡ f v θ ð ʃ m n l h"
PROCESSES = (
    Process("flapping: city, get it", "t d", "ɾ", VOWEL, VOWEL, "anywhere", LADEFOGED),
    Process("flapping: party", "t d", "ɾ", "ɹ ɜ˞", VOWEL, "anywhere", LADEFOGED),
    Process("glottal stop: football, what now", "t", "ʔ", VOWEL, CONSONANT, "anywhere", LADEFOGED),
    Process("elision: next day, old man", "t d", None, CONSONANT, CONSONANT, "word end", CRUTTENDEN),
    Process("elision: mostly, windmill", "t d", None, CODAS, NO_ONSETS, "anywhere", CRUTTENDEN),
    Process("one long consonant: this sound", CONSONANT, None, ANY, SAME, "word end", CRUTTENDEN),
    Process("linking: see it", None, "j", "i ɪ", VOWEL, "word end", CRUTTENDEN),
    Process("linking: do it", None, "w", "u ʊ", VOWEL, "word end", CRUTTENDEN),
    Process("linking: far away, law and", None, "ɹ", "ə ɑ ɔ ɜ", VOWEL, "word end", CRUTTENDEN),
    Process("assimilation: ten people", "n", "m", ANY, "p b m", "word end", CRUTTENDEN),
    Process("assimilation: ten cars", "n", "ŋ", ANY, "k ɡ", "word end", CRUTTENDEN),
    Process("assimilation: this shop, this year", "s", "ʃ", ANY, "ʃ j", "word end", CRUTTENDEN),
    Process("assimilation: those shops, as you", "z", "ʒ", ANY, "ʃ j", "word end", CRUTTENDEN),
    Process("stop between: prince, tenth", None, "t", "n", "s θ", "anywhere", LADEFOGED),
    Process("stop between: warmth, something", None, "p", "m", "θ f", "anywhere", LADEFOGED),
    Process("stop between: length", None, "k", "ŋ", "θ s", "anywhere", LADEFOGED),
)

# Two phones on either side of a word's boundary that become one: did you, don't you, miss you, as you.
COALESCENCES = {("t", "j"): "t͡ʃ", ("d", "j"): "d͡ʒ", ("s", "j"): "ʃ", ("z", "j"): "ʒ"}
COALESCENCE = "coalescence: did you"  # Cruttenden, as above
CONTRACTION = "contraction: I am"  # words and sources: `shared/g2p/weak_forms.py`


def connected_speech(words: Sequence[Sequence[str]]) -> list[Variant]:
    """Returns what the processes of running speech can make of a target's words."""
    target = [normalize(phone) for word in words for phone in word]
    word_starts = set(itertools.accumulate(len(word) for word in words[:-1]))
    variants = [
        variant
        for process in PROCESSES
        for position in range(1, len(target))
        for variant in _variants_of(process, target, position, word_starts)
    ]
    coalescences = [
        Variant(start - 1, start + 1, (COALESCENCES[pair],), COALESCENCE)
        for start in sorted(word_starts)
        if (pair := (target[start - 1], target[start])) in COALESCENCES
    ]
    return [*variants, *coalescences, *_contractions(words)]


def _contractions(words: Sequence[Sequence[str]]) -> Iterator[Variant]:
    start = 0
    for first, second in itertools.pairwise(words):
        for form in contracted_forms(first, second):
            yield _difference([*first, *second], form, start, CONTRACTION)
        start += len(first)


def _variants_of(process: Process, target: Sequence[str], position: int, word_starts: set[int]) -> Iterator[Variant]:
    """Yields the variant that a process makes at a position, if it takes place there."""
    expected = target[position] if process.expected else None
    after = position + (expected is not None)
    if (
        _is_one_of(expected, process.expected)
        and after < len(target)
        and _is_one_of(target[position - 1], process.before)
        and _is_one_of(target[after], expected if process.after == SAME else process.after)
        and (process.where == "anywhere" or after in word_starts)
    ):
        is_long = process.after == SAME  # which of the two is not there, nobody can say: what is there must be one
        phones = expected if is_long else process.actual
        yield Variant(position, after + is_long, (phones,) if phones else (), process.name)


def _is_one_of(phone: str | None, phones: str | None) -> bool:
    """Whether a phone is among phones apart by spaces, or in a class of them; None is among None."""
    if phone is None or phones is None:
        return phone is phones
    if phones in (VOWEL, CONSONANT):
        return is_vowel(phone) == (phones == VOWEL)
    return phones == ANY or phone in phones.split()


def word_variants(
    words: Sequence[Sequence[str]], forms: Sequence[Sequence[Sequence[str]]], explained_by: str
) -> list[Variant]:
    """Returns where a target's words may be pronounced in other forms [words, forms, phones] of them.

    A variant is what is left of a form without what it begins and ends with as the target does.

    >>> word_variants([["w", "ə", "z"]], [[["w", "ɑ", "z"]]], "form of was")
    [Variant(start=1, end=2, phones=('ɑ',), explained_by='form of was')]
    """
    starts = itertools.accumulate((len(word) for word in words), initial=0)
    return [
        _difference(word, form, start, explained_by)
        for start, word, others in zip(starts, words, forms, strict=False)
        for form in others
        if canonical_form(form) != canonical_form(word)
    ]


def _difference(word: Sequence[str], form: Sequence[str], start: int, explained_by: str) -> Variant:
    sounds, others = ([canonical_form([phone]) for phone in phones] for phones in (word, form))
    before, first = _alike(sounds, others)
    after, last = _alike(*([sound[::-1] for sound in rest[::-1]] for rest in (sounds[before:], others[first:])))
    return Variant(start + before, start + len(word) - after, tuple(form[first : len(form) - last]), explained_by)


def _alike(sounds: Sequence[Sequence[str]], others: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Returns how many phones two words begin with alike, in each of the two, given the canonical phones of each phone.

    >>> _alike([["ə", "ɹ"], ["z"]], [["ə"], ["ɹ"], ["s"]])
    (1, 2)
    """
    phones = zip(itertools.chain(*sounds), itertools.chain(*others), strict=False)
    alike = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], phones)))
    counts, other_counts = (
        {edge: count for count, edge in enumerate(itertools.accumulate(map(len, each), initial=0))}
        for each in (sounds, others)
    )
    edge = max(edge for edge in counts.keys() & other_counts.keys() if edge <= alike)
    return counts[edge], other_counts[edge]
