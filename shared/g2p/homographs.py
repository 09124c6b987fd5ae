"""Words that are written alike and pronounced differently: which reading a sentence asks for.

The words beside decide most cases ("to", "the"), a part-of-speech tagger decides the others. Its tags are those of the
Penn Treebank (Marcus et al., Building a Large Annotated Corpus of English, 1993). The readings are in `homographs.tsv`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from shared.g2p.lexicon import Lexicon, Pronunciation, with_s
from shared.tables import load_rows

Kind = Literal["verb", "past", "noun", "adjective"]
NAME = "name"  # a capital inside a sentence

LISTS = {name: frozenset(words.split()) for name, words in load_rows(__file__, "homograph_words.tsv")}
BE, BEFORE_NOUN, PAIRS = LISTS["BE"], LISTS["BEFORE_NOUN"], LISTS["STRESS_PAIRS"] | LISTS["ATE_PAIRS"]


class Context(NamedTuple):
    """A sentence's words in lower case, the words as written, their tags, and the index of one of them."""

    words: Sequence[str]
    written: Sequence[str]
    tags: Sequence[str]
    position: int

    def word(self, offset: int) -> str:
        """Returns the word so many places after this one, or before it; "" where there is none."""
        index = self.position + offset
        return self.words[index] if 0 <= index < len(self.words) else ""

    def before(self) -> str:
        """Returns the word before this one, adverbs apart."""
        for index in reversed(range(self.position)):
            word = self.words[index]
            if word not in LISTS["ADVERBS"] and not (self.tags[index] == "RB" and word.endswith("ly")):
                return word
        return self.word(-1)

    def is_name(self) -> bool:
        """Returns whether this word has a capital inside a sentence that is not all in capitals."""
        written = self.written[self.position]
        return self.position > 0 and written[0].isupper() and not written.isupper()

    def tag(self, offset: int = 0) -> str:
        """Returns the tag of the word so many places after this one; "" where there is none."""
        index = self.position + offset
        return self.tags[index] if 0 <= index < len(self.tags) else ""


class Reading(NamedTuple):
    """A pronunciation and its conditions: a row of `homographs.tsv`."""

    ipa: str
    kind: str
    right_before: frozenset[str] = frozenset()
    two_before: frozenset[str] = frozenset()
    right_after: frozenset[str] = frozenset()
    two_after: frozenset[str] = frozenset()
    anywhere: frozenset[str] = frozenset()

    def fits(self, context: Context, kind: Kind) -> bool:
        """Returns whether a sentence asks for this reading."""
        if self.kind and self.kind != (NAME if self.kind == NAME and context.is_name() else kind):
            return False
        before, after = context.word(-1), context.word(1)
        found = (
            not self.right_before.isdisjoint((before, context.before()))
            or not self.two_before.isdisjoint((before, context.word(-2)))
            or after in self.right_after
            or not self.two_after.isdisjoint((after, context.word(2)))
            or not self.anywhere.isdisjoint(context.words)
        )
        return found or not any(self[2:])


Readings = Mapping[str, Sequence[Reading]]
"""The readings of each homograph, the last one for any sentence."""


def choose_reading(context: Context, lexicon: Lexicon, table: Readings) -> Pronunciation:
    """Returns the reading of a homograph that its sentence asks for, given the readings of the lexicon's accent.

    >>> choose_reading(Context(["to", "live"], ["to", "live"], ["TO", "VB"], 1), Lexicon(), AMERICAN_READINGS)
    ['l', 'ɪ', 'v']
    """
    word, kind = context.word(0), kind_of(context)
    if word == "used":
        return lexicon.reading(word, _read_used(context))
    readings = table.get(word)
    if readings:
        chosen = next((reading.ipa for reading in readings if reading.fits(context, kind)), readings[-1].ipa)
        return lexicon.reading(word, chosen)
    stem = word if word in PAIRS else word.removesuffix("s")
    if stem != word and len(context.words) == 1:
        return lexicon.pronunciations(word)[0]
    phones = lexicon.reading(stem, lexicon.transcription_by_kind(stem, is_verb=kind in ("verb", "past")))
    return phones if stem == word else with_s(phones)


def is_homograph(word: str, table: Readings) -> bool:
    """Returns whether a lower-case word has readings to choose from; those with only one right are in the table."""
    return word in PAIRS or word.removesuffix("s") in PAIRS or word in table or word == "used"


def kind_of(context: Context) -> Kind:
    """Returns what kind of word a homograph is: a verb, its past, a noun or an adjective.

    >>> kind_of(Context(["i", "object"], ["I", "object"], ["PRP", "NN"], 1))
    'verb'
    """
    before, tag = context.before(), context.tag()
    is_plural_subject = context.position > 0 and before.endswith("s") and before not in BEFORE_NOUN | BE
    begins_object = context.word(1) in LISTS["BEFORE_OBJECT"] or (context.position == 1 and context.word(1))
    if is_plural_subject and begins_object and not context.word(0).endswith("s"):
        return "verb"  # "Cows produce milk"
    if before in LISTS["BEFORE_VERB"] and not (before == "to" and context.word(-2) in ("according", "used", "due")):
        return "past" if tag == "VBD" else "verb"
    if before in BEFORE_NOUN:
        is_modifier = tag.startswith("JJ") or (context.tag(1).startswith("NN") and tag != "NN")
        return "adjective" if is_modifier and context.word(1) else "noun"
    if tag in ("VBD", "VBN"):
        return "past"
    if tag.startswith(("VB", "MD")):
        return "verb"
    return "adjective" if tag.startswith(("JJ", "RB")) else "noun"


def _read_used(context: Context) -> str:
    """Returns the reading of "used": the habit ("used to go", "is used to going") or the verb ("is used to make")."""
    if context.word(1) != "to":
        return "juzd"
    is_passive = context.word(-1) in BE or context.word(-2) in BE
    is_purpose = context.tag(2) == "VB" and not context.word(2).endswith("ing")
    return "juzd" if is_passive and is_purpose else "just"


def _read(table: str) -> Readings:
    readings: defaultdict[str, list[Reading]] = defaultdict(list)
    for word, ipa, kind, *conditions in load_rows(__file__, table):
        readings[word].append(Reading(ipa, kind, *map(_words, conditions)))
    return dict(readings)


def _words(names: str) -> frozenset[str]:
    return frozenset(word for name in names.split() for word in LISTS.get(name, frozenset({name})))


AMERICAN_READINGS = _read("homographs.tsv")
# In the American notation; those of which Britain has others as it has them.
BRITISH_READINGS: Readings = {**AMERICAN_READINGS, **_read("british_homographs.tsv")}
