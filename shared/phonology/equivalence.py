"""Notations and allophones of the same phone, which are no difference when phones are compared."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from shared.phonology.ipa import RHOTIC_HOOK, SYLLABIC, TIE_BAR


class AllophoneRule(NamedTuple):
    """A symbol, the symbol that it is compared as, and why the difference is no error."""

    written: str
    counts_as: str
    reason: str


# No pair here distinguishes two words of English. What is not listed is a difference:
# θ/t, ɪ/i, v/w, ʌ/ɑ, æ/ɛ, ɔ/ɑ, s/ʃ, p/b; and so are accents: ɡəʊ is not ɡoʊ, kɑː not kɑɹ. Sources: Ladefoged &
# Johnson, A Course in Phonetics (7th ed.), ch. 3-4; Wells, Accents of English (1982), ch. 2-3; for the symbols, the
# Handbook of the IPA (1999).
MARK_RULES = (
    AllophoneRule("ʰ", "", "aspiration: /p t k/ have it at the start of a stressed syllable, nowhere else"),
    AllophoneRule("ʱ", "", "breathy release: as aspiration"),
    AllophoneRule("\u0324", "", "breathy voice: a voice quality in English"),
    AllophoneRule("\u0330", "", "creaky voice: a voice quality, common at the end of a phrase"),
    AllophoneRule("\u0334", "", "velarisation: /l/ has it at the end of a syllable"),
    AllophoneRule("ˠ", "", "velarisation, the other way to write it"),
    AllophoneRule("ˤ", "", "pharyngealisation: not used in English"),
    AllophoneRule("ʲ", "", "palatalisation: consonants have it before /i j/"),
    AllophoneRule("ʷ", "", "rounding: consonants have it before /w u/"),
    AllophoneRule("\u0303", "", "nasalisation: vowels have it beside a nasal; a nasal left out is found by itself"),
    AllophoneRule("\u032a", "", "dental place: /t d n l/ have it before /θ ð/"),
    AllophoneRule("\u033a", "", "apical tongue: detail of the same place"),
    AllophoneRule("\u033b", "", "laminal tongue: detail of the same place"),
    AllophoneRule("\u0325", "", "partial devoicing: beside voiceless sounds and pauses"),
    AllophoneRule("\u030a", "", "partial devoicing, the mark above"),
    AllophoneRule("\u032c", "", "partial voicing: between voiced sounds"),
    AllophoneRule("\u031a", "", "no audible release: stops at the end"),
    AllophoneRule("ⁿ", "", "nasal release: stops before a nasal"),
    AllophoneRule("ˡ", "", "lateral release: stops before /l/"),
    AllophoneRule("ˀ", "", "glottalisation: /p t k/ at the end of a syllable"),
    AllophoneRule("ʼ", "", "ejective release: an emphatic final stop"),
    AllophoneRule("ː", "", "length: goes with vowel quality, which is compared"),
    AllophoneRule("ˑ", "", "half length"),
    AllophoneRule("\u0306", "", "extra short"),
    AllophoneRule("\u032f", "", "the weaker part of a diphthong"),
    AllophoneRule("\u031f", "", "advanced: less than the step to the next letter"),
    AllophoneRule("\u0320", "", "retracted: less than the step to the next letter"),
    AllophoneRule("\u031d", "", "raised: less than the step to the next letter"),
    AllophoneRule("\u031e", "", "lowered: less than the step to the next letter"),
    AllophoneRule("\u0308", "", "centralised: less than the step to the next letter"),
    AllophoneRule("\u033d", "", "mid-centralised: less than the step to the next letter"),
    AllophoneRule("\u0339", "", "more rounded: less than the step to the next letter"),
    AllophoneRule("\u031c", "", "less rounded: less than the step to the next letter"),
    AllophoneRule("\u0348", "", "tense articulation: not used in English"),
    AllophoneRule("\u0301", "", "tone: not used in English"),
    AllophoneRule("\u0300", "", "tone: not used in English"),
    AllophoneRule("\u0304", "", "tone: not used in English"),
    AllophoneRule("\u030c", "", "tone: not used in English"),
    AllophoneRule("\u0302", "", "tone: not used in English"),
)
LETTER_RULES = (
    AllophoneRule("r", "ɹ", "dictionaries write the English approximant so"),
    AllophoneRule("ɻ", "ɹ", "bunched or retroflex: speakers differ, listeners cannot distinguish them"),
    AllophoneRule("ʎ", "l", "/l/ before /i j/"),
    AllophoneRule("ɲ", "n", "/n/ before /j/"),
    AllophoneRule("c", "k", "/k/ before front vowels"),
    AllophoneRule("ɟ", "ɡ", "/ɡ/ before front vowels"),
    AllophoneRule("ç", "h", "/h/ before /i j/"),
    AllophoneRule("ɦ", "h", "/h/ between vowels"),
    AllophoneRule("ɱ", "m", "/m/ before /f v/"),
    AllophoneRule("ʍ", "w", "which and witch: one sound for most speakers"),
    AllophoneRule("ʉ", "u", "the vowel of goose is fronted in most accents"),
    AllophoneRule(
        "e", "ɛ", "the vowel of dress, as learners' dictionaries write it; that of face has its glide besides"
    ),
    AllophoneRule("ɨ", "ɪ", "the weak vowel of roses"),
    AllophoneRule("ɐ", "ə", "the vowel of cup, as some write it"),
    AllophoneRule("ʌ", "ə", "the vowel of cup: a stressed schwa, and stress is not compared"),
    AllophoneRule("ɒ", "ɑ", "the vowel of lot, British and American"),
    AllophoneRule("ə" + RHOTIC_HOOK, "ɜ" + RHOTIC_HOOK, "stressed or not, one r-coloured vowel"),
    AllophoneRule("ɹ" + SYLLABIC, "ɜ" + RHOTIC_HOOK, "the same sound, written as a consonant"),
)
# Phones that can also be written as two: both are compared as two.
PARTS = {
    "ɜ" + RHOTIC_HOOK: ("ə", "ɹ"),
    "l" + SYLLABIC: ("ə", "l"),
    "m" + SYLLABIC: ("ə", "m"),
    "n" + SYLLABIC: ("ə", "n"),
}

# Marks that a notation has or has not, in any language: length, which POWSM's CTC head is not trained to write; tone,
# of which it is not known whether it is; the weaker part of a diphthong.
_NOTATION_MARKS = str.maketrans("", "", "ːˑ\u0306\u032f\u0300\u0301\u0302\u0304\u030c")


Fallbacks = tuple[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], ...]
"""Phones, and what may stand in their place."""


@dataclass(frozen=True, eq=False)
class NormalForms:
    """How phones are compared: without `marks`, with one letter of those that count as one, and in their `parts`.

    `marks` are a table of `str.translate`, `letters` what a letter counts as, `parts` the phones that one can be
    written as. What has a tie bar and no parts of its own is that of its letters. `fallbacks` are the phones that a
    recognizer without one, or without a diphthong, has in its place, the closest first.
    """

    marks: Mapping[int, int | str | None]
    letters: Mapping[str, str]
    parts: Mapping[str, tuple[str, ...]]
    fallbacks: Fallbacks = ()

    def normalize(self, phone: str) -> str:
        """Returns a phone as it is compared.

        >>> ENGLISH_FORMS.normalize("tʰ"), ENGLISH_FORMS.normalize("r"), NOTATION_FORMS.normalize("tʰː")
        ('t', 'ɹ', 'tʰ')
        """
        return _normalize(self, phone)

    def normalize_marks(self, phone: str) -> str:
        """Returns a phone without the marks that distinguish no two words.

        >>> ENGLISH_FORMS.normalize_marks("d̪")
        'd'
        """
        return phone.translate(self.marks) or phone

    def canonical_form(self, phones: Iterable[str]) -> list[str]:
        """Returns phones normalized and in their smallest parts: the same for every notation of the same phones.

        >>> canonical_form(["t͡ʃ", "ʌ", "n̩"]), canonical_form(["tʰ", "ʃ", "ɐ", "ə", "n"])
        (['t', 'ʃ', 'ə', 'ə', 'n'], ['t', 'ʃ', 'ə', 'ə', 'n'])
        >>> NOTATION_FORMS.canonical_form(["t͡s", "aː", "ɔ̃", "r"])
        ['t', 's', 'a', 'ɔ̃', 'r']
        """
        normal = map(self.normalize, phones)
        return [part for phone in normal for part in self.parts.get(phone) or phone.split(TIE_BAR)]


@functools.lru_cache(maxsize=4096)  # bounded, because callers send any phones
def _normalize(forms: NormalForms, phone: str) -> str:
    return TIE_BAR.join(forms.letters.get(part, part) for part in forms.normalize_marks(phone).split(TIE_BAR))


ENGLISH_FORMS = NormalForms(
    marks={ord(rule.written): rule.counts_as for rule in MARK_RULES},
    letters={rule.written: rule.counts_as for rule in LETTER_RULES},
    parts=PARTS,
)
# In Britain lot is no palm: a recognizer that has the vowel distinguishes the two. One trained on American English
# lacks it, and those of goat and nurse, which is a long schwa: Wells, Accents of English (1982), vol. 1, 2.2.
BRITISH_FORMS = replace(
    ENGLISH_FORMS,
    letters={letter: counts_as for letter, counts_as in ENGLISH_FORMS.letters.items() if letter != "ɒ"},
    fallbacks=((("ɒ",), (("ɑ",), ("ɔ",))), (("ə", "ʊ"), (("o", "ʊ"),)), (("ɜ",), (("ɜ" + RHOTIC_HOOK,), ("ə",)))),
)
NOTATION_FORMS = NormalForms(marks=_NOTATION_MARKS, letters={}, parts={})
"""Those of any other language: without what is notation alone."""

normalize = ENGLISH_FORMS.normalize
normalize_marks = ENGLISH_FORMS.normalize_marks
canonical_form = ENGLISH_FORMS.canonical_form
