"""The pronunciations of single English words: CMUdict's, Wiktionary's, corrections of our own, and inflected forms."""

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from shared.errors import InvalidInputError
from shared.phonology.arpabet import arpabet_to_ipa
from shared.phonology.ipa import RHOTIC_HOOK, is_vowel, parse_ipa
from shared.tables import load_rows, read_lines

Pronunciation = list[str]

# The file of CMUdict as the package `cmudict` 1.1.3 has it. The package itself can't be installed beside ESPnet 202511:
# they want different versions of importlib-metadata.
CMUDICT = Path(__file__).with_name("cmudict.dict.gz")
ADDITIONS = Path(__file__).with_name("words.tsv")
SIBILANTS = frozenset({"s", "z", "ʃ", "ʒ", "t͡ʃ", "d͡ʒ"})
STRESS_MARKS = {"1": "ˈ", "2": "ˌ"}
VOICELESS = frozenset({"p", "t", "k", "f", "θ"})


class Lexicon:
    """CMUdict in the notation of this project, the words of `words.tsv` before its own, and Wiktionary's after them."""

    def __init__(self, overrides: Mapping[str, Pronunciation] | None = None) -> None:
        """Reads the three; `overrides` are pronunciations of lower-case words that come before all others."""
        self._arpabet: dict[str, list[str]] = {}
        for line in read_lines(CMUDICT):
            word, _, symbols = line.partition(" #")[0].partition(" ")
            self._arpabet.setdefault(word.partition("(")[0], []).append(symbols)
        # Frequent words that CMUdict lacks, as Wiktionary has them: tests/training/wiktionary.py wrote the table.
        self._wiktionary: dict[str, str] = dict(load_rows(__file__, "wiktionary.tsv.gz"))
        self._words = read_words_table(ADDITIONS) | {word: [phones] for word, phones in (overrides or {}).items()}

    def __contains__(self, word: str) -> bool:
        return self.in_cmudict(word) or word in self._words or word in self._wiktionary

    def in_cmudict(self, word: str) -> bool:
        """Returns whether a lower-case word is CMUdict's."""
        return word in self._arpabet

    def listed(self, word: str) -> list[Pronunciation]:
        """Returns the pronunciations of a lower-case word that are listed, the usual one first; none for others.

        >>> ["".join(phones) for phones in Lexicon().listed("either")]
        ['iðə˞', 'aɪðə˞']
        """
        found = [*self._words.get(word, []), *map(_from_arpabet, self._arpabet.get(word, []))]
        found = found or list(map(parse_ipa, self._wiktionary.get(word, "").split()))
        return [list(phones) for phones in dict.fromkeys(map(_without_stress, found))]

    def transcriptions(self, word: str) -> list[str]:
        """Returns the listed pronunciations of a lower-case word in IPA, with stress before vowels where it is known.

        >>> Lexicon().transcriptions("record")
        ['ɹəkˈɔɹd', 'ɹˈɛkɚd', 'ɹɪkˈɔɹd']
        """
        found = ["".join(phones) for phones in self._words.get(word, [])]
        found += map(_with_stress, self._arpabet.get(word, []))
        return found or self._wiktionary.get(word, "").split()

    def varying_words(self) -> Iterator[list[Pronunciation]]:
        """Yields the pronunciations of every listed word that has more than one."""
        varying = [word for word, symbols in self._arpabet.items() if len(symbols) > 1 or word in self._words]
        yield from (listed for word in varying if len(listed := self.listed(word)) > 1)

    def entries(self) -> Iterator[tuple[str, str]]:
        """Yields every word of CMUdict with each pronunciation in ARPAbet, its symbols apart by spaces."""
        return ((word, symbols) for word, forms in self._arpabet.items() for symbols in forms)

    def by_kind(self, word: str, is_verb: bool) -> Pronunciation:
        """Returns the pronunciation of a listed word as a verb, or as a noun or adjective.

        Verbs have the later stress (to reˈcord, a ˈrecord), or `eɪt` where nouns have `ət` (to separate).
        """
        return self.reading(word, self.transcription_by_kind(word, is_verb))

    def transcription_by_kind(self, word: str, is_verb: bool) -> str:
        """Returns the American one of `by_kind`, as `transcriptions` are."""
        choose = max if is_verb else min
        return _with_stress(choose(self._arpabet[word], key=_verb_likeness))

    def reading(self, word: str, ipa: str) -> Pronunciation:
        """Returns the reading of a word, given in American IPA, as the lexicon's accent has it."""
        return list(_without_stress(parse_ipa(ipa)))

    def pronunciations(self, word: str) -> list[Pronunciation]:
        """Returns the pronunciations of a lower-case word: listed, or made from the word that it is a form of.

        >>> ["".join(phones) for phones in Lexicon().pronunciations("blog's")]
        ['blɔɡz']
        """
        listed = self.listed(word)
        if listed:
            return listed
        for ending, add in ENDINGS:
            stem = word.removesuffix(ending)
            if stem != word and (base := self._stem(stem, ending)):
                return [add(phones) for phones in base]
        return []

    def _stem(self, stem: str, ending: str) -> list[Pronunciation]:
        """Returns the pronunciations of what a form is made from, its spelling restored: `hop` of `hopp-ing`."""
        if ending.startswith("'") or ending == "n't":
            return self.pronunciations(stem)
        candidates = [stem, stem + "e"]
        if ending in VOWEL_ENDINGS and SHORT_VOWEL.fullmatch(stem):
            candidates.reverse()  # `rip` would be `ripper`
        if ending in VOWEL_ENDINGS and len(stem) > 2 and stem[-1] == stem[-2]:
            candidates.insert(1, stem[:-1])
        if ending in VOWEL_ENDINGS - {"ing"} and stem.endswith("i"):
            candidates.insert(0, stem[:-1] + "y")
        if ending == "s" and stem.endswith(("s", "i", "u")):
            return []
        return next((found for candidate in candidates if len(candidate) > 2 and (found := self.listed(candidate))), [])


