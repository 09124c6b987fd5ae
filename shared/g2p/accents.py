"""The accents that texts are read in: each one's words, homographs, weak forms and ways to read numbers and dates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.g2p import normalization
from shared.g2p.british import BritishLexicon, with_linking_r
from shared.g2p.homographs import AMERICAN_READINGS, BRITISH_READINGS, Readings
from shared.g2p.lexicon import Lexicon, Pronunciation
from shared.g2p.normalization import Conventions
from shared.g2p.weak_forms import BRITISH_WEAK_FORMS, WEAK_FORMS


@dataclass(frozen=True, eq=False)
class Accent:
    """How an accent of English reads texts; `name` is what explains its pronunciation of a word.

    `link` returns the pronunciations of a word before another one's, given its spelling.
    """

    name: str
    build_lexicon: Callable[[Lexicon, Mapping[str, Pronunciation]], Lexicon]
    homographs: Readings
    weak_forms: Mapping[str, str]
    conventions: Conventions
    link: Callable[[str, list[Pronunciation], Pronunciation], list[Pronunciation]] = lambda _, forms, __: forms


AMERICAN = Accent("American", lambda lexicon, _: lexicon, AMERICAN_READINGS, WEAK_FORMS, normalization.AMERICAN)
BRITISH = Accent("British", BritishLexicon, BRITISH_READINGS, BRITISH_WEAK_FORMS, normalization.BRITISH, with_linking_r)
ACCENTS = {"us": (AMERICAN,), "gb": (BRITISH,), "any": (AMERICAN, BRITISH)}
"""The accents that a request names: that of the target first, then what else is accepted."""
