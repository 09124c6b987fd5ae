"""Phones as text: IPA read and written, one form for comparing them, and how far apart two of them are.

A phone is a string: one IPA letter with its marks (`tʰ`, `ɪ̃`, `d̪`), an affricate with its tie bar (`t͡ʃ`) or an
r-coloured vowel (`ɜ˞`). Diphthongs are two phones. That is how POWSM writes, and so do we.
"""

import functools
import itertools
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import panphon

from shared.errors import InvalidInputError

WORD_BOUNDARY = " "
LONGEST_PHONE = 16  # characters
TIE_BAR = "\u0361"
RHOTIC_HOOK = "˞"
SYLLABIC = "\u0329"

VOWELS = frozenset("iyɨʉɯuɪʏʊeøɘɵɤoəɛœɜɞʌɔæɐaɶɑɒ")
CONSONANTS = frozenset("pbtdʈɖcɟkɡqɢʔmɱnɳɲŋɴʙrʀⱱɾɽɸβfvθðszʃʒʂʐçʝxɣχʁħʕhɦɬɮʋɹɻjɰlɭʎʟʍwɥʜʢʡɕʑɺɧɓɗʄɠʛ")
MODIFIERS = frozenset("ʰʱʲʷˠˤʼːˑˀⁿˡ" + RHOTIC_HOOK)

# Other ways to write the same symbol, rewritten before anything is read.
SPELLINGS = {
    "g": "ɡ",
    "ɫ": "l\u0334",
    "ɝ": "ɜ" + RHOTIC_HOOK,
    "ɚ": "ə" + RHOTIC_HOOK,
    "ᵻ": "ɨ",
    "ᵊ": "ə",
    "ʧ": "t͡ʃ",
    "ʤ": "d͡ʒ",
    "ʦ": "t͡s",
    "ʣ": "d͡z",
    "ʨ": "t͡ɕ",
    "ʥ": "d͡ʑ",
    "\u035c": TIE_BAR,  # the tie bar below
    "c\u0327": "ç",  # the one IPA letter that normal form D takes apart
    ":": "ː",
}

# What stands between phones and is no sound itself.
SEPARATORS = frozenset("/[]ˈˌ'’ʹ.|‖‿-‐–—,;!?…\"“”‘˥˦˧˨˩↗↘")

AFFRICATES = frozenset({("t", "ʃ"), ("d", "ʒ")})


class Folding(NamedTuple):
    """A way of writing, what it counts as when phones are compared, and why the difference is no error."""

    written: str
    counts_as: str
    reason: str


