"""What is no error in a language: normal forms of phones, rules, and the other forms of words."""

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from shared.phonology.equivalence import NOTATION_FORMS, NormalForms
from shared.variation.rules import Rule, Sound, write_words
from shared.variation.variant import Variant
from shared.variation.word_forms import WordForms

ANOTHER_FORM = "another form of the word"
CONTRACTION = "contraction: I am"  # words and sources: `shared/g2p/weak_forms.py`


@dataclass(frozen=True, eq=False)
class Phonology:
    """A language's normal forms of phones, its rules, what loads the forms of its words, and its filled pauses.

    `filled_pauses` are the canonical phones that those are made of, `accents` the phonologies of other accents that are
    as right, by the accent's name.
    """

    normal_forms: NormalForms
    rules: tuple[Rule, ...] = ()
    load_word_forms: Callable[[], WordForms] = WordForms
    filled_pauses: frozenset[tuple[str, ...]] = frozenset()
    accents: Mapping[str, "Phonology"] = field(default_factory=dict)

    @property
    def word_forms(self) -> WordForms:
        """The forms of the language's words, loaded once."""
        return self.load_word_forms()

    def forms_in_accents(self, words: Sequence[Sequence[str]]) -> dict[str, list[list[list[str]]]]:
        """Returns the forms [words][forms] that words have in other `accents`, by the accent's name.

        Each word is looked up by its phones: in the language itself, and where it has none such in the accents.
        """
        found: dict[str, list[list[list[str]]]] = {name: [] for name in self.accents}
        others = {name: phonology.word_forms for name, phonology in self.accents.items()}
        for word in words if others else ():
            sound = "".join(self.normal_forms.canonical_form(word))
            own = next((forms for forms in (self.word_forms, *others.values()) if sound in forms.spoken_words), None)
            for name, forms in others.items():
                found[name].append([] if own in (None, forms) else forms.of_words(*own.spoken_words[sound]))
        return found

    def variants(
        self,
        words: Sequence[Sequence[str]],
        forms: Sequence[Sequence[Sequence[str]]],
        accents: Mapping[str, Sequence[Sequence[Sequence[str]]]] = MappingProxyType({}),
    ) -> list[Variant]:
        """Returns what may be pronounced in place of parts of a target's words.

        That is what the rules make of them, their other `forms` [words][forms], and of those what the rules make of
        each alone; the same of their forms in other `accents`, by the accent's name; and what two words contract to.
        """
        starts = [0, *itertools.accumulate(map(len, words))]
        result = self.by_rules(words)
        for accent, of_accent in {"": forms, **accents}.items():
            phonology = self.accents.get(accent, self)
            for start, word, others in zip(starts, words, of_accent, strict=False):
                result += self.word_variants(word, others, start, accent or ANOTHER_FORM)
                for form in others:
                    for changed, rule in _changes(phonology, tuple(form)):
                        result += self.word_variants(word, [changed], start, accent or rule)
        for start, (first, second) in zip(starts, itertools.pairwise(words), strict=False):
            contractions = self.word_forms.contractions(first, second)
            result += self.word_variants([*first, *second], contractions, start, CONTRACTION)
        return result

    def word_variants(
        self, word: Sequence[str], forms: Sequence[Sequence[str]], start: int, explained_by: str
    ) -> Iterator[Variant]:
        """Yields the variants that make other forms of a word that begins at target phone `start`.

        A variant is what is left of a form without what it begins and ends with as the word does.

        >>> list(GENERIC.word_variants(["w", "ə", "z"], [["w", "ɑ", "z"]], 0, "form of was"))
        [Variant(start=1, end=2, phones=('ɑ',), explained_by='form of was')]
        """
        sounds = [self.normal_forms.canonical_form([phone]) for phone in word] if forms else []
        for form in forms:
            others = [self.normal_forms.canonical_form([phone]) for phone in form]
            if list(itertools.chain(*others)) == list(itertools.chain(*sounds)):
                continue
            before, first = _alike(sounds, others)
            after, last = _alike(*([sound[::-1] for sound in rest[::-1]] for rest in (sounds[before:], others[first:])))
            changed = tuple(form[first : len(form) - last])
            yield Variant(start + before, start + len(word) - after, changed, explained_by)

    def by_rules(self, words: Sequence[Sequence[str]]) -> list[Variant]:
        """Returns what the rules make of words."""
        written = write_words([_sounds(self, tuple(word)) for word in words])
        return [variant for rule in self.rules for variant in rule.apply(written)]


@functools.lru_cache(maxsize=16_384)  # a text's words recur; bounded, because callers send any phones
def _sounds(phonology: Phonology, word: tuple[str, ...]) -> list[Sound]:
    """Returns the phones of a word, normalized, with the stress of their syllables."""
    parts = [phonology.normal_forms.canonical_form([phone]) for phone in word]
    stress = iter(phonology.word_forms.stress(list(itertools.chain.from_iterable(parts))))
    marks = ["".join(itertools.islice(stress, len(of_phone))) for of_phone in parts]
    return [Sound(phonology.normal_forms.normalize(phone), mark) for phone, mark in zip(word, marks, strict=True)]


@functools.lru_cache(maxsize=16_384)
def _changes(phonology: Phonology, form: tuple[str, ...]) -> list[tuple[list[str], str]]:
    """Returns what the rules of a phonology make of a form of a word alone, each with its rule's name."""
    return [(change.of(form), change.explained_by) for change in phonology.by_rules([form])]


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


GENERIC = Phonology(NOTATION_FORMS)
"""Of a language without rules: a difference of notation alone is none."""
