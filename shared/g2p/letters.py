"""Which letters of an English word stand for which of its phones."""

import functools
import itertools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from shared.g2p.spelling import unaccented
from shared.phonology.diphthongs import split_sounds
from shared.phonology.equivalence import normalize
from shared.phonology.ipa import is_vowel
from shared.tables import load_rows

MAX_LETTERS, MAX_SOUNDS = 4, 3  # of one grapheme
VOWEL_LETTERS = frozenset("aeiouy")
# Of what CMUdict has not: less likely than all that it has, the more so the longer, or with a vowel for a consonant.
UNSEEN, UNSEEN_MORE, UNSEEN_KIND = -14.0, -8.0, -4.0


@dataclass(frozen=True)
class Grapheme:
    """Letters that stand for phones together: characters `start` up to `end` of the word, and phones from `position`.

    Silent letters belong to a neighbour: the `e` of *use* to its `s`.
    """

    letters: str
    start: int
    end: int
    position: int
    phones: list[str]


def align_letters(word: str, phones: Sequence[str], position: int = 0) -> list[Grapheme] | None:
    """Returns the graphemes of a word, in order: every character and every phone is in one of them.

    `position` is that of the first phone. None for a word with digits or letters of other alphabets. Aligned
    many-to-many (Jiampojamarn, Kondrak & Sherif, Applying Many-to-Many Alignments and Hidden Markov Models to
    Letter-to-Phoneme Conversion, 2007) by Viterbi.

    >>> [(each.letters, "".join(each.phones)) for each in align_letters("Knight's", ["n", "a", "ɪ", "t", "s"])]
    [('Kn', 'n'), ('igh', 'aɪ'), ("t'", 't'), ('s', 's')]
    """
    indices = [index for index, character in enumerate(word) if unicodedata.category(character)[0] in "LN"]
    letters = [unaccented(word[index].lower())[:1] for index in indices]
    if not letters or not phones or not all("a" <= letter <= "z" for letter in letters):
        return None
    sounds = list(split_sounds(phones))
    first_phones = list(itertools.accumulate(map(len, sounds), initial=0))
    edges = _best_path("".join(letters), ["".join(map(normalize, sound)) for sound in sounds])
    starts = [0, *(indices[letter] for letter, _ in edges[1:-1]), len(word)]
    first = [first_phones[sound] for _, sound in edges]
    return [
        Grapheme(word[start:end], start, end, position + one, list(phones[one:other]))
        for (start, end), (one, other) in zip(itertools.pairwise(starts), itertools.pairwise(first), strict=True)
    ]


def _best_path(letters: str, sounds: Sequence[str], *, all_listed: bool = True) -> list[tuple[int, int]]:
    """Returns the edges (letter, sound) of the likeliest graphemes, from (0, 0) to the ends of both.

    Those of CMUdict alone, else any, which takes longer. All are one grapheme where they are too many of either.
    """
    table = _log_probabilities()
    end = (len(letters), len(sounds))
    joined = [["".join(sounds[j:m]) for m in range(j + 1, min(j + MAX_SOUNDS, end[1]) + 1)] for j in range(end[1])]
    best = {(0, 0): (0.0, (0, 0))}
    for i, j in itertools.product(range(end[0]), range(end[1])):
        if (i, j) not in best:
            continue
        score = best[i, j][0]
        for k in range(i + 1, min(i + MAX_LETTERS, end[0]) + 1):
            listed = table.get(letters[i:k], {})
            for m, sound in enumerate(joined[j], start=j + 1):
                log_probability = listed.get(sound) or (None if all_listed else _unseen(letters[i:k], sounds[j:m]))
                if log_probability is None:
                    continue
                if (k, m) not in best or score + log_probability > best[k, m][0]:
                    best[k, m] = (score + log_probability, (i, j))
    if end not in best:
        return _best_path(letters, sounds, all_listed=False) if all_listed else [(0, 0), end]
    edges = [end]
    while edges[-1] != (0, 0):
        edges.append(best[edges[-1]][1])
    return edges[::-1]


def _unseen(letters: str, sounds: Sequence[str]) -> float:
    is_other_kind = (letters[0] in VOWEL_LETTERS) != is_vowel(sounds[0])
    return UNSEEN + UNSEEN_MORE * (len(letters) + len(sounds) - 2) + UNSEEN_KIND * is_other_kind


@functools.cache
def _log_probabilities() -> dict[str, dict[str, float]]:
    """Returns the log-probability of each grapheme that is listed, by its letters and its sounds in normal form.

    Learned from CMUdict: tests/training/letters.py wrote the table.
    """
    table: dict[str, dict[str, float]] = {}
    for letters, sounds, log_probability in load_rows(__file__, "letters.tsv.gz"):
        table.setdefault(letters, {})[sounds] = float(log_probability)
    return table
