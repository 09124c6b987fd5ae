"""The same sounds in another's notation: a model's inventory of phones, or the way a target is written."""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from alignment.edit_distance import edit_operations
from shared.errors import InvalidInputError
from shared.phonology.distance import distances
from shared.phonology.equivalence import canonical_form, normalize, normalize_marks
from shared.phonology.ipa import is_vowel, read_phones

# ARPAbet, as CMUdict and the MFA models trained on it write, without the stress digit.
ARPABET = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AX": "ə", "AY": "aɪ", "B": "b", "CH": "tʃ", "D": "d",
    "DH": "ð", "DX": "ɾ", "EH": "ɛ", "ER": "ɝ", "EY": "eɪ", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IX": "ɨ",
    "IY": "i", "JH": "dʒ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ", "OY": "ɔɪ", "P": "p",
    "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j",
    "Z": "z", "ZH": "ʒ",
}  # fmt: skip
UNSTRESSED = {"AH0": "ə", "ER0": "ɚ"}
OFFGLIDES = {"j": "ɪ", "w": "ʊ"}

# What stands in for a phone that a model has not, where articulatory features would mislead.
FALLBACK_PHONES = {
    "o": "oʊ",  # the vowel of goat without its glide
    "ɔ": "ɒ",  # the vowel of thought, as MFA writes it
    "ɾ": "d",  # the flap of ladder and latter
    "ʔ": "t",  # the t of button
    "ɽ": "d",  # a flap, further back
    "ʁ": "ɹ",  # whatever a language has for its r
    "ʀ": "ɹ",
    "ɕ": "ʃ",  # sibilants between s and ʃ are heard as ʃ
    "ʑ": "ʒ",
    "ʂ": "ʃ",
    "ʐ": "ʒ",
    "ʋ": "v",  # what v is in many languages
    "ø": "ɛ",  # front vowels without their rounding
    "œ": "ɛ",
    "ɘ": "ə",
}


@dataclass(frozen=True)
class LabelSpan:
    """A label of a model and the phones that it stands for, one or two."""

    label: str
    phones: tuple[str, ...]


class PhoneSet:
    """The phones that a model knows, and any phone's place among them."""

    def __init__(self, labels: Sequence[str]) -> None:
        """Takes a model's labels, silence and noise left out; labels that are no phone at all are passed over."""
        self._labels: dict[tuple[str, ...], str] = {}
        self._alike: dict[str, list[str]] = {}
        for label in sorted(labels, key=lambda label: not label.endswith("1")):  # ARPAbet: the stressed vowel
            phones = read_label(label)
            self._labels.setdefault(_key(phones), label)
            if len(phones) == 1:
                self._alike.setdefault(normalize(phones[0]), []).append(phones[0])
        self._labels.pop((), None)
        self._label_of = functools.lru_cache(maxsize=4096)(self._find_label)

    def label_spans(self, phones: Sequence[str]) -> list[LabelSpan]:
        """Returns the model's labels for phones, in order; two phones that are one diphthong of it share one."""
        spellings = []
        start = 0
        while start < len(phones):
            pair = tuple(phones[start : start + 2])
            label = self._labels.get(_key(pair)) if len(pair) == 2 else None
            spelling = LabelSpan(label, pair) if label else LabelSpan(self._label_of(pair[0]), pair[:1])
            spellings.append(spelling)
            start += len(spelling.phones)
        return spellings

    def _find_label(self, phone: str) -> str:
        """Returns the label of a phone: its own, else one that counts as the same, a stand-in, or the closest."""
        for spelling in (phone, normalize_marks(phone)):
            if (spelling,) in self._labels:
                return self._labels[(spelling,)]
        alike = self._alike.get(normalize(phone))
        stand_in = self._labels.get(_key(read_phones(FALLBACK_PHONES.get(normalize(phone), phone))))
        if stand_in and not alike:
            return stand_in
        candidates = alike or list(itertools.chain.from_iterable(self._alike.values()))
        return self._labels[(candidates[distances([phone], candidates)[0].argmin()],)]


def _key(phones: Sequence[str]) -> tuple[str, ...]:
    """Returns what a label is found by: a single phone as it is written, a diphthong folded."""
    return tuple(phones) if len(phones) == 1 else tuple(map(normalize, phones))


@functools.lru_cache(maxsize=8)
def phone_set_of(labels: tuple[str, ...]) -> PhoneSet:
    """Returns the notation of a model's labels, made once."""
    return PhoneSet(labels)


def posterior_columns(labels: tuple[str, ...], phones: Sequence[str]) -> tuple[list[LabelSpan], list[int]]:
    """Returns the labels for phones, in order, and the column of each, given the labels of posteriors.

    Column 0 stands for no phone.

    >>> posterior_columns(("", "n", "o", "ʊ"), ["n", "o", "ʊ"])[1]
    [1, 2, 3]
    """
    spans = phone_set_of(labels[1:]).label_spans(phones)
    return spans, [labels.index(span.label) for span in spans]


def read_label(label: str) -> list[str]:
    """Returns the phones that a model's label stands for: one, two for a diphthong, none where it is no phone."""
    if label.rstrip("012") in ARPABET:
        label = UNSTRESSED.get(label, ARPABET[label.rstrip("012")])
    try:
        phones = read_phones(label)
    except InvalidInputError:
        return []
    if len(phones) == 2 and is_vowel(phones[0]):  # MFA writes `aj ow` for what IPA has as `aɪ oʊ`
        phones[1] = OFFGLIDES.get(phones[1], phones[1])
    one_sound = len(phones) == 1 or (len(phones) == 2 and all(map(is_vowel, phones)))
    return phones if one_sound else []


def match_target_notation(heard: Sequence[str], target: Sequence[str]) -> list[str]:
    """Returns the phones heard, with sounds written as one phone or as two as the target writes the same sounds.

    `t ʃ` becomes `t͡ʃ`, and `ɜ˞` becomes `ə ɹ`, where the target has them so: then no notation counts as an
    error, and no position does either. All else stays as it was heard.
    """
    parts = [(part, index) for index, phone in enumerate(heard) for part in canonical_form([phone])]
    meant = [(part, index) for index, phone in enumerate(target) for part in canonical_form([phone])]
    places = _matches([part for part, _ in parts], [part for part, _ in meant])
    spelled: list[str] = []
    for k, (part, index) in enumerate(parts):
        place, before = places.get(k), places.get(k - 1)
        if place is not None and before is not None and place == before + 1:
            joins = meant[place][1] == meant[before][1]
            joined = target[meant[place][1]]
        else:
            joins = k > 0 and parts[k - 1][1] == index
            joined = heard[index]
        if joins:
            spelled[-1] = joined
        else:
            alone = len(canonical_form([heard[index]])) == 1
            spelled.append(heard[index] if alone else part)
    return spelled


def _matches(heard: Sequence[str], target: Sequence[str]) -> dict[int, int]:
    """Returns, for each phone heard that is the target's at its place, that place."""
    operations = edit_operations(heard, target)
    changed = {operation.actual_index for operation in operations if operation.type != "delete"}
    missing = {operation.position for operation in operations if operation.type != "insert"}
    kept = (k for k in range(len(heard)) if k not in changed)
    found = (j for j in range(len(target)) if j not in missing)
    return dict(zip(kept, found, strict=True))
