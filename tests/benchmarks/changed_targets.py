"""Targets that are certainly wrong: one phone of a recording's target changed to a clearly different one."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from alignment.phone_set import phone_set_of
from assessment.scoring import Judgement
from shared.phonology.distance import distances
from shared.phonology.equivalence import canonical_form, normalize
from shared.phonology.ipa import is_vowel
from shared.variation.languages import AMERICAN_ENGLISH
from shared.variation.variant import Variant
from tests.benchmarks.speech import Utterance

# Full vowels: a reduced one in place of another is a form of many words.
VOWELS = "i ɪ ɛ æ ɑ ɔ ʊ u".split()
CONSONANTS = "p b t d k ɡ f v θ ð s z ʃ ʒ h m n ŋ l ɹ w j".split()

# Articulatory distances of phones that differ in more than one of panphon's features, as all consonants of another
# manner or place do, and in more than two: not p and f, t and s, b and m.
ANOTHER_PHONE, CLEARLY_ANOTHER = 0.2, 0.4


def phone_changes(utterance: Utterance, start: int, end: int, min_distance: float) -> list[Utterance]:
    """Returns an utterance with target phones `start` up to `end` changed to each phone that is far enough.

    The changed word has the forms that a worker finds for its phones, and those of the word, changed alike: a learner
    who errs in one phone may have any form of the word around it. Without those of which the word is a form, or which
    are one of it: that would be no error.
    """
    first, index = next(
        (first, k) for first, k in _words(utterance) if first <= start < first + len(utterance.words[k])
    )
    word, old = utterance.words[index], utterance.target[start]
    result = []
    for phone in VOWELS if is_vowel(old) else CONSONANTS:
        change = Variant(start - first, end - first, (phone,), "changed")
        changed = tuple(change.of(word))
        forms = [
            *AMERICAN_ENGLISH.word_forms.forms(changed),
            *_with_change(word, utterance.pronunciations[index], change),
        ]
        varied = [variant.of(changed) for variant in AMERICAN_ENGLISH.variants([changed], [forms])]
        is_another = not _sounds(utterance.pronunciations[index], word) & _sounds([*forms, *varied], changed)
        if is_another and distances([normalize(old)], [phone])[0, 0] >= min_distance:
            words, pronunciations = list(utterance.words), list(utterance.pronunciations)
            words[index], pronunciations[index] = changed, tuple(forms)
            result.append(dataclasses.replace(utterance, words=tuple(words), pronunciations=tuple(pronunciations)))
    return result


def changed_targets(utterance: Utterance, labels: tuple[str, ...]) -> Iterator[tuple[int, Utterance]]:
    """Yields an utterance with each target phone that is no diphthong changed, and that phone's position.

    `labels` are a recognizer's, column 0 the blank.
    """
    start = 0
    for span in phone_set_of(labels[1:]).label_spans(utterance.target):
        if len(span.phones) == 1:
            for target in phone_changes(utterance, start, start + 1, ANOTHER_PHONE):
                yield start, target
        start += len(span.phones)


def as_pronounced(utterance: Utterance, judgement: Judgement) -> Utterance:
    """Returns an utterance whose target is what was pronounced: no word of it is in another form than the target's."""
    words = []
    for first, index in _words(utterance):
        positions = range(first, first + len(utterance.words[index]))
        words.append(tuple(pair.actual for pair in judgement.pairs if pair.actual and pair.position in positions))
    words = [word for word in words if word]
    forms = tuple(tuple(AMERICAN_ENGLISH.word_forms.forms(word)) for word in words)
    return dataclasses.replace(utterance, words=tuple(words), pronunciations=forms)


def _with_change(word: Sequence[str], forms: Iterable[Sequence[str]], change: Variant) -> Iterator[list[str]]:
    """Yields the forms of a word that differ from it elsewhere than in a change, with this change.

    >>> list(_with_change("lɛʒə", ["liʒə"], Variant(2, 3, ("f",), "changed")))
    [['l', 'i', 'f', 'ə']]
    """
    for form in AMERICAN_ENGLISH.word_variants(word, list(forms), 0, "another form"):
        if form.end <= change.start:
            yield form.of(change.of(word))
        elif form.start >= change.end:
            yield change.of(form.of(word))


def _sounds(forms: Iterable[Sequence[str]], word: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(canonical_form(form)) for form in (*forms, word)}


def _words(utterance: Utterance) -> Iterator[tuple[int, int]]:
    """Yields the first target phone and the index of each word."""
    start = 0
    for index, word in enumerate(utterance.words):
        yield start, index
        start += len(word)
