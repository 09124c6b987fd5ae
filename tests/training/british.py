"""The British pronunciations of words: `british.tsv.gz`.

`python -m tests.training.british DICTIONARIES OUTPUT` reads Britfone 3.0.1, which is careful, and where that lacks a
word ipa-dict's en_UK, both from the folder DICTIONARIES, and writes them as dictionaries for learners print them.
"""

import argparse
import gzip
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from shared.g2p.lexicon import Lexicon
from shared.g2p.weak_forms import BRITISH_WEAK_FORMS
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import parse_ipa, unify_symbols

BRITFONE, EN_UK = "britfone.main.3.0.1.csv", "ipa-dict.en_UK.txt.gz"
WORD = re.compile(r"[a-z]{2,}(?:'[a-z]+)?|[ai]")
SOUND = re.compile("[ˈˌ]?(?:[aeɔ]ɪ|[aə]ʊ|[ɪeʊ]ə|[iɑɔuɜ]ː|[ɪeæɒʊʌəiu])|t͡ʃ|d͡ʒ|[pbtdkɡfvθðszʃʒhmnŋlɹwj]")
IPA = re.compile(f"(?:{SOUND.pattern})+")
# Their symbols, and ours. Britfone's ɐ is the vowel of cup, en_UK's a weak one.
COMMON = (("ɛ", "e"), ("dʒ", "d͡ʒ"), ("tʃ", "t͡ʃ"))
BRITFONE_SYMBOLS = (("ɐ", "ʌ"), *COMMON)
EN_UK_SYMBOLS = (
    ("\u200d", ""), ("ɐ", "ə"), ("r", "ɹ"), ("æə", "eə"), ("ææ", "æ"), ("iə", "ɪə"), ("ɔ\u0303", "ɒn"), *COMMON,
)  # fmt: skip
# What en_UK has otherwise than any dictionary for learners: the words, the phones, and what they are.
REPAIRS = (
    ("", "(?<=ʃ|ʒ)j", ""),  # chew
    ("nk|nx|nct", "n(?=k)", "ŋ"),  # monk
    ("ie[sd]$", "ɪ(?=[zd]$)", "i"),  # countries
    ("ed$", "(?<=[sfpkʃ])d$", "t"),  # promised
    ("s$", "(?<=[fpkθ])z$", "s"),  # laughs
)
# Without stress it has the vowel of happy, as in alien; so have most words in -ier, but not reindeer.
HIATUS = re.compile(r"(?<![ˈˌ])ɪə")


def main() -> None:
    """Writes the table: in each row a word and its pronunciations, their sounds apart by spaces, the usual one first.

    Of function words that is the strong one.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dictionaries", type=Path)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    words = read_en_uk(arguments.dictionaries / EN_UK) | read_britfone(arguments.dictionaries / BRITFONE)
    for word, forms in BRITISH_WEAK_FORMS.items():
        strong = canonical_form(parse_ipa(forms.split()[0]))
        words[word].sort(key=lambda ipa: canonical_form(parse_ipa(ipa)) != strong)
    rows = (
        "\t".join([word, *(" ".join(SOUND.findall(ipa)) for ipa in forms)]) + "\n"
        for word, forms in sorted(words.items())
    )
    arguments.output.write_bytes(gzip.compress("".join(rows).encode(), mtime=0))


def read_britfone(path: Path) -> dict[str, list[str]]:
    """Returns the pronunciations of each word, written as in `OBJECT(1), ə b dʒ ˈɛ k t`."""
    rows = (line.split(", ") for line in path.read_text(encoding="utf-8").splitlines())
    return collect((word.partition("(")[0], rewrite(ipa.replace(" ", ""), BRITFONE_SYMBOLS)) for word, ipa in rows)


def read_en_uk(path: Path) -> dict[str, list[str]]:
    """Returns the pronunciations of each word, written as in `jolted	/d‍ʒˈə‍ʊltɪd/`."""
    american = Lexicon()
    rows = (line.split("\t") for line in gzip.decompress(path.read_bytes()).decode().splitlines())
    return collect((word, repaired(word, rewrite(ipa.strip("/"), EN_UK_SYMBOLS), american)) for word, ipa in rows)


def rewrite(ipa: str, symbols: Iterable[tuple[str, str]]) -> str:
    """Returns IPA with our symbols."""
    ipa = unify_symbols(ipa)
    for symbol, ours in symbols:
        ipa = ipa.replace(symbol, ours)
    return ipa


def repaired(word: str, ipa: str, american: Lexicon) -> str:
    """Returns a pronunciation of en_UK's without what is wrong in many of them."""
    if any(form[-2:] == ["z", "d"] for form in american.listed(word)):
        ipa = re.sub("sd$", "zd", ipa)  # abused
    for words, pattern, right in REPAIRS:
        if re.search(words, word):
            ipa = re.sub(pattern, right, ipa)
    return ipa


def collect(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Returns the pronunciations of each word of letters, in lower case."""
    forms: defaultdict[str, list[str]] = defaultdict(list)
    for word, ipa in rows:
        of_word = word.lower()
        form = ipa if of_word.endswith(("eer", "ear", "ere")) else HIATUS.sub("iə", ipa)
        if WORD.fullmatch(of_word) and IPA.fullmatch(form) and form not in forms[of_word]:
            forms[of_word].append(form)
    return forms


if __name__ == "__main__":
    main()
