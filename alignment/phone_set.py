"""Phones in the notation of a model's labels."""

import functools
import itertools
from collections.abc import Sequence
from typing import NamedTuple

from shared.errors import InvalidInputError
from shared.phonology.arpabet import ARPABET, arpabet_to_ipa
from shared.phonology.distance import distances
from shared.phonology.equivalence import Fallbacks, normalize, normalize_marks
from shared.phonology.ipa import is_vowel, parse_ipa
from shared.tables import load_rows

OFFGLIDES = {"j": "ɪ", "w": "ʊ"}

FALLBACK_PHONES = {phone: fallback for phone, fallback, _ in load_rows(__file__, "fallback_phones.tsv")}


class LabelSpan(NamedTuple):
    """A label of a model and the phones that it stands for, one or two."""

    label: str
    phones: tuple[str, ...]


class PhoneSet:
    """The phones of a model's labels, and the label for any other phone."""

    def __init__(self, labels: Sequence[str], fallbacks: Fallbacks = ()) -> None:
        """Takes a model's labels, and what stands for phones that it lacks. Labels that are no phone are ignored."""
        self._fallbacks = dict(fallbacks)
        self._labels: dict[tuple[str, ...], str] = {}
        self._alike: dict[str, list[str]] = {}
        for label in sorted(labels, key=lambda label: not label.endswith("1")):  # ARPAbet: the stressed vowel
            phones = parse_label(label)
            self._labels.setdefault(_key(phones), label)
            if len(phones) == 1:
                self._alike.setdefault(normalize(phones[0]), []).append(phones[0])
        self._labels.pop((), None)
        self._label_of = functools.lru_cache(maxsize=4096)(self._find_label)
        self._diphthong_of = functools.lru_cache(maxsize=4096)(self._find_diphthong)

    def label_spans(self, phones: Sequence[str]) -> list[LabelSpan]:
        """Returns the model's labels for phones, in order; two phones that are one diphthong of the model share one.

        >>> [span.label for span in PhoneSet(["HH", "AY1"]).label_spans(["h", "a", "ɪ"])]
        ['HH', 'AY1']
        """
        spans = []
        start = 0
        while start < len(phones):
            pair = tuple(phones[start : start + 2])
            label = self._diphthong_of(pair) if len(pair) == 2 else None
            span = LabelSpan(label, pair) if label else LabelSpan(self._label_of(pair[0]), pair[:1])
            spans.append(span)
            start += len(span.phones)
        return spans

    def _find_diphthong(self, pair: tuple[str, ...]) -> str | None:
        """Returns the label of a diphthong, or its fallback, None for two phones that are none."""
        others = self._fallbacks.get(_key(pair), ())
        return next(filter(None, (self._labels.get(_key(phones)) for phones in (pair, *others))), None)

    def _find_label(self, phone: str) -> str:
        """Returns the label of a phone: its own, else that of an allophone, its fallback, or the closest phone."""
        for written in (phone, normalize_marks(phone)):
            if (written,) in self._labels:
                return self._labels[(written,)]
        alike = self._alike.get(normalize(phone))
        others = self._fallbacks.get((normalize(phone),)) or [parse_ipa(FALLBACK_PHONES.get(normalize(phone), phone))]
        fallback = self._labels.get(_key(others[0]))
        if fallback and not alike:
            return fallback
        candidates = alike or list(itertools.chain.from_iterable(self._alike.values()))
        return self._labels[(candidates[distances([phone], candidates)[0].argmin()],)]


def _key(phones: Sequence[str]) -> tuple[str, ...]:
    """Returns the key of a label in a PhoneSet: a single phone as it is written, a diphthong normalized."""
    return tuple(phones) if len(phones) == 1 else tuple(map(normalize, phones))


@functools.lru_cache(maxsize=8)
def phone_set_of(labels: tuple[str, ...], fallbacks: Fallbacks = ()) -> PhoneSet:
    """Returns the PhoneSet of a model's labels, from a cache."""
    return PhoneSet(labels, fallbacks)


def posterior_columns(
    labels: tuple[str, ...], phones: Sequence[str], fallbacks: Fallbacks = ()
) -> tuple[list[LabelSpan], list[int]]:
    """Returns the labels for phones, in order, and the column of each, given the labels of posteriors.

    Column 0 stands for no phone.

    >>> posterior_columns(("", "n", "o", "ʊ"), ["n", "o", "ʊ"])[1]
    [1, 2, 3]
    """
    spans = phone_set_of(labels[1:], fallbacks).label_spans(phones)
    return spans, [labels.index(span.label) for span in spans]


@functools.lru_cache(maxsize=16_384)  # every sentence has an engine's labels again
def parse_label(label: str) -> tuple[str, ...]:
    """Returns the phones of a model's label: one, two for a diphthong, none where the label is no phone.

    >>> parse_label("AY1"), parse_label("ow"), parse_label("spn")
    (('a', 'ɪ'), ('o', 'ʊ'), ())
    """
    if label.rstrip("012") in ARPABET:
        label = arpabet_to_ipa(label)
    try:
        phones = parse_ipa(label)
    except InvalidInputError:
        return ()
    if len(phones) == 2 and is_vowel(phones[0]):  # MFA writes `aj ow` for `aɪ oʊ`
        phones[1] = OFFGLIDES.get(phones[1], phones[1])
    one_sound = len(phones) == 1 or (len(phones) == 2 and all(map(is_vowel, phones)))
    return tuple(phones) if one_sound else ()
