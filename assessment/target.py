"""The sentence that a learner is to say: its phones by words, and the pronunciations of words that a text names."""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.errors import InvalidInputError
from shared.phonology.ipa import with_boundaries, write_powsm
from shared.phonology.readings import read_readings
from shared.recognizers.base import ENGLISH

if TYPE_CHECKING:
    from shared.phonology.dictionary import Dictionary


@dataclass(frozen=True)
class Target:
    """A target's IPA as an answer returns it, and its phones by words.

    `pronunciations` [words][pronunciations] are those of the dictionary where a text names the words, and the readings
    of an IPA with optional sounds or alternatives; else empty.
    """

    ipa: str
    words: list[list[str]]
    pronunciations: Sequence[Sequence[list[str]]] = ()

    @property
    def phones(self) -> list[str]:
        """The phones of all words."""
        return list(itertools.chain.from_iterable(self.words))

    def write(self, phones: Sequence[str]) -> str:
        """Returns phones as the target's IPA is written: each between slashes, or plain.

        >>> Target("/h//i/", [["h", "i"]]).write(["h", "ɪ"]), Target("hi", [["h", "i"]]).write(["h", "ɪ"])
        ('/h//ɪ/', 'hɪ')
        """
        return write_powsm(phones) if self.ipa.lstrip().startswith("/") else "".join(phones)


def read_target(ipa: str | None, text: str | None, language: str = ENGLISH) -> Target:
    """Returns the target of a request: its IPA, the words named by its text; without IPA, that of the dictionary.

    Where IPA and text have different numbers of words, or the dictionary does not know the text, the IPA decides and
    the words are its own. Raises InvalidInputError.
    """
    if ipa is not None:
        readings = read_readings(ipa)
        words = [word[0] for word in readings]
        pronunciations = _pronunciations_beside(words, text, language) if text is not None else ()
        if any(len(word) > 1 for word in readings):
            others = pronunciations or [[] for _ in words]
            pronunciations = [[*word, *other] for word, other in zip(readings, others, strict=True)]
        return Target(ipa, words, pronunciations)
    if text is None:
        raise InvalidInputError("the sentence is missing; send its IPA as `target_ipa`, or its text as `target_text`")
    if language != ENGLISH:
        raise InvalidInputError(f"the dictionary has no words of {language!r}; send the sentence's IPA as `target_ipa`")
    pronunciations = [word.pronunciations for word in _dictionary().pronounce(text)]
    words = [word[0] for word in pronunciations]
    return Target(write_powsm(with_boundaries(words)), words, pronunciations)


def _pronunciations_beside(words: list[list[str]], text: str, language: str) -> Sequence[Sequence[list[str]]]:
    """Returns the pronunciations of a text that has as many words as an IPA, none of any other."""
    if language != ENGLISH:
        return ()
    try:
        pronunciations = [word.pronunciations for word in _dictionary().pronounce(text)]
    except InvalidInputError:
        return ()
    return pronunciations if len(pronunciations) == len(words) else ()


@functools.cache
def _dictionary() -> "Dictionary":
    """Returns the dictionary, loaded at the first text: gruut takes 1 s, which a target in IPA does not wait for."""
    from shared.phonology.dictionary import Dictionary

    return Dictionary()
