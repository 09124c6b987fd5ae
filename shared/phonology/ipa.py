"""Phones as text: IPA read and written.

A phone is a string: one IPA letter with its marks (`tʰ`, `ɪ̃`, `d̪`), an affricate with its tie bar (`t͡ʃ`) or an
r-coloured vowel (`ɜ˞`). Diphthongs are two phones. This is the notation of POWSM.
"""

import itertools
import unicodedata
from collections.abc import Iterable

from shared.errors import InvalidInputError

WORD_BOUNDARY = " "
MAX_PHONE = 16  # characters
TIE_BAR = "\u0361"
RHOTIC_HOOK = "˞"
SYLLABIC = "\u0329"

VOWELS = frozenset("iyɨʉɯuɪʏʊeøɘɵɤoəɛœɜɞʌɔæɐaɶɑɒ")
CONSONANTS = frozenset("pbtdʈɖcɟkɡqɢʔmɱnɳɲŋɴʙrʀⱱɾɽɸβfvθðszʃʒʂʐçʝxɣχʁħʕhɦɬɮʋɹɻjɰlɭʎʟʍwɥʜʢʡɕʑɺɧɓɗʄɠʛ")
MODIFIERS = frozenset("ʰʱʲʷˠˤʼːˑˀⁿˡ" + RHOTIC_HOOK)

# Other spellings of a symbol, replaced before anything is read.
SPELLINGS = {
    "g": "ɡ", "ɫ": "l\u0334", "ɝ": "ɜ˞", "ɚ": "ə˞", "ᵻ": "ɨ", "ᵊ": "ə", ":": "ː",
    "ʧ": "t͡ʃ", "ʤ": "d͡ʒ", "ʦ": "t͡s", "ʣ": "d͡z", "ʨ": "t͡ɕ", "ʥ": "d͡ʑ",
    "\u035c": TIE_BAR,  # the tie bar below
    "c\u0327": "ç",  # the one IPA letter that normal form D decomposes
    # Letters of other alphabets that look like those of the IPA.
    "ε": "ɛ", "ϵ": "ɛ", "α": "ɑ", "ϑ": "θ", "γ": "ɣ", "φ": "ɸ", "ϕ": "ɸ", "ǝ": "ə", "ә": "ə", "ӕ": "æ", "∫": "ʃ",
}  # fmt: skip
# What is copied from pages and files with a text: soft hyphens, zero-width spaces, direction marks, byte-order marks.
INVISIBLE = dict.fromkeys(
    map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\u2066\u2067\u2068\u2069\ufeff")
)

# Characters between phones that are no sound themselves.
SEPARATORS = frozenset("/[]ˈˌ'’ʹ.|‖‿-‐–—,;!?…\"“”‘˥˦˧˨˩↗↘")

AFFRICATES = frozenset({("t", "ʃ"), ("d", "ʒ")})


def parse_words(ipa: str) -> list[list[str]]:
    """Returns the words of an IPA text, each a list of phones in POWSM's notation.

    Reads POWSM's slashes (`/h//ɛ//l//o//ʊ/`, `/ /` between words) and plain IPA in any Unicode normal form. Where
    plain IPA has a space between all phones, each is a word. Raises InvalidInputError, which names the first
    character that is not IPA, for a text that is not IPA or has no phone.

    >>> parse_words("/h//i// //w//ʌ//z/"), parse_words("aɪ ˈduː")
    ([['h', 'i'], ['w', 'ʌ', 'z']], [['a', 'ɪ'], ['d', 'uː']])
    """
    words = [phones for word in unify_symbols(ipa).split() if (phones := _parse_word(word))]
    if not words:
        raise InvalidInputError("the IPA has no phone in it; send the phones of the sentence")
    return words


