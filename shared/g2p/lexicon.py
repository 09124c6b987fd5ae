"""The pronunciations of single English words: CMUdict's, Wiktionary's, corrections of our own, and inflected forms."""

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from shared.errors import InvalidInputError
from shared.phonology.ipa import RHOTIC_HOOK, is_vowel, parse_ipa
from shared.tables import load_rows, read_lines

Pronunciation = list[str]

# CMUdict's words and their pronunciations, the sounds of each apart: tests/training/cmudict.py wrote the table.
TABLE = Path(__file__).with_name("american.tsv.gz")
ADDITIONS = Path(__file__).with_name("words.tsv")
SIBILANTS = frozenset({"s", "z", "ʃ", "ʒ", "t͡ʃ", "d͡ʒ"})
STRESS_MARKS = "ˈˌ"
VOICELESS = frozenset({"p", "t", "k", "f", "θ"})


class Lexicon:
    """CMUdict in the notation of this project, the words of `words.tsv` before its own, and Wiktionary's after them."""

    def __init__(self, overrides: Mapping[str, Pronunciation] | None = None) -> None:
        """Reads the three; `overrides` are pronunciations of lower-case words that come before all others."""
        # Of 126,000 rows, for which `load_rows` takes twice as long.
        self._table = dict(line.split("\t", 1) for line in read_lines(TABLE))
        # Frequent words that CMUdict lacks, as Wiktionary has them: tests/training/wiktionary.py wrote the table.
        self._wiktionary: dict[str, str] = dict(load_rows(__file__, "wiktionary.tsv.gz"))
        self._words = read_words_table(ADDITIONS) | {word: [phones] for word, phones in (overrides or {}).items()}

    def __contains__(self, word: str) -> bool:
        return word in self._table or word in self._words or bool(self._others(word))

    def listed(self, word: str) -> list[Pronunciation]:
        """Returns the pronunciations of a lower-case word that are listed, the usual one first; none for others.

        >>> ["".join(phones) for phones in Lexicon().listed("either")]
        ['iðə˞', 'aɪðə˞']
        """
        found = [*self._words.get(word, []), *map(_phones, self._forms(word))]
        found = found or list(map(parse_ipa, self._others(word)))
        return [list(phones) for phones in dict.fromkeys(map(_without_stress, found))]

    def transcriptions(self, word: str) -> list[str]:
        """Returns the listed pronunciations of a lower-case word in IPA, with stress before vowels where it is known.

        >>> Lexicon().transcriptions("record")
        ['ɹəkˈɔɹd', 'ɹˈɛkə˞d', 'ɹɪkˈɔɹd']
        """
        found = ["".join(phones) for phones in self._words.get(word, [])]
        found += [form.replace(" ", "") for form in self._forms(word)]
        return found or self._others(word)

    def _forms(self, word: str) -> list[str]:
        """Returns the pronunciations of a word of the table, their sounds apart by spaces."""
        return self._table[word].split("\t") if word in self._table else []

    def _others(self, word: str) -> list[str]:
        """Returns the transcriptions of a word that no table before has."""
        return self._wiktionary.get(word, "").split()

    def varying_words(self) -> Iterator[list[Pronunciation]]:
        """Yields the pronunciations of every word of the table that has more than one."""
        varying = [word for word, forms in self._table.items() if "\t" in forms or word in self._words]
        yield from (listed for word in varying if len(listed := self.listed(word)) > 1)

    def entries(self) -> Iterator[tuple[str, str]]:
        """Yields every word of the table with each pronunciation, its sounds apart by spaces."""
        return ((word, form) for word, forms in self._table.items() for form in forms.split("\t"))

    def transcription_by_kind(self, word: str, is_verb: bool) -> str:
        """Returns the American transcription of a listed word as a verb, or as a noun or adjective.

        Verbs have the later stress (to reˈcord, a ˈrecord), or `eɪt` where nouns have `ət` (to separate).
        """
        choose = max if is_verb else min
        return choose(self._forms(word), key=_verb_likeness).replace(" ", "")

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


def is_nucleus(sound: str) -> bool:
    """Returns whether a sound of a table is that of a syllable: a vowel or a diphthong, with its stress."""
    return is_vowel(sound.lstrip(STRESS_MARKS))


def _verb_likeness(form: str) -> tuple[bool, int]:
    """Returns whether an ending is that of a verb in -ate, and which vowel has the main stress."""
    is_main = [sound[0] == "ˈ" for sound in form.split() if is_nucleus(sound)]
    return bool(re.search("eɪ t( s)?$", form)), is_main.index(True) if True in is_main else 0


_read_sound = functools.cache(parse_ipa)


def _phones(form: str) -> Pronunciation:
    return [phone for sound in form.split() for phone in _read_sound(sound)]


def _without_stress(phones: Pronunciation) -> tuple[str, ...]:
    """Returns phones with one r-coloured vowel, stressed or not, as texts are written without stress."""
    return tuple("ə" + RHOTIC_HOOK if phone == "ɜ" + RHOTIC_HOOK else phone for phone in phones)


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
