"""Words that are written alike and pronounced differently: which reading a sentence asks for.

The words beside decide most cases ("to", "the"), a part-of-speech tagger decides the others. Its tags are those of the
Penn Treebank (Marcus et al., Building a Large Annotated Corpus of English, 1993). The readings are in `homographs.tsv`.
"""

import functools
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from shared.g2p.lexicon import Lexicon

TABLE = Path(__file__).with_name("homographs.tsv")

Kind = Literal["verb", "past", "noun", "adjective"]

FORMS = {
    "BE": "be am is are was were been being isn't wasn't aren't weren't i'm you're we're they're he's she's it's",
    "HAVE": "have has had having i've you've we've they've haven't hasn't hadn't",
    "MODALS": "to will would can could should may might must do does did don't didn't doesn't please let's i'll we'll "
    "they'll you'll can't won't",
}
BE = frozenset(FORMS["BE"].split())
BEFORE_VERB = frozenset(
    "to will would can could shall should may might must do does did don't doesn't didn't won't can't couldn't "
    "wouldn't shouldn't cannot not let's please never always i you we they who i'll you'll we'll they'll he'll "
    "she'll it'll i'd you'd we'd they'd he'd she'd".split()
)
BEFORE_NOUN = frozenset(
    "the a an my your his her its our their this that these those some any no every each another of in for with on at "
    "from by into about without new old whose which what first last next".split()
)
ADVERBS = frozenset("already just never ever not also always only recently often all both".split())
BEFORE_LANGUAGE = frozenset("is was people language food government army border sausage".split())

# Nouns and adjectives with the stress on the first syllable, verbs with the stress on the last.
STRESS_PAIRS = frozenset(
    (
        "abstract addict affect affix attribute combine commune compact complex compound compress conducts confines "
        "conflict conflicts conscript console consort construct contents contest contests contract contracts contrast "
        "contrasts converse convert converts convict convicts decrease decreases defect desert deserts digest digests "
        "discharge discount discounts entrance escort escorts excerpt exploit exports extract extracts finance "
        "fragment impact implant import imports impress incense incline increase increases insert inserts insult "
        "insults intern invite object objects overlap perfect perfume permit permits pervert present presents "
        "proceeds produce produces progress project projects protest protests rebel rebels recall recap record "
        "records refund refunds reject rejects relay remake rewrite segment subjects survey surveys suspect suspects "
        "torment transfer transfers transplant transport transports update upgrade uplift upset "
    ).split()
)
# Nouns and adjectives in `ət`, verbs in `eɪt`.
ATE_PAIRS = frozenset(
    (
        "advocate advocates affiliate affiliates aggregate alternate animate appropriate approximate articulate "
        "associates certificate coordinate degenerate delegate delegates deliberate desolate duplicate duplicates "
        "elaborate estimate estimates graduate graduates initiate intimate laminate moderate predicate subordinate "
        "syndicate "
    ).split()
)


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

    def tag(self, offset: int = 0) -> str:
        """Returns the tag of the word so many places after this one; "" where there is none."""
        index = self.position + offset
        return self.tags[index] if 0 <= index < len(self.tags) else ""


class Reading(NamedTuple):
    """A pronunciation and its conditions: a row of `homographs.tsv`."""

    ipa: str
    kind: str
    right_before: frozenset[str]
    two_before: frozenset[str]
    right_after: frozenset[str]
    two_after: frozenset[str]
    anywhere: frozenset[str]

    def fits(self, context: Context, kind: Kind) -> bool:
        """Returns whether a sentence asks for this reading."""
        if self.kind and self.kind != kind:
            return False
        before, after = context.word(-1), context.word(1)
        found = (
            before in self.right_before
            or not self.two_before.isdisjoint((before, context.word(-2)))
            or after in self.right_after
            or not self.two_after.isdisjoint((after, context.word(2)))
            or not self.anywhere.isdisjoint(context.words)
        )
        return found or not any(self[2:])


def choose_reading(context: Context, lexicon: Lexicon) -> str:
    """Returns the IPA of the reading of a homograph that its sentence asks for.

    >>> choose_reading(Context(["to", "live"], ["to", "live"], ["TO", "VB"], 1), Lexicon())
    'lɪv'
    """
    word, kind = context.word(0), kind_of(context)
    if word == "used":
        return _read_used(context)
    if word == "polish":
        is_name = context.written[context.position][:1].isupper()
        return "poʊlɪʃ" if is_name and (context.position or context.word(1) in BEFORE_LANGUAGE) else "pɑlɪʃ"
    readings = _readings().get(word)
    if readings:
        return next((reading.ipa for reading in readings if reading.fits(context, kind)), readings[-1].ipa)
    return "".join(lexicon.by_kind(word, kind in ("verb", "past")))


def is_homograph(word: str) -> bool:
    """Returns whether a lower-case word has readings to choose from."""
    return word in STRESS_PAIRS or word in ATE_PAIRS or word in _readings() or word in ("used", "polish")


def has_one_reading(word: str) -> bool:
    """Returns whether only the reading chosen is right for a word: `lɛd` is no variant of `lid`."""
    return word in _readings() or word == "polish"


def kind_of(context: Context) -> Kind:
    """Returns what kind of word a homograph is: a verb, its past, a noun or an adjective.

    >>> kind_of(Context(["i", "object"], ["I", "object"], ["PRP", "NN"], 1))
    'verb'
    """
    before, tag = context.word(-1), context.tag()
    if before in ADVERBS:
        before = context.word(-2) or before
    is_plural_subject = context.position == 1 and before.endswith("s") and before not in BEFORE_NOUN | BE
    if is_plural_subject and context.word(1) and not context.word(0).endswith("s"):
        return "verb"  # "Cows produce milk"
    if before in BEFORE_VERB and not (before == "to" and context.word(-2) in ("according", "used", "due")):
        return "past" if tag == "VBD" else "verb"
    if before in BEFORE_NOUN:
        is_modifier = tag.startswith("JJ") or (context.tag(1).startswith("NN") and tag != "NN")
        return "adjective" if is_modifier else "noun"
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


@functools.cache
def _readings() -> dict[str, list[Reading]]:
    readings: defaultdict[str, list[Reading]] = defaultdict(list)
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            word, ipa, kind, *conditions = (line + "\t" * 7).split("\t")[:8]
            readings[word].append(Reading(ipa, kind, *map(_words, conditions)))
    return dict(readings)


def _words(names: str) -> frozenset[str]:
    return frozenset(word for name in names.split() for word in FORMS.get(name, name).split())
