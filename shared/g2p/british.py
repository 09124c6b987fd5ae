"""The pronunciations of single words in Southern British English, as dictionaries for learners print them.

Britfone and ipa-dict have most words (`tests/training/british.py` wrote the table). Of the others, and of homographs
that the table has in another reading, the pronunciation is made from the American one by `british_rules.tsv`.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

from shared.g2p.lexicon import Lexicon, Pronunciation, read_words_table
from shared.phonology.ipa import RHOTIC_HOOK, TIE_BAR, is_vowel, parse_ipa
from shared.tables import load_rows, read_lines

TABLE = Path(__file__).with_name("british.tsv.gz")
ADDITIONS = Path(__file__).with_name("british_words.tsv")
VOWEL = "[ˈˌ]?[aeɪiɛæɑɒɔoʊuʌəɜɝɚ]"
# After these a word that is spelled with r at its end has it before a vowel.
FINAL_R = re.compile("re?$")
LINKING_VOWELS = frozenset({"ə", "ɑː", "ɔː", "ɜː"})
# What endings have in American English.
OF_ENDINGS = {"ə" + RHOTIC_HOOK: "ə", "ɹ": "ə"}


class BritishRule(NamedTuple):
    """What British English makes of American IPA, in words that are spelled in some way: a row of the table."""

    name: str
    words: re.Pattern[str]
    american: re.Pattern[str]
    british: str
    example: str
    source: str


@functools.cache
def british_rules() -> tuple[BritishRule, ...]:
    """Returns the rules, in order, read once."""
    return tuple(
        BritishRule(name, re.compile(words), re.compile(american.replace("V", VOWEL)), british, example, source)
        for name, words, american, british, example, source in load_rows(__file__, "british_rules.tsv")
    )


def apply_rules(rules: Sequence[BritishRule], word: str, ipa: str) -> str:
    """Returns what rules, in order, make of the American pronunciation of a word.

    >>> [apply_rules(british_rules(), *word) for word in (("lot", "lˈɑt"), ("parka", "pˈɑɹkə"), ("tune", "tˈun"))]
    ['lˈɒt', 'pˈɑːkə', 'tjˈuːn']
    """
    ipa = ipa.replace(TIE_BAR, "").replace("ɜ" + RHOTIC_HOOK, "ɝ").replace("ə" + RHOTIC_HOOK, "ɚ")
    for rule in rules:
        if rule.words.search(word):
            ipa = rule.american.sub(rule.british, ipa)
    return ipa


def with_linking_r(word: str, forms: list[Pronunciation], following: Pronunciation) -> list[Pronunciation]:
    """Returns the pronunciations of a word before another one's: first with the r of its spelling that links the two.

    >>> with_linking_r("far", [["f", "ɑː"]], ["ə", "w", "e", "ɪ"])
    [['f', 'ɑː', 'ɹ'], ['f', 'ɑː']]
    """
    links = FINAL_R.search(word) and is_vowel(following[0])
    return [*([*phones, "ɹ"] for phones in forms if links and phones[-1] in LINKING_VOWELS), *forms]


class BritishLexicon(Lexicon):
    """The words of British dictionaries, those of `british_words.tsv` before them, and American ones by rules."""

    def __init__(self, american: Lexicon, overrides: Mapping[str, Pronunciation] | None = None) -> None:
        """Reads the table and the additions; `overrides` are pronunciations that come before all others."""
        self._american = american
        self._table = dict(line.split("\t", 1) for line in read_lines(TABLE))
        self._words = read_words_table(ADDITIONS) | {word: [phones] for word, phones in (overrides or {}).items()}

    def _others(self, word: str) -> list[str]:
        return [apply_rules(british_rules(), word, ipa) for ipa in self._american.transcriptions(word)]

    def transcription_by_kind(self, word: str, is_verb: bool) -> str:
        return self._american.transcription_by_kind(word, is_verb)

    def reading(self, word: str, ipa: str) -> Pronunciation:
        """Returns the reading of a word, given in American IPA: the closest that is listed, if there are several.

        >>> lexicon = BritishLexicon(Lexicon())
        >>> "".join(lexicon.reading("tear", "tɪɹ")), "".join(lexicon.reading("tear", "tɛɹ"))
        ('tɪə', 'teə')
        """
        made = parse_ipa(apply_rules(british_rules(), word, ipa))
        listed = self.listed(word)
        if len(listed) < 2:
            return made
        return max(listed, key=lambda phones: SequenceMatcher(None, phones, made).ratio())

    def pronunciations(self, word: str) -> list[Pronunciation]:
        """Returns the pronunciations of a lower-case word: listed, or made from the word that it is a form of.

        >>> ["".join(phones) for phones in BritishLexicon(Lexicon()).pronunciations("blogger's")]
        ['blɒɡəz']
        """
        return [[*phones[:-1], OF_ENDINGS.get(phones[-1], phones[-1])] for phones in super().pronunciations(word)]

    def _stem(self, stem: str, ending: str) -> list[Pronunciation]:
        """Returns the pronunciations of what a form is made from; before -ing and -er with the r of its spelling."""
        stems = super()._stem(stem, ending)
        if ending in ("ing", "er") and stem.endswith("r"):
            return [[*phones, "ɹ"] if phones[-1] in LINKING_VOWELS else phones for phones in stems]
        return stems
