"""The sentence that a learner is to say: its phones by words, and the pronunciations of words that a text names."""

import contextlib
import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.errors import InvalidInputError
from shared.phonology.ipa import with_boundaries, write_powsm
from shared.phonology.readings import read_readings
from shared.phonology.word_forms import word_forms
from shared.recognizers.base import ENGLISH

if TYPE_CHECKING:
    from shared.phonology.dictionary import Dictionary


@dataclass(frozen=True)
class Target:
    """A target's IPA as an answer returns it, and its phones by words.

    `forms` [words][forms] are the pronunciations of each word: of the one that a text names, else of the words that are
    pronounced as the IPA has it, and the readings of an IPA with optional sounds or alternatives; empty where words are
    not known.
    """

    ipa: str
    words: list[list[str]]
    forms: Sequence[Sequence[list[str]]] = ()

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
        forms = _forms_beside(words, text, language)
        if any(len(word) > 1 for word in readings):
            forms = [[*word, *other] for word, other in zip(readings, forms or [[] for _ in words], strict=True)]
        return Target(ipa, words, forms)
    if text is None:
        raise InvalidInputError("the sentence is missing; send its IPA as `target_ipa`, or its text as `target_text`")
    if language != ENGLISH:
        raise InvalidInputError(f"the dictionary has no words of {language!r}; send the sentence's IPA as `target_ipa`")
    pronunciations = [word.pronunciations for word in _dictionary().pronounce(text)]
    words = [word[0] for word in pronunciations]
    return Target(write_powsm(with_boundaries(words)), words, pronunciations)


def _forms_beside(words: list[list[str]], text: str | None, language: str) -> Sequence[Sequence[list[str]]]:
    """Returns the forms of an IPA's words: by a text that has as many words, else by the phones of each.

    Where every word has one phone, the spaces are between phones, and nothing is known of words.
    """
    if language != ENGLISH:
        return ()
    if text is not None:
        with contextlib.suppress(InvalidInputError):
            pronunciations = [word.pronunciations for word in _dictionary().pronounce(text)]
            if len(pronunciations) == len(words):
                return pronunciations
    return [word_forms(word) for word in words] if any(len(word) > 1 for word in words) else ()


@functools.cache
def _dictionary() -> "Dictionary":
    """Returns the dictionary, loaded at the first text: gruut takes 1 s, which a target in IPA does not wait for."""
    from shared.phonology.dictionary import Dictionary

    return Dictionary()
