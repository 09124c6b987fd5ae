"""What a learner can do about an error, in plain English, from the features in which two phones differ."""

import functools
import itertools
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from alignment.phone_pairs import ERRORS, PhonePair
from shared.phonology.diphthongs import diphthong
from shared.phonology.distance import features
from shared.phonology.equivalence import normalize, normalize_marks
from shared.phonology.ipa import RHOTIC_HOOK, is_vowel
from shared.tables import load_rows

AdviceCode = Literal[
    "voicing", "aspiration", "place", "manner", "height", "backness", "rounding", "length", "diphthong", "rhoticity",
    "cluster_vowel", "final_consonant", "deletion", "insertion", "other",
]  # fmt: skip
Clause = tuple[AdviceCode, str]
Features = Mapping[str, int]

ROWS = list(load_rows(__file__, "examples.tsv"))
EXAMPLES = {phone: example for phone, example, _ in ROWS}
FINAL_EXAMPLES = {phone: example for phone, _, example in ROWS if example}
PLACES, MANNERS = (
    [(features, text) for kind, features, text in load_rows(__file__, "gestures.tsv") if kind == wanted]
    for wanted in ("place", "manner")
)
SIGNS = {"+": 1, "-": -1}
R = "ɹ"
AS_IN_ENGLISH = {"r": R, "ʌ": "ə"}  # the r of dictionaries; a short vowel, which panphon has as a tense one


@dataclass(frozen=True)
class Advice:
    """What to do about an error: its kind, by which an app can translate it, and a sentence for a learner."""

    code: AdviceCode
    text: str


FINAL_R = Advice("rhoticity", "Curl the tip of your tongue up and back at the end of the vowel, as in r of car.")
NO_R = Advice("rhoticity", "Keep your tongue flat at the end of the vowel: there is no sound of r here.")


@dataclass(frozen=True)
class Context:
    """Where an error is in its target: the phones of its word before it and after it.

    Of an insertion between two words, all of the word before and of the word after.
    """

    before: Sequence[str] = ()
    after: Sequence[str] = ()
    is_between_words: bool = False

    @property
    def previous(self) -> str:
        """The phone before it, "" where there is none."""
        return self.before[-1] if self.before else ""

    @property
    def next(self) -> str:
        """The phone after it, "" where there is none."""
        return self.after[0] if self.after else ""


def advise(pairs: Sequence[PhonePair], words: Sequence[Sequence[str]]) -> list[Advice | None]:
    """Returns advice for each error among the pairs of a target's words, in order; None for a phone unknown to panphon.

    >>> pair = PhonePair("z", "s", 2, 2, "substitute", None, 2)
    >>> advise([pair], [["ɪ", "t"], ["z", "u"]])
    [Advice(code='voicing', text='Let your voice sound: feel your throat hum, as in z of zoo.')]
    """
    return [_advice(pair, _context(pair, words)) for pair in pairs if pair.status in ERRORS]


def _context(pair: PhonePair, words: Sequence[Sequence[str]]) -> Context:
    starts = list(itertools.accumulate(map(len, words), initial=0))
    index = bisect_right(starts, min(pair.position, starts[-1] - 1)) - 1
    word, position = words[index], pair.position - starts[index]
    if pair.expected is not None:
        return Context(word[:position], word[position + 1 :])
    if position == 0 and index > 0:
        return Context(words[index - 1], word, is_between_words=True)
    return Context(word[:position], word[position:])


def _advice(pair: PhonePair, context: Context) -> Advice | None:
    if pair.expected is None:
        return _about_insertion(pair.actual or "", context)
    has_no_r = is_vowel(pair.actual or "") and _is_after_vowel(pair.expected, context)  # two vowels for that of car
    if pair.actual is None or has_no_r:
        return _about_deletion(pair.expected, context)
    return _about_substitution(pair.expected, pair.actual, context)


