"""Notations and allophones of the same phone, which are no difference when phones are compared."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from shared.phonology.ipa import RHOTIC_HOOK, SYLLABIC, TIE_BAR
from shared.tables import load_rows


class AllophoneRule(NamedTuple):
    """A symbol, the symbol that it is compared as, and why the difference is no error: a row of the table."""

    written: str
    counts_as: str
    reason: str


RULES = [AllophoneRule(mark.removeprefix("◌"), *others) for mark, *others in load_rows(__file__, "allophones.tsv")]
MARK_RULES = [rule for rule in RULES if not rule.counts_as]
LETTER_RULES = [rule for rule in RULES if rule.counts_as]
# Phones that can also be written as two: both are compared as two.
PARTS = {"ɜ" + RHOTIC_HOOK: ("ə", "ɹ")} | {letter + SYLLABIC: ("ə", letter) for letter in "lmn"}

# Marks that a notation has or has not, in any language: length, which POWSM's CTC head is not trained to write; tone,
# of which it is not known whether it is; the weaker part of a diphthong.
_NOTATION_MARKS = str.maketrans("", "", "ːˑ\u0306\u032f\u0300\u0301\u0302\u0304\u030c")


Fallbacks = tuple[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], ...]
"""Phones, and what may stand in their place."""


@dataclass(frozen=True, eq=False)
class NormalForms:
    """How phones are compared: without `marks`, with one letter of those that count as one, and in their `parts`.

    `marks` are a table of `str.translate`, `letters` what a letter counts as, `parts` the phones that one can be
    written as. What has a tie bar and no parts of its own is that of its letters. `fallbacks` are the phones that a
    recognizer without one, or without a diphthong, has in its place, the closest first.
    """

    marks: Mapping[int, int | str | None]
    letters: Mapping[str, str]
    parts: Mapping[str, tuple[str, ...]]
    fallbacks: Fallbacks = ()

    def normalize(self, phone: str) -> str:
        """Returns a phone as it is compared.

        >>> ENGLISH_FORMS.normalize("tʰ"), ENGLISH_FORMS.normalize("r"), NOTATION_FORMS.normalize("tʰː")
        ('t', 'ɹ', 'tʰ')
        """
        return _normalize(self, phone)

    def normalize_marks(self, phone: str) -> str:
        """Returns a phone without the marks that distinguish no two words.

        >>> ENGLISH_FORMS.normalize_marks("d̪")
        'd'
        """
        return phone.translate(self.marks) or phone

    def canonical_form(self, phones: Iterable[str]) -> list[str]:
        """Returns phones normalized and in their smallest parts: the same for every notation of the same phones.

        >>> canonical_form(["t͡ʃ", "ʌ", "n̩"]), canonical_form(["tʰ", "ʃ", "ɐ", "ə", "n"])
        (['t', 'ʃ', 'ə', 'ə', 'n'], ['t', 'ʃ', 'ə', 'ə', 'n'])
        >>> NOTATION_FORMS.canonical_form(["t͡s", "aː", "ɔ̃", "r"])
        ['t', 's', 'a', 'ɔ̃', 'r']
        """
        return [part for phone in phones for part in _parts(self, phone)]


@functools.lru_cache(maxsize=4096)  # bounded, because callers send any phones
def _normalize(forms: NormalForms, phone: str) -> str:
    return TIE_BAR.join(forms.letters.get(part, part) for part in forms.normalize_marks(phone).split(TIE_BAR))


@functools.lru_cache(maxsize=4096)
def _parts(forms: NormalForms, phone: str) -> Sequence[str]:
    normal = forms.normalize(phone)
    return forms.parts.get(normal) or normal.split(TIE_BAR)


ENGLISH_FORMS = NormalForms(
    marks={ord(rule.written): rule.counts_as for rule in MARK_RULES},
    letters={rule.written: rule.counts_as for rule in LETTER_RULES},
    parts=PARTS,
)
# In Britain lot is no palm: a recognizer that has the vowel distinguishes the two. One trained on American English
# lacks it, and those of goat and nurse, which is a long schwa: Wells, Accents of English (1982), vol. 1, 2.2.
BRITISH_FORMS = replace(
    ENGLISH_FORMS,
    letters={letter: counts_as for letter, counts_as in ENGLISH_FORMS.letters.items() if letter != "ɒ"},
    fallbacks=((("ɒ",), (("ɑ",), ("ɔ",))), (("ə", "ʊ"), (("o", "ʊ"),)), (("ɜ",), (("ɜ" + RHOTIC_HOOK,), ("ə",)))),
)
NOTATION_FORMS = NormalForms(marks=_NOTATION_MARKS, letters={}, parts={})
"""Those of any other language: without what is notation alone."""

normalize = ENGLISH_FORMS.normalize
normalize_marks = ENGLISH_FORMS.normalize_marks
canonical_form = ENGLISH_FORMS.canonical_form