# Notation and allophones: no pair here distinguishes two words of English. What is not listed is a difference:
# θ/t, ɪ/i, v/w, ʌ/ɑ, æ/ɛ, ɔ/ɑ, s/ʃ, p/b; and so are accents: ɡəʊ is not ɡoʊ, kɑː not kɑɹ. Sources: Ladefoged &
# Johnson, A Course in Phonetics (7th ed.), ch. 3-4; Wells, Accents of English (1982), ch. 2-3; for the symbols, the
# Handbook of the IPA (1999).
MARK_FOLDINGS = (
    Folding("ʰ", "", "aspiration: /p t k/ have it at the start of a stressed syllable, nowhere else"),
    Folding("ʱ", "", "breathy release: as aspiration"),
    Folding("\u0324", "", "breathy voice: a voice quality in English"),
    Folding("\u0330", "", "creaky voice: a voice quality, common at the end of a phrase"),
    Folding("\u0334", "", "velarisation: /l/ has it at the end of a syllable"),
    Folding("ˠ", "", "velarisation, the other way to write it"),
    Folding("ˤ", "", "pharyngealisation: not used in English"),
    Folding("ʲ", "", "palatalisation: consonants have it before /i j/"),
    Folding("ʷ", "", "rounding: consonants have it before /w u/"),
    Folding("\u0303", "", "nasalisation: vowels have it beside a nasal; a nasal left out is found by itself"),
    Folding("\u032a", "", "dental place: /t d n l/ have it before /θ ð/"),
    Folding("\u033a", "", "apical tongue: detail of the same place"),
    Folding("\u033b", "", "laminal tongue: detail of the same place"),
    Folding("\u0325", "", "partial devoicing: beside voiceless sounds and pauses"),
    Folding("\u030a", "", "partial devoicing, the mark above"),
    Folding("\u032c", "", "partial voicing: between voiced sounds"),
    Folding("\u031a", "", "no audible release: stops at the end"),
    Folding("ⁿ", "", "nasal release: stops before a nasal"),
    Folding("ˡ", "", "lateral release: stops before /l/"),
    Folding("ˀ", "", "glottalisation: /p t k/ at the end of a syllable"),
    Folding("ʼ", "", "ejective release: an emphatic final stop"),
    Folding("ː", "", "length: goes with vowel quality, which is compared"),
    Folding("ˑ", "", "half length"),
    Folding("\u0306", "", "extra short"),
    Folding("\u032f", "", "the weaker part of a diphthong"),
    Folding("\u031f", "", "advanced: less than the step to the next letter"),
    Folding("\u0320", "", "retracted: less than the step to the next letter"),
    Folding("\u031d", "", "raised: less than the step to the next letter"),
    Folding("\u031e", "", "lowered: less than the step to the next letter"),
    Folding("\u0308", "", "centralised: less than the step to the next letter"),
    Folding("\u033d", "", "mid-centralised: less than the step to the next letter"),
    Folding("\u0339", "", "more rounded: less than the step to the next letter"),
    Folding("\u031c", "", "less rounded: less than the step to the next letter"),
    Folding("\u0348", "", "tense articulation: not used in English"),
    Folding("\u0301", "", "tone: not used in English"),
    Folding("\u0300", "", "tone: not used in English"),
    Folding("\u0304", "", "tone: not used in English"),
    Folding("\u030c", "", "tone: not used in English"),
    Folding("\u0302", "", "tone: not used in English"),
)
LETTER_FOLDINGS = (
    Folding("r", "ɹ", "dictionaries write the English approximant so"),
    Folding("ɻ", "ɹ", "bunched or retroflex: speakers differ, no one hears it"),
    Folding("ʎ", "l", "/l/ before /i j/"),
    Folding("ɲ", "n", "/n/ before /j/"),
    Folding("c", "k", "/k/ before front vowels"),
    Folding("ɟ", "ɡ", "/ɡ/ before front vowels"),
    Folding("ç", "h", "/h/ before /i j/"),
    Folding("ɦ", "h", "/h/ between vowels"),
    Folding("ɱ", "m", "/m/ before /f v/"),
    Folding("ʍ", "w", "which and witch: one sound for most speakers"),
    Folding("ʉ", "u", "the vowel of goose is fronted in most accents"),
    Folding("e", "ɛ", "the vowel of dress, as learners' dictionaries write it; that of face has its glide besides"),
    Folding("ɨ", "ɪ", "the weak vowel of roses"),
    Folding("ɐ", "ə", "the vowel of cup, as some write it"),
    Folding("ʌ", "ə", "the vowel of cup: a stressed schwa, and stress is not compared"),
    Folding("ɒ", "ɑ", "the vowel of lot, British and American"),
    Folding("ə" + RHOTIC_HOOK, "ɜ" + RHOTIC_HOOK, "stressed or not, one r-coloured vowel"),
    Folding("ɹ" + SYLLABIC, "ɜ" + RHOTIC_HOOK, "the same sound, written as a consonant"),
)
# Phones that can also be written as two; a pair of the same sounds counts as the one.
PAIRS = {
    "ɜ" + RHOTIC_HOOK: ("ə", "ɹ"),
    "t͡ʃ": ("t", "ʃ"),
    "d͡ʒ": ("d", "ʒ"),
    "l" + SYLLABIC: ("ə", "l"),
    "m" + SYLLABIC: ("ə", "m"),
    "n" + SYLLABIC: ("ə", "n"),
}

_MARKS_FOLDED = str.maketrans({folding.written: folding.counts_as for folding in MARK_FOLDINGS})
_LETTERS_FOLDED = {folding.written: folding.counts_as for folding in LETTER_FOLDINGS}


def read_words(ipa: str) -> list[list[str]]:
    """Returns the words of an IPA text, each a list of phones in POWSM's notation.

    Reads POWSM's slashes (`/h//ɛ//l//o//ʊ/`, `/ /` between words) and plain IPA in any Unicode normal form. Where
    plain IPA has a space between all phones, each is a word. Raises InvalidInputError, naming the first
    character that is not IPA, or that there is no phone at all.
    """
    words = [list(_read_phones(word)) for word in _in_one_spelling(ipa).split()]
    words = [word for word in words if word]
    if not words:
        raise InvalidInputError("the IPA has no phone in it; send the phones of the sentence")
    return words


def read_phones(ipa: str) -> list[str]:
    """Returns the phones of an IPA text in POWSM's notation, word boundaries dropped. Raises as `read_words`."""
    return list(itertools.chain.from_iterable(read_words(ipa)))


def _in_one_spelling(ipa: str) -> str:
    text = unicodedata.normalize("NFD", ipa)
    for written, meant in SPELLINGS.items():
        text = text.replace(written, meant)
    return text