def _about_substitution(expected: str, actual: str, context: Context) -> Advice | None:
    wanted, pronounced = _features(expected), _features(actual)
    if wanted is None or pronounced is None:
        return None
    as_in = _as_in(expected, context)
    if is_vowel(expected) and not is_vowel(actual):
        return Advice("manner", f"This is a vowel: open your mouth{as_in}.")
    if is_vowel(actual) and not is_vowel(expected):
        how = _joined([_first_fit(PLACES, wanted), _first_fit(MANNERS, wanted)])
        return Advice("manner", f"This is a consonant: {how}{as_in}.")
    if is_vowel(expected):
        clauses = list(_vowel_clauses(expected, actual, wanted, pronounced))
    else:
        clauses = list(_consonant_clauses(wanted, pronounced))
        if [code for code, _ in clauses] == ["voicing"]:
            return _about_voicing(expected, wanted, context)
    if not clauses:
        return Advice("other", f"Listen to this sound again and repeat it{as_in}.")
    how = _joined([clause for _, clause in clauses])
    return Advice(clauses[0][0], f"{how[0].upper()}{how[1:]}{as_in}.")


def _about_voicing(expected: str, wanted: Features, context: Context) -> Advice:
    as_in = _as_in(expected, context)
    is_stop = wanted["cont"] < 0 and wanted["son"] < 0
    if wanted["voi"] < 0 and is_stop and not context.before:
        return Advice("aspiration", f"Let out a puff of air: feel it on a hand before your lips{as_in}.")
    if wanted["voi"] < 0:
        return Advice("voicing", f"Use only your breath, not your voice: your throat does not hum{as_in}.")
    if not context.after:
        return Advice("voicing", f"Let your voice sound to the end and make the vowel before it longer{as_in}.")
    return Advice("voicing", f"Let your voice sound: feel your throat hum{as_in}.")


def _consonant_clauses(wanted: Features, pronounced: Features) -> Iterator[Clause]:
    places = [_first_fit(PLACES, phone) for phone in (wanted, pronounced)]
    manners = [_first_fit(MANNERS, phone) for phone in (wanted, pronounced)]
    if places[0] != places[1]:
        yield "place", places[0]
    if manners[0] != manners[1]:
        yield "manner", manners[0]
    if wanted["voi"] != pronounced["voi"] and wanted["son"] < 0:
        yield "voicing", "let your voice sound" if wanted["voi"] > 0 else "use your breath without your voice"
    if wanted["sg"] != pronounced["sg"]:
        yield "aspiration", "let out a puff of air after it" if wanted["sg"] > 0 else "let out no puff of air after it"


def _vowel_clauses(expected: str, actual: str, wanted: Features, pronounced: Features) -> Iterator[Clause]:
    is_rhotic = RHOTIC_HOOK in expected
    if is_rhotic != (RHOTIC_HOOK in actual):
        text = "curl the tip of your tongue up and back" if is_rhotic else "keep your tongue flat, with no sound of r"
        yield "rhoticity", text
    rise = wanted["hi"] - wanted["lo"] - pronounced["hi"] + pronounced["lo"]
    if rise:
        yield "height", "open your mouth less" if rise > 0 else "open your mouth wider"
    if wanted["back"] != pronounced["back"]:
        yield "backness", "draw your tongue back" if wanted["back"] > 0 else "push your tongue forward"
    if wanted["round"] != pronounced["round"]:
        yield "rounding", "round your lips" if wanted["round"] > 0 else "do not round your lips"
    is_alone = not any(wanted[name] != pronounced[name] for name in ("hi", "lo", "back", "round"))
    if wanted["tense"] > pronounced["tense"] and is_alone:
        yield "length", "hold the sound longer with your tongue and your lips tight"
    if wanted["tense"] < pronounced["tense"] and (is_alone or wanted["round"] < 0):
        yield "length", "keep the sound short and relaxed"
    if wanted["long"] != pronounced["long"]:
        yield "length", "hold the sound longer" if wanted["long"] > 0 else "keep the sound short"


