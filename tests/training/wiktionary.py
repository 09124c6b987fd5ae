"""The pronunciations of frequent words that CMUdict lacks, from Wiktionary by WikiPron: `wiktionary.tsv.gz`.

`python -m tests.training.wiktionary WIKIPRON OUTPUT` reads `eng_latn_us_broad.tsv` of WikiPron (Lee et al., Massively
Multilingual Pronunciation Modeling with WikiPron, LREC 2020), as the package lexikos 0.0.1rc7 has it.
"""

import argparse
import gzip
import re
import unicodedata
from collections import defaultdict
from pathlib import Path

import wordfreq

from alignment.edit_distance import edit_operations
from shared.g2p.dictionary import Dictionary
from shared.g2p.lexicon import Lexicon, Pronunciation
from shared.g2p.spelling import unaccented
from shared.phonology.arpabet import ARPABET, UNSTRESSED
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import TIE_BAR, parse_ipa

FREQUENT_WORDS = 200_000
MIN_LETTERS = 3
MAX_FORMS = 3
# Wiktionary's symbols that CMUdict has none for, and what it has in their place.
SYMBOLS = (
    ("ː", ""), ("\u032f", ""), (".", ""), ("r", "ɹ"), ("ɒ̃", "ɑn"), ("ɔ̃", "ɔn"), ("ɑ̃", "ɑn"), ("ɛ̃", "æn"),
    ("ɜɹ", "ɝ"), ("ɜ", "ɝ"), ("əɹ", "ɚ"), ("ʌɹ", "ɝ"), ("iɚ", "ɪɹ"), ("ɛɚ", "ɛɹ"), ("ʊɚ", "ʊɹ"), ("ɔɚ", "ɔɹ"),
    ("ɑɚ", "ɑɹ"),
    ("eəɹ", "ɛɹ"), ("ɛəɹ", "ɛɹ"), ("ɪəɹ", "ɪɹ"), ("ʊəɹ", "ʊɹ"), ("oɹ", "ɔɹ"), ("iɹ", "ɪɹ"), ("ɒ", "ɑ"), ("ɐ", "ə"),
    ("ɾ", "t"), ("ʍ", "w"), ("x", "k"), ("ɫ", "l"), ("ɨ", "ɪ"), ("l̩", "əl"), ("m̩", "əm"), ("n̩", "ən"), ("əə", "ə"),
    ("əʊ", "oʊ"), ("ʌɪ", "aɪ"), ("ai", "aɪ"), ("ʰ", ""), (TIE_BAR, ""),
)  # fmt: skip
CMUDICT_PHONES = re.compile(f"(?:{'|'.join((*ARPABET.values(), *UNSTRESSED.values()))})+")


def main() -> None:
    """Writes the table: a word in each row and, apart by spaces, its pronunciations; first the one most as spelled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wikipron", type=Path)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    lexicon, dictionary = Lexicon(), Dictionary()
    cmudict = {word for word, _ in lexicon.entries()}
    forms = read_wikipron(arguments.wikipron)
    rows = []
    for word in sorted(wordfreq.top_n_list("en", FREQUENT_WORDS)):
        plain = unaccented(word)  # of which the lexicon may have the row that was written the last time
        known = [canonical_form(form) for form in lexicon.listed(plain)] if plain in cmudict else []
        is_known = word in cmudict or any(canonical_form(form) in known for form in forms.get(word, []))
        if word in forms and word.isalpha() and len(word) >= MIN_LETTERS and not is_known:
            guess = canonical_form(dictionary.guess(plain))
            likeliest = sorted(forms[word], key=lambda form: len(edit_operations(canonical_form(form), guess)))
            rows.append(f"{word}\t{' '.join(map(''.join, likeliest[:MAX_FORMS]))}\n")
    arguments.output.write_bytes(gzip.compress("".join(rows).encode(), mtime=0))


def read_wikipron(path: Path) -> dict[str, list[Pronunciation]]:
    """Returns the pronunciations that are written in CMUdict's phones, of each word."""
    forms: defaultdict[str, list[Pronunciation]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        word, ipa = line.split("\t")
        if (phones := read_form(ipa)) and phones not in forms[word]:
            forms[word].append(phones)
    return forms


def read_form(ipa: str) -> Pronunciation:
    """Returns Wiktionary's phones, which are apart by spaces, as CMUdict has them; none for phones that it lacks."""
    text = unicodedata.normalize("NFD", ipa.replace(" ", ""))
    for symbol, ours in SYMBOLS:
        text = text.replace(unicodedata.normalize("NFD", symbol), ours)
    return parse_ipa(text) if CMUDICT_PHONES.fullmatch(text) else []


if __name__ == "__main__":
    main()
