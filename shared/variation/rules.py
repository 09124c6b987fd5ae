"""Rewrite rules of phonology, `A → B / L _ R`, and what they make of the phones of words.

The notation is that of Chomsky & Halle, The Sound Pattern of English (1968), ch. 8, with phones in place of features:

    t   {t d}      a phone, one of several; as they are compared (`shared/phonology/equivalence.py`)
    V   C   X      a vowel, a consonant, any phone
    C1 … C1        the same phone twice
    ˈV  ˘ɪ         a vowel of a stressed syllable, of an unstressed one
    #              the boundary of a word
    (#)            what is there or not
    …              any phones of a word
    ∅              nothing: A of an insertion, B of an elision

So `{t d} → ɾ / V _ (#) V` is flapping, and `{t d} → ∅ / C _ # C` the elision of *next day*.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shared.phonology.ipa import CONSONANTS, VOWELS
from shared.variation.variant import Variant

# Unknown stress is that of a word that no dictionary has: its vowels may be of either kind.
STRESSED, UNSTRESSED, UNKNOWN = "ˈ", "˘", "?"
MARKS = STRESSED + UNSTRESSED + UNKNOWN
NOTHING, BOUNDARY = "∅", "#"
CLASSES = {"V": f"[{''.join(sorted(VOWELS))}]", "C": f"[{''.join(sorted(CONSONANTS))}]", "X": f"[^ {MARKS}{BOUNDARY}]"}
ELEMENT = re.compile(
    r"(?P<syntax>[()#…])|(?P<stress>[ˈ˘]?)(?:\{(?P<phones>[^}]+)\}|(?P<kind>[VCX])(?P<number>\d?)|(?P<phone>[^\s(){}#…]+))"
)


class Sound(NamedTuple):
    """A phone as it is compared and, if it is the vowel of a syllable, the syllable's stress."""

    phone: str
    stress: str = ""


@dataclass(frozen=True)
class Rule:
    """A rule and its name, which answers give as what explains a variant.

    `example` is what it makes of IPA, in two parts. `source` is who describes it.
    """

    name: str
    notation: str
    example: str
    source: str

    def apply(self, written: str) -> list[Variant]:
        """Returns what the rule can make of words as `write_words` writes them, counting the phones of all.

        >>> flapping = Rule("flapping", "{t d} → ɾ / V _ (#) V", "ɡɛt ɪt → ɡɛɾɪt", "")
        >>> flapping.apply(write_words([[Sound("ɡ"), Sound("ɛ"), Sound("t")], [Sound("ɪ"), Sound("t")]]))
        [Variant(start=2, end=3, phones=('ɾ',), explained_by='flapping')]
        """
        return list(dict.fromkeys(self._variants(written)))  # of a context that is optional there may be two

    def _variants(self, text: str) -> Iterator[Variant]:
        for match in self._pattern.finditer(text):
            start, end = (_count_phones(text[: match.end(group)]) for group in ("before", "changed"))
            for phones in self._outputs(match):
                taken = tuple(token.strip(MARKS) for token in match["changed"].split() if token != BOUNDARY)
                if phones != taken:
                    yield Variant(start, end, phones, self.name)

    def _outputs(self, match: re.Match[str]) -> list[tuple[str, ...]]:
        """Returns what may stand in place of what was matched: one of several phones, a phone once more, or nothing."""
        _, made, _ = self._parts
        if made == NOTHING:
            return [()]
        if made in match.groupdict():
            return [(match[made],)]
        return [(phone,) for phone in made.strip("{}").split()]

    @functools.cached_property
    def _parts(self) -> tuple[str, str, str]:
        """The notation's A, its B, and its L and R with the place between them."""
        change, _, place = self.notation.partition(" / ")
        changed, arrow, made = change.partition(" → ")
        if not arrow or place.count("_") != 1:
            raise ValueError(f"the rule {self.notation!r} is not written A → B / L _ R")
        return changed, made, place

    @functools.cached_property
    def _pattern(self) -> re.Pattern[str]:
        """A regular expression that matches, without taking anything, where the rule's context begins."""
        changed, _, place = self._parts
        before, after = place.split("_")
        seen: set[str] = set()
        before, changed, after = (_expression(part, seen) for part in (before, changed, after))
        return re.compile(rf"(?<![^ ])(?=(?P<before>{before})(?P<changed>{changed}){after})")


def write_words(words: Sequence[Sequence[Sound]]) -> str:
    """Returns words as text: each phone with its stress, and each boundary, before a space.

    >>> write_words([[Sound("s"), Sound("i", "ˈ")], [Sound("ɪ"), Sound("t")]])
    '# s iˈ # ɪ t # '
    """
    return "# " + "".join("".join(f"{phone}{stress} " for phone, stress in word) + "# " for word in words)


def _count_phones(text: str) -> int:
    return text.count(" ") - text.count(BOUNDARY)


def _expression(notation: str, seen: set[str]) -> str:
    """Returns a part of a rule as a regular expression; `seen` are the numbered phones of the parts before it."""
    return "".join(_element(match, seen) for match in ELEMENT.finditer(notation) if match[0] != NOTHING)


def _element(match: re.Match[str], seen: set[str]) -> str:
    syntax = {"(": "(?:", ")": ")?", BOUNDARY: "# ", "…": rf"(?:[^ {BOUNDARY}]+ )*"}
    if match["syntax"]:
        return syntax[match["syntax"]]
    stress = {"": f"[{MARKS}]?", STRESSED: f"[{STRESSED}{UNKNOWN}]", UNSTRESSED: f"[{UNSTRESSED}{UNKNOWN}]"}
    end = f"{stress[match['stress']]} "
    if match["kind"]:
        phone = rf"{CLASSES[match['kind']]}[^ {MARKS}]*"
        name = match["kind"] + match["number"]
        if name in seen:
            return f"(?P={name}){end}"
        if match["number"]:
            seen.add(name)
            return f"(?P<{name}>{phone}){end}"
        return phone + end
    phones = match["phones"] or match["phone"]
    return f"(?:{'|'.join(map(re.escape, phones.split()))}){end}"