def _about_deletion(expected: str, context: Context) -> Advice:
    as_in = _as_in(expected, context)
    wanted = _features(expected)
    if diphthong(context.previous, expected):
        glide = "round your lips" if wanted and wanted["round"] > 0 else "raise your tongue"
        return Advice("diphthong", f"These are two vowels in one: {glide} at the end{as_in}.")
    if diphthong(expected, context.next):
        return Advice("diphthong", f"These are two vowels in one: open your mouth first{as_in}.")
    if is_vowel(expected):
        return Advice("deletion", f"Do not leave out this vowel: open your mouth for it{as_in}.")
    if _is_after_vowel(expected, context):
        return FINAL_R
    how = f": {_first_fit(PLACES, wanted)}" if wanted else ""
    if context.before and not context.after:
        return Advice("final_consonant", f"Do not leave out the end of the word{how}{as_in}.")
    return Advice("deletion", f"Do not leave out this sound{how}{as_in}.")


def _about_insertion(actual: str, context: Context) -> Advice:
    is_inside_diphthong = diphthong(context.previous, context.next)
    if is_vowel(actual) and not context.is_between_words and not is_inside_diphthong:
        if is_vowel(context.previous):
            as_in = _as_in(context.previous, Context(context.before[:-1], context.after))
            return Advice("diphthong", f"Say one vowel here and not two{as_in}.")
        if is_vowel(context.next):
            as_in = _as_in(context.next, Context(context.before, context.after[1:]))
            return Advice("diphthong", f"Say one vowel here and not two{as_in}.")
    if is_vowel(actual) and not is_vowel(context.previous) and not is_vowel(context.next):
        return Advice("cluster_vowel", _no_vowel(context))
    if _is_after_vowel(actual, context):
        return NO_R
    example = EXAMPLES.get(normalize_marks(actual))
    text = f"the {example}: there is no such sound here." if example else "this sound: it is one too many."
    return Advice("insertion", f"Leave out {text}")


def _is_after_vowel(phone: str, context: Context) -> bool:
    """Returns whether a phone is the ɹ of *car*, not that of *red*."""
    return normalize(phone) == R and is_vowel(context.previous) and not is_vowel(context.next)


def _no_vowel(context: Context) -> str:
    if context.is_between_words:
        return "Put no vowel between these words: go straight from one to the next."
    if context.before and context.after:
        return "Put no vowel here: go straight from one consonant to the next."
    if context.after:
        return "Put no vowel before this consonant: the word begins with it."
    return "Put no vowel after this consonant: the word ends with it."


def _joined(clauses: Sequence[str]) -> str:
    *first, last = clauses
    return f"{', '.join(first)} and {last}" if first else last


def _as_in(phone: str, context: Context) -> str:
    """Returns `, as in z of zoo`, with a word that has a phone at such a place; nothing for a phone with no example."""
    forms = (diphthong(phone, context.next), diphthong(context.previous, phone), normalize_marks(phone))
    examples = EXAMPLES | FINAL_EXAMPLES if context.before and not context.after else EXAMPLES
    example = next((examples[form] for form in forms if form in examples), None)
    return f", as in {example}" if example else ""


def _first_fit(rows: Sequence[tuple[str, str]], phone: Features) -> str:
    """Returns the instruction of the first row whose features (`lab+ strid-`) a phone has."""
    return next(text for wanted, text in rows if all(phone[each[:-1]] == SIGNS[each[-1]] for each in wanted.split()))


@functools.lru_cache(maxsize=4096)
def _features(phone: str) -> Features | None:
    """Returns the features of a phone, those of an r-coloured vowel without its colour."""
    plain = normalize_marks(phone).replace(RHOTIC_HOOK, "")
    return features(AS_IN_ENGLISH.get(plain, plain))