def parse_ipa(ipa: str) -> list[str]:
    """Returns the phones of an IPA text in POWSM's notation, without word boundaries. Raises as `parse_words` does.

    >>> parse_ipa("tʃɝtʃ")
    ['t͡ʃ', 'ɜ˞', 't͡ʃ']
    """
    return list(itertools.chain.from_iterable(parse_words(ipa)))


def unify_symbols(ipa: str) -> str:
    r"""Returns IPA in Unicode normal form D with one spelling for each symbol, and without invisible characters.

    >>> unify_symbols("go:ʧ"), unify_symbols("\ufeffb\u200bεd")
    ('ɡoːt͡ʃ', 'bɛd')
    """
    text = unicodedata.normalize("NFD", ipa).translate(INVISIBLE)
    for spelling, symbol in SPELLINGS.items():
        text = text.replace(spelling, symbol)
    return text


def _parse_word(word: str) -> list[str]:
    """Returns the phones of one word, in normal form D and with one spelling a symbol."""
    phones = [""]
    for letter in word:
        if is_mark(letter):
            if not phones[-1]:
                raise InvalidInputError(f"the IPA has {_name(letter)} with no letter before it; send it after one")
            if len(phones[-1]) == MAX_PHONE:
                marked = phones[-1][0]
                raise InvalidInputError(f"the IPA has {marked!r} with more than {MAX_PHONE - 1} marks; send fewer")
            phones[-1] += letter
        elif letter in VOWELS or letter in CONSONANTS:
            if _continues(phones[-1], letter):
                phones[-1] += letter if TIE_BAR in phones[-1] else TIE_BAR + letter
            else:
                phones.append(letter)
        elif letter in SEPARATORS:
            phones.append("")
        else:
            name = _name(letter)
            raise InvalidInputError(f"the IPA has {name}, which is not one of the IPA letters that are read; send IPA")
    return [_in_order(phone) for phone in phones if phone]


def is_mark(letter: str) -> bool:
    """Returns whether a character belongs to the IPA letter before it."""
    return letter in MODIFIERS or unicodedata.combining(letter) > 0


def _name(letter: str) -> str:
    code = f"U+{ord(letter):04X}"
    return f"{letter!r} ({code})" if letter.isprintable() and not is_mark(letter) else code


def _continues(phone: str, letter: str) -> bool:
    """Returns whether a letter is the second of an affricate, after the phone so far; tied vowels are two phones."""
    if phone.endswith(TIE_BAR):
        return letter in CONSONANTS and phone[0] in CONSONANTS
    return (phone, letter) in AFFRICATES


def _in_order(phone: str) -> str:
    """Returns a phone with each letter's combining marks before its modifiers, and without a dangling tie bar."""
    parts = filter(None, phone.split(TIE_BAR))
    return TIE_BAR.join(part[0] + "".join(sorted(part[1:], key=lambda m: (m in MODIFIERS, m))) for part in parts)


def write_powsm(phones: Iterable[str]) -> str:
    """Returns phones as POWSM writes them.

    >>> write_powsm(["h", "ɛ", "l", "o", "ʊ"])
    '/h//ɛ//l//o//ʊ/'
    """
    return "".join(f"/{phone}/" for phone in phones)


def plain_ipa(ipa: str) -> str:
    """Returns IPA as people read it, without the slashes of POWSM.

    >>> plain_ipa("/h//i// //w//ə//z/"), plain_ipa("hi wəz")
    ('hi wəz', 'hi wəz')
    """
    return ipa.strip().removeprefix("/").removesuffix("/").replace("//", "")


def with_boundaries(words: Iterable[list[str]]) -> list[str]:
    """Returns the phones of words in one list, a word boundary between any two.

    >>> with_boundaries([["s", "i"], ["j", "u"]])
    ['s', 'i', ' ', 'j', 'u']
    """
    return list(itertools.chain.from_iterable([WORD_BOUNDARY, *word] for word in words))[1:]


def is_vowel(phone: str) -> bool:
    """Returns whether a phone is a vowel, r-coloured ones included."""
    return phone[:1] in VOWELS
