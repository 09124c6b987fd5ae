"""The sentence that a learner is to say: its phones by words, and the pronunciations of words that a text names."""

import contextlib
import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from alignment.pronunciations import closest_readings
from shared.errors import InvalidInputError
from shared.g2p.dictionary_ipa import parse_dictionary_ipa
from shared.phonology.ipa import with_boundaries, write_powsm
from shared.phonology.languages import ENGLISH, Accent
from shared.variation.languages import phonology_of

if TYPE_CHECKING:
    from shared.g2p.dictionary import Dictionary, DictionaryWord

    Places = Sequence[Sequence[Sequence[DictionaryWord]]]

PHRASE_ENDS = (",", ".", ";", ":", "!", "?", "…", "—", "–")


@dataclass(frozen=True)
class Target:
    """A target's IPA as an answer returns it, and its phones by words.

    `texts` are the words as the text writes them, else as the IPA does. `forms` [words][forms] are the pronunciations
    of each word: of the one that a text names, else of the words that are pronounced as the IPA has it, and the
    readings of an IPA with optional sounds or alternatives. `accents` are those of other accents, which are right, too,
    by the accent's name. All are empty where words are not known. `phrase_starts` are the indices of the words that
    follow punctuation in the text, where a speaker may pause. Where there is a `text` and no IPA, `places` are its
    words, [places][readings][words]: a number may have several readings. `is_spelled` is whether the texts are in
    English spelling.
    """

    ipa: str
    words: list[list[str]]
    texts: Sequence[str] = ()
    forms: Sequence[Sequence[list[str]]] = ()
    accents: Mapping[str, Sequence[Sequence[list[str]]]] = field(default_factory=dict)
    phrase_starts: frozenset[int] = frozenset()
    text: str = ""
    places: "Places" = ()
    is_spelled: bool = False

    def read_as(self, phones: Sequence[str]) -> "Target":
        """Returns the target with the numbers of its text read as is closest to the phones of a recording."""
        if all(len(readings) == 1 for readings in self.places):
            return self
        return _target_of_text(self.text, self.places, closest_readings(self.places, phones))

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


def build_target(ipa: str | None, text: str | None, language: str = ENGLISH, accent: Accent = "us") -> Target:
    """Returns the target of a request: its IPA, the words named by its text; without IPA, that of the dictionary.

    `accent` is that of the dictionary and of the words' other forms.
    Where IPA and text have different numbers of words, or the dictionary does not know the text, the IPA decides and
    the words are its own. Raises InvalidInputError.
    """
    if ipa is not None:
        readings = parse_dictionary_ipa(ipa)
        target = _target_of_ipa(ipa, [word[0] for word in readings], text, language, accent)
        if any(len(word) > 1 for word in readings):
            forms = target.forms or [[] for _ in readings]
            target = replace(target, forms=[[*word, *of_word] for word, of_word in zip(readings, forms, strict=True)])
        return target
    if text is None:
        raise InvalidInputError("the sentence is missing; send its IPA as `target_ipa`, or its text as `target_text`")
    if language != ENGLISH:
        raise InvalidInputError(f"the dictionary has no words of {language!r}; send the sentence's IPA as `target_ipa`")
    places = _dictionary(accent).readings(text)
    return _target_of_text(text, places, [word for readings in places for word in readings[0]])


def _target_of_text(text: str, places: "Places", spoken: "Sequence[DictionaryWord]") -> Target:
    words = [word.pronunciations[0] for word in spoken]
    return replace(_spelled(write_powsm(with_boundaries(words)), words, text, spoken), text=text, places=places)


def _spelled(ipa: str, words: list[list[str]], text: str, spoken: "Sequence[DictionaryWord]") -> Target:
    """Returns the target of words that a text names, each beside what the dictionary has of it."""
    accents = dict.fromkeys(itertools.chain.from_iterable(word.others for word in spoken))
    return Target(
        ipa,
        words,
        texts=[word.text for word in spoken],
        forms=[word.pronunciations for word in spoken],
        accents={name: [word.others.get(name, []) for word in spoken] for name in accents},
        phrase_starts=phrase_starts(text, len(words)),
        is_spelled=True,
    )


def _target_of_ipa(ipa: str, words: list[list[str]], text: str | None, language: str, accent: Accent) -> Target:
    """Returns the target of an IPA. The texts and the forms of its words are by a text, or by the phones of each word.

    The text needs as many words. Where every word has one phone, the spaces are between phones, and nothing is known of
    words.
    """
    if text is not None and language == ENGLISH:
        with contextlib.suppress(InvalidInputError):
            spoken = closest_readings(_dictionary(accent).readings(text), list(itertools.chain.from_iterable(words)))
            if len(spoken) == len(words):
                return _spelled(ipa, words, text, spoken)
    starts = phrase_starts(text, len(words))
    if all(len(word) == 1 for word in words):
        return Target(ipa, words, phrase_starts=starts)
    written = text.split() if text is not None and language != ENGLISH else []
    texts = written if len(written) == len(words) else ["".join(word) for word in words]
    phonology = phonology_of(language, accent)
    forms = [phonology.word_forms.forms(word) for word in words]
    return Target(ipa, words, texts, forms, phonology.forms_in_accents(words), starts)


def phrase_starts(text: str | None, words: int) -> frozenset[int]:
    """Returns the indices of the words after punctuation, none where the text writes another number of words."""
    written = (text or "").split()
    return frozenset(
        index + 1 for index, word in enumerate(written) if len(written) == words and word.endswith(PHRASE_ENDS)
    )


@functools.cache
def _dictionary(accent: Accent = "us") -> "Dictionary":
    """Returns an accent's dictionary, loaded at the first text: a target in IPA does not wait a second for gruut."""
    from shared.g2p.accents import ACCENTS
    from shared.g2p.dictionary import Dictionary

    return _dictionary().in_accents(ACCENTS[accent]) if accent != "us" else Dictionary()