def _read_phones(word: str) -> Iterable[str]:
    """Yields the phones of one word, in normal form D and with one spelling a symbol."""
    phone = ""
    for letter in word:
        if is_mark(letter):
            if not phone:
                raise InvalidInputError(f"the IPA has {_name(letter)} with no letter before it")
            if len(phone) == LONGEST_PHONE:
                raise InvalidInputError(f"the IPA has {phone[0]!r} with more than {LONGEST_PHONE - 1} marks")
            phone += letter
        elif letter in VOWELS or letter in CONSONANTS:
            if _continues(phone, letter):
                phone += letter if TIE_BAR in phone else TIE_BAR + letter
                continue
            if phone:
                yield _in_order(phone)
            phone = letter
        elif letter in SEPARATORS:
            if phone:
                yield _in_order(phone)
            phone = ""
        else:
            raise InvalidInputError(f"the IPA has {_name(letter)}, which is no IPA letter")
    if phone:
        yield _in_order(phone)


def is_mark(letter: str) -> bool:
    """Whether a character belongs to the IPA letter before it."""
    return letter in MODIFIERS or unicodedata.combining(letter) > 0


def _name(letter: str) -> str:
    code = f"U+{ord(letter):04X}"
    return f"{letter!r} ({code})" if letter.isprintable() and not is_mark(letter) else code


def _continues(phone: str, letter: str) -> bool:
    """Whether a letter belongs to the affricate that the phone before it begins; tied vowels are two phones."""
    if phone.endswith(TIE_BAR):
        return letter in CONSONANTS and phone[0] in CONSONANTS
    return (phone, letter) in AFFRICATES


def _in_order(phone: str) -> str:
    """Returns a phone with each letter's combining marks before its modifiers, and no tie bar to nothing."""
    parts = filter(None, phone.split(TIE_BAR))
    return TIE_BAR.join(part[0] + "".join(sorted(part[1:], key=lambda m: (m in MODIFIERS, m))) for part in parts)


def write_powsm(phones: Iterable[str]) -> str:
    """Returns phones as POWSM writes them, each between slashes: `/h//ɛ//l//o//ʊ/`."""
    return "".join(f"/{phone}/" for phone in phones)


def with_boundaries(words: Iterable[list[str]]) -> list[str]:
    """Returns the phones of words in one list, a word boundary between any two."""
    return [phone for word in words for phone in (WORD_BOUNDARY, *word)][1:]


def is_vowel(phone: str) -> bool:
    """Whether a phone is a vowel, r-coloured ones included."""
    return phone[:1] in VOWELS


@functools.lru_cache(maxsize=4096)  # phones come from strangers: bounded
def fold(phone: str) -> str:
    """Returns the phone that a phone counts as when phones are compared: detail and notation folded away."""
    return TIE_BAR.join(_LETTERS_FOLDED.get(part, part) for part in fold_marks(phone).split(TIE_BAR))


def fold_marks(phone: str) -> str:
    """Returns a phone with the marks that never distinguish two words of English taken off."""
    return phone.translate(_MARKS_FOLDED) or phone


def comparison_form(phones: Iterable[str]) -> list[str]:
    """Returns phones in their smallest folded parts: equal for two texts if they differ in notation only."""
    return [part for phone in phones for part in PAIRS.get(fold(phone), (fold(phone),))]


@functools.cache
def _feature_table() -> panphon.FeatureTable:
    return panphon.FeatureTable()


@functools.lru_cache(maxsize=4096)
def _features(phone: str) -> tuple[int, ...] | None:
    """Returns the 24 articulatory features of a phone, -1, 0 or 1 each; None where panphon knows no part of it."""
    spelled = _in_one_spelling(phone)
    bare = "".join(letter for letter in spelled if not is_mark(letter))
    for candidate in (spelled, fold(spelled), bare, bare[:1]):
        segment = _feature_table().fts(candidate) if candidate else None
        if segment:
            return tuple(segment.numeric())
    return None


# Features by which two phones must differ to count as having nothing in common: about as many as the median pair
# of English phones has (6 of panphon's 24).
FEATURES_APART = 6


def distances(phones: Sequence[str], others: Sequence[str]) -> npt.NDArray[np.float64]:
    """Returns the articulatory distances [phones, others] between phones, each in [0, 1].

    The number of panphon's features in which two phones differ (a half where one has none), over
    `FEATURES_APART`, at most 1. A phone that panphon does not know is at 1 from every other.
    """
    features = [_features(phone) for phone in itertools.chain(phones, others)]
    unknown = len(_feature_table().names) * (0,)
    table = np.array([known or unknown for known in features], dtype=np.float64).reshape(-1, len(unknown))
    left, right = table[: len(phones), None], table[None, len(phones) :]
    apart: npt.NDArray[np.float64] = np.minimum(np.abs(left - right).sum(axis=2) / (2 * FEATURES_APART), 1.0)
    strange = np.array([known is None for known in features], dtype=bool)
    apart[strange[: len(phones), None] | strange[None, len(phones) :]] = 1.0
    apart[np.array(phones, dtype=object)[:, None] == np.array(others, dtype=object)[None, :]] = 0.0
    return apart


def distance(phone: str, other: str) -> float:
    """Returns the articulatory distance between two phones, in [0, 1]: see `distances`."""
    return float(distances([phone], [other])[0, 0])
