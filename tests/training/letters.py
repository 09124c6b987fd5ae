"""The log-probabilities of letters and sounds from CMUdict: `shared/g2p/letters.tsv.gz`.

`python -m tests.training.letters` takes three minutes. Expectation maximization over all alignments of each word
(Jiampojamarn, Kondrak & Sherif 2007). Alone it prefers few long chunks, so a prior says which are plausible.
"""

import functools
import gzip
import itertools
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from shared.g2p.letters import MAX_LETTERS, VOWEL_LETTERS
from shared.g2p.lexicon import Lexicon
from shared.phonology.diphthongs import split_sounds
from shared.phonology.equivalence import normalize
from shared.phonology.ipa import RHOTIC_HOOK, is_vowel
from tests.support.data import ROOT
from tests.support.text import cmudict_words

TABLE = ROOT / "shared" / "g2p" / "letters.tsv.gz"

Sounds = tuple[str, ...]
Chunk = tuple[str, Sounds]
Weights = Callable[[Chunk], float | None]

MAX_SOUNDS = 2
ROUNDS = 7
MIN_COUNT = 0.05  # expected; rarer chunks leave the table
SONORANTS = frozenset("lmnɹ")
# The costs of the prior, in nats.
MORE_LETTERS, SILENT_E, SILENT, ALL_SILENT = 0.3, 0.4, 1.5, 3.0
TWO_SOUNDS, TWO_OF_MORE_LETTERS, UNUSUAL_PAIR = 1.0, 2.0, 6.0
VOWELS_OF_GLIDES = {"w": "uo", "j": "iy"}


def main() -> None:
    """Learns the table and writes it: in each row letters, sounds in their normal form, and a log-probability."""
    words = list(read_words())
    weight_of: Weights = prior
    for _ in range(ROUNDS):
        counts = expected_counts(words, weight_of)
        total = sum(counts.values())
        weights = {chunk: count / total * prior(chunk) for chunk, count in counts.items() if count > MIN_COUNT}
        weight_of = weights.get
    rows = [
        f"{letters}\t{''.join(sounds)}\t{math.log(weight):.2f}\n"
        for (letters, sounds), weight in sorted(weights.items())
    ]
    TABLE.write_bytes(gzip.compress("".join(rows).encode(), mtime=0))


def read_words() -> Iterator[tuple[str, Sounds]]:
    """Yields the letters of each word of CMUdict with the sounds of each of its pronunciations."""
    lexicon = Lexicon()
    for word in cmudict_words():
        for phones in lexicon.listed(word):
            yield re.sub("[^a-z]", "", word), tuple("".join(map(normalize, sound)) for sound in split_sounds(phones))


def expected_counts(words: Iterable[tuple[str, Sounds]], weight_of: Weights) -> dict[Chunk, float]:
    """Returns how often each chunk is expected in the alignments of words, which have the weights of their chunks."""
    counts: defaultdict[Chunk, float] = defaultdict(float)
    for letters, sounds in words:
        end = (len(letters), len(sounds))
        forward: defaultdict[tuple[int, int], float] = defaultdict(float, {(0, 0): 1.0})
        backward: defaultdict[tuple[int, int], float] = defaultdict(float, {end: 1.0})
        arcs = []
        for i, j in itertools.product(range(end[0]), range(end[1])):
            if (i, j) in forward:
                for k in range(i + 1, min(i + MAX_LETTERS, end[0]) + 1):
                    for m in range(j + 1, min(j + MAX_SOUNDS, end[1]) + 1):
                        chunk = letters[i:k], sounds[j:m]
                        if weight := weight_of(chunk):
                            forward[k, m] += forward[i, j] * weight
                            arcs.append(((i, j), (k, m), chunk, weight))
        if end in forward:
            for start, stop, chunk, weight in reversed(arcs):
                backward[start] += weight * backward[stop]
                counts[chunk] += forward[start] * weight * backward[stop] / forward[end]
    return counts


@functools.cache
def prior(chunk: Chunk) -> float:
    """Returns how plausible it is, in (0, 1], that letters stand for sounds together, before any word is seen."""
    letters, sounds = chunk
    cost = MORE_LETTERS * (len(letters) - 1)
    if len(sounds) == 1:
        silent = [letter for letter in letters if not may_stand_for(letter, letters, sounds[0])]
        cost += sum(SILENT_E if letter == "e" else SILENT for letter in silent)
        cost += ALL_SILENT * (len(silent) == len(letters))
    else:
        cost += TWO_SOUNDS + TWO_OF_MORE_LETTERS * (len(letters) > 1)
        cost += 0.0 if is_usual_pair(letters, sounds) else UNUSUAL_PAIR
    return math.exp(-cost)


def may_stand_for(letter: str, letters: str, sound: str) -> bool:
    """Returns whether a letter among others is of the kind of a sound: vowel or consonant."""
    if is_vowel(sound):
        return letter in VOWEL_LETTERS or letter == "w" or (letter == "r" and RHOTIC_HOOK in sound) or "gh" in letters
    return letter not in VOWEL_LETTERS or letter in VOWELS_OF_GLIDES.get(sound, "")


def is_usual_pair(letters: str, sounds: Sounds) -> bool:
    """Returns whether two sounds are one grapheme often: `ju` of *few*, `wʌ` of *one*, `əl` of *able*, `ks` of *x*."""
    first_is_vowel, second_is_vowel = map(is_vowel, sounds)
    if second_is_vowel:
        return sounds[0] in VOWELS_OF_GLIDES and letters[0] in VOWEL_LETTERS
    if first_is_vowel:
        return sounds[1] in SONORANTS and letters[0] not in VOWEL_LETTERS
    return letters[0] == "x"


if __name__ == "__main__":
    main()
