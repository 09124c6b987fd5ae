"""Targets that are certainly wrong: one phone of a recording's target changed to a clearly different one."""

import dataclasses
from collections.abc import Iterator

from shared.phonology.distance import distances
from shared.phonology.equivalence import canonical_form, normalize
from shared.phonology.ipa import is_vowel
from tests.benchmarks.speech import Utterance

# Full vowels: a reduced one in place of another is a form of many words. Consonants of another manner or place are
# this far apart, those of the same place and another voicing nearer.
VOWELS = "i ɪ ɛ æ ɑ ɔ ʊ u".split()
CONSONANTS = "p b t d k ɡ f v θ ð s z ʃ ʒ h m n ŋ l ɹ w j".split()
MIN_DISTANCE = 0.4


def phone_changes(utterance: Utterance, start: int, end: int) -> list[Utterance]:
    """Returns an utterance with target phones `start` up to `end` changed to each phone that is far enough.

    Without those that make another form of the word, which would be no error.
    """
    first, index = next(
        (first, k) for first, k in _words(utterance) if first <= start < first + len(utterance.words[k])
    )
    word, old = utterance.words[index], utterance.target[start]
    forms = {tuple(canonical_form(form)) for form in utterance.pronunciations[index]}
    changed = [
        (*word[: start - first], phone, *word[end - first :])
        for phone in (VOWELS if is_vowel(old) else CONSONANTS)
        if distances([normalize(old)], [phone])[0, 0] >= MIN_DISTANCE
    ]
    return [
        dataclasses.replace(
            utterance,
            words=(*utterance.words[:index], other, *utterance.words[index + 1 :]),
            pronunciations=(*utterance.pronunciations[:index], (), *utterance.pronunciations[index + 1 :]),
        )
        for other in changed
        if tuple(canonical_form(other)) not in forms
    ]


def _words(utterance: Utterance) -> Iterator[tuple[int, int]]:
    """Yields the first target phone and the index of each word."""
    start = 0
    for index, word in enumerate(utterance.words):
        yield start, index
        start += len(word)
