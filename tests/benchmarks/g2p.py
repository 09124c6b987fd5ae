"""The IPA of texts: `make bench-g2p`.

The pronunciations of frequent words against CMUdict, letter-to-sound rules on words that they have not seen, homographs
in sentences, texts of all kinds, and time; beside each figure that of gruut alone.
"""

import time
from collections.abc import Callable, Iterator
from statistics import median

import gruut
import numpy as np
import wordfreq

from alignment.edit_distance import edit_operations
from shared.errors import InvalidInputError
from shared.g2p.dictionary import Dictionary
from shared.g2p.lexicon import Lexicon
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import parse_ipa
from tests.support.process import output, run_python
from tests.support.text import homograph_is_right, read_homographs, read_texts, reduced, text_is_right

FREQUENT_WORDS = 20_000
HIDDEN_WORDS = 1_000
RUNS = 20
SENTENCE = "In 1984 she used to live close to the desert and record twenty five songs there."

Pronounce = Callable[[str], list[str]]


def main() -> None:
    """Prints the table."""
    dictionary, lexicon = Dictionary(), Lexicon()
    words = [word for word in wordfreq.top_n_list("en", 2 * FREQUENT_WORDS) if word.isalpha() and word in lexicon]
    words = words[:FREQUENT_WORDS]
    syllables = [word for word in words if len(word) > 2 and set(word) & set("aeiouy")]  # no abbreviations
    print(f"{'':58} {'ours':>8} {'gruut':>8}")
    for name, ours, theirs in (
        *against_cmudict(words, lexicon, dictionary),
        *homographs(dictionary),
        texts(dictionary),
        letter_to_sound(syllables[-HIDDEN_WORDS:], lexicon, dictionary),
        sentence(dictionary),
    ):
        print(f"{name:58} {ours:>8} {theirs:>8}")
    load = "from shared.g2p.dictionary import Dictionary; Dictionary()"
    print(f"{'a fresh process that loads the dictionary, s':58} {median(map(process_seconds, [load] * 3)):8.2f}")


def against_cmudict(words: list[str], lexicon: Lexicon, dictionary: Dictionary) -> Iterator[tuple[str, str, str]]:
    """Yields the phone error rate and the share of words that are one of CMUdict's pronunciations."""
    references = [[canonical_form(phones) for phones in lexicon.listed(word)] for word in words]
    results = [
        score([canonical_form(pronounce(word)) for word in words], references)
        for pronounce in (lambda word: dictionary.pronounce(word)[0].pronunciations[0], gruut_phones)
    ]
    for row, name in enumerate(("phone error rate", "exact up to notation")):
        ours, theirs = (f"{result[row]:.2%}" for result in results)
        yield f"{len(words):,} frequent words of CMUdict: {name}", ours, theirs


def score(found: list[list[str]], references: list[list[list[str]]]) -> tuple[float, float]:
    """Returns the phone error rate against the closest reference, and the share that equals one."""
    errors = [
        0 if phones in options else min(len(edit_operations(phones, other)) for other in options)
        for phones, options in zip(found, references, strict=True)
    ]
    return sum(errors) / sum(len(options[0]) for options in references), float(
        np.mean([error == 0 for error in errors])
    )


def homographs(dictionary: Dictionary) -> Iterator[tuple[str, str, str]]:
    """Yields the share of homographs that are read right, in the sentences the rules were written for and in others."""
    for name, file in (
        ("homographs, held out", "homographs_held_out.tsv"),
        ("homographs, rules made on them", "homographs.tsv"),
    ):
        rows = read_homographs(file)
        ours = np.mean([homograph_is_right(dictionary, *row) for row in rows])
        theirs = np.mean([reduced(parse_ipa(ipa)) in gruut_words(sentence, word) for word, ipa, sentence in rows])
        yield f"{name} ({len(rows)} sentences)", f"{ours:.1%}", f"{theirs:.1%}"


def texts(dictionary: Dictionary) -> tuple[str, str, str]:
    """Returns the share of texts with numbers, units, abbreviations, names and homographs that are read right."""
    rows = read_texts("texts_held_out.tsv")
    ours = np.mean([text_is_right(dictionary, *row) for row in rows])
    return f"texts as people write them, held out ({len(rows)})", f"{ours:.1%}", "-"


def letter_to_sound(words: list[str], lexicon: Lexicon, dictionary: Dictionary) -> tuple[str, str, str]:
    """Returns the phone error rate of guessed words; gruut has the same model, trained on most of them."""
    found = [guess_or_none(word, dictionary) for word in words]
    rate, _ = score(found, [[canonical_form(phones) for phones in lexicon.listed(word)] for word in words])
    return f"{len(words):,} of them by letter-to-sound rules: phone error rate", f"{rate:.2%}", "the same"


def guess_or_none(word: str, dictionary: Dictionary) -> list[str]:
    """Returns the phones of a guess, none where it is refused for want of a vowel."""
    try:
        return canonical_form(dictionary.guess(word))
    except InvalidInputError:
        return []


def sentence(dictionary: Dictionary) -> tuple[str, str, str]:
    """Returns the milliseconds for a sentence."""
    ours, theirs = sentence_milliseconds(dictionary)
    return f"a sentence of {len(SENTENCE.split())} words, ms (median of {RUNS})", f"{ours:.1f}", f"{theirs:.1f}"


def sentence_milliseconds(dictionary: Dictionary) -> tuple[float, float]:
    """Returns the median milliseconds for `SENTENCE`, ours and gruut's."""
    ours = [timed(lambda: dictionary.pronounce(SENTENCE)) for _ in range(RUNS + 1)][1:]
    theirs = [timed(lambda: list(gruut.sentences(SENTENCE, lang="en-us"))) for _ in range(RUNS + 1)][1:]
    return median(ours), median(theirs)


def timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - start)


def process_seconds(code: str) -> float:
    start = time.perf_counter()
    output(run_python("-c", code))
    return time.perf_counter() - start


def gruut_phones(text: str) -> list[str]:
    phones = " ".join(p for s in gruut.sentences(text, lang="en-us") for w in s for p in w.phonemes)
    return parse_ipa(phones) if phones else []  # of some words it has none


def gruut_words(sentence: str, word: str) -> list[list[str]]:
    """Returns the reduced phones of each place where gruut has a word."""
    words = [w for s in gruut.sentences(sentence, lang="en-us") for w in s if w.phonemes]
    try:
        return [reduced(parse_ipa(" ".join(w.phonemes))) for w in words if w.text.lower() == word.lower()]
    except InvalidInputError:
        return []


if __name__ == "__main__":
    main()