def read_words_table(path: Path) -> dict[str, list[Pronunciation]]:
    """Returns the words of a table: in each row a word and, apart by spaces, its pronunciations in IPA.

    Raises OSError, and ValueError naming the row, for a table that can't be read.
    """
    words = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line and not line.startswith("#"):
            word, _, rest = line.partition("\t")
            try:
                words[word.lower()] = [parse_ipa(ipa) for ipa in rest.partition("\t")[0].split()]
            except InvalidInputError as error:
                raise ValueError(f"row {number} of {path.name}: {error}") from error
            if not words[word.lower()]:
                raise ValueError(f"row {number} of {path.name} has no IPA after a tab")
    return words


def _verb_likeness(symbols: str) -> tuple[bool, int]:
    """Returns whether an ending is that of a verb in -ate, and which vowel has the main stress."""
    stresses = re.findall(r"[012]", symbols)
    return bool(re.search(r"EY[012] T( S)?$", symbols)), stresses.index("1") if "1" in stresses else 0


@functools.lru_cache(maxsize=4096)
def _read_symbol(symbol: str) -> tuple[str, ...]:
    return tuple(parse_ipa(arpabet_to_ipa(symbol)))


def _from_arpabet(symbols: str) -> Pronunciation:
    symbols = re.sub("ER[12]", "ER0", symbols)  # as `_without_stress`
    return [phone for symbol in symbols.split() for phone in _read_symbol(symbol)]


def _without_stress(phones: Pronunciation) -> tuple[str, ...]:
    """Returns phones with one r-coloured vowel, stressed or not, as texts are written without stress."""
    return tuple("ə" + RHOTIC_HOOK if phone == "ɜ" + RHOTIC_HOOK else phone for phone in phones)


def _with_stress(symbols: str) -> str:
    """Returns ARPAbet in IPA, with the stress of each syllable before its vowel."""
    return "".join(STRESS_MARKS.get(symbol[-1], "") + arpabet_to_ipa(symbol) for symbol in symbols.split())


def with_s(phones: Pronunciation) -> Pronunciation:
    """Returns phones with the ending of plurals and possessives: `ɪz` after sibilants, else `s` or `z`."""
    if phones[-1] in SIBILANTS:
        return [*phones, "ɪ", "z"]
    return [*phones, "s" if phones[-1] in VOICELESS else "z"]


def _with_d(phones: Pronunciation) -> Pronunciation:
    """Returns phones with the ending of the past: `ɪd` after t and d, else `t` or `d`."""
    if phones[-1] in ("t", "d"):
        return [*phones, "ɪ", "d"]
    return [*phones, "t" if phones[-1] in VOICELESS | SIBILANTS - {"z", "ʒ", "d͡ʒ"} else "d"]


def _with(after_vowel: str, after_consonant: str, phones: Pronunciation) -> Pronunciation:
    return phones + parse_ipa(after_vowel if is_vowel(phones[-1]) else after_consonant)


ENDINGS = (
    ("n't", functools.partial(_with, "nt", "ənt")),
    ("'ve", functools.partial(_with, "v", "əv")),
    ("'ll", functools.partial(_with, "l", "əl")),
    ("'re", functools.partial(_with, "ɹ", "ɚ")),
    ("'d", functools.partial(_with, "d", "əd")),
    ("'m", functools.partial(_with, "m", "əm")),
    ("'s", with_s),
    ("s'", with_s),
    ("es", with_s),
    ("s", with_s),
    ("ed", _with_d),
    ("ing", functools.partial(_with, "ɪŋ", "ɪŋ")),
    ("er", functools.partial(_with, "ɚ", "ɚ")),
    ("est", functools.partial(_with, "əst", "əst")),
)
VOWEL_ENDINGS = frozenset({"es", "ed", "ing", "er", "est"})
# A consonant after one short vowel is doubled before these: a stem that ends so has lost its e.
SHORT_VOWEL = re.compile("[^aeiouy]*[aeiouy][^aeiouywx]")
