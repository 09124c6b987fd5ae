"""Which words of a text are read as words and which letter by letter.

The name of a letter is CMUdict's entry with a full stop: `b.` is `bi`.
"""

import functools
import re
import unicodedata
from collections.abc import Sequence

from shared.g2p.lexicon import Lexicon
from shared.tables import load_rows

MAX_INITIALISM = 5  # letters; longer capitals are a word

LISTS = {name: frozenset(words.split()) for name, words in load_rows(__file__, "initialisms.tsv")}
# Letters that Unicode does not take apart into one of a to z and an accent.
LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "th", "ı": "i"})

AND = "'n"  # as between the letters of R&B

WORD = re.compile(r"(?:[^\W\d_]\.){2,}|'?[^\W\d_]+(?:'[^\W\d_]+)*'?|[\ue000-\uf8ff]")
PARTS = re.compile(r"[A-Z]{2,}(?=s?(?:$|'))|[A-Z]?[a-z][a-z']*|[A-Z]+(?![a-z])")
CAPITALS_AND_ENDING = re.compile(r"([A-Z]{2,})(s|'s|s'|'d|'ll|'ve|'re)|(.+?)('s)")


def unaccented(word: str) -> str:
    """Returns a word in the letters a to z, as CMUdict has `cafe`."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", word.translate(LETTERS)) if not unicodedata.combining(letter)
    )


def split_words(sentence: str, lexicon: Lexicon) -> list[str]:
    """Returns the words of a normalized sentence as they are written.

    >>> split_words("'He's in the U.S.A., isn't he?' - 'Ask 'em!'", Lexicon())
    ["He's", 'in', 'the', 'U.S.A.', "isn't", 'he', 'Ask', "'em"]
    """
    return [_without_quotes(word, lexicon) for word in WORD.findall(sentence)]


def _without_quotes(word: str, lexicon: Lexicon) -> str:
    """Returns a word without quotation marks: an apostrophe at its edge stays where the word is listed with it."""
    edges = (word, word.removeprefix("'"), word.removesuffix("'"))
    return next((written for written in edges if written.lower() in lexicon), word.strip("'"))


def read_word(words: Sequence[str], position: int, lexicon: Lexicon) -> list[str]:
    """Returns the entries of the lexicon that a word of a sentence is read as: one, or one for each letter.

    >>> read_word(["two", "DVDs"], 1, Lexicon())
    ['d.', 'v.', "d.'s"]
    """
    word = words[position]
    if len(word) == 1 and word.isascii():
        return _read_letter(words, position)
    stem, ending = _split_ending(word)
    plain = unaccented(stem.lower())
    if (
        "." in word
        or (len(stem) == 1 and word.lower() not in lexicon)
        or _is_initialism(words, position, stem, lexicon)
    ):
        return _letters(stem, ending)
    is_listed = word.lower() in lexicon or plain in lexicon or unaccented(word.lower()) in lexicon
    parts = PARTS.findall(word)
    if len(parts) > 1 and "".join(parts) == word and (not is_listed or parts[-1].isupper()):  # ChatGPT, iOS
        return [entry for index in range(len(parts)) for entry in read_word(parts, index, lexicon)]
    if is_listed:
        return [word.lower()]
    has_no_vowel = not set("aeiouy") & set(plain)
    by_letters = len(plain) <= MAX_INITIALISM and (has_no_vowel or (stem.isupper() and len(plain) < MAX_INITIALISM))
    return _letters(stem, ending) if by_letters else [word.lower()]


def _is_initialism(words: Sequence[str], position: int, stem: str, lexicon: Lexicon) -> bool:
    """Returns whether a word that may have an entry is read letter by letter all the same."""
    plain = stem.lower()
    if plain in LISTS["INITIALISMS"] or lexicon.listed(plain)[:1] == [_names(plain, lexicon)]:
        return True
    if not stem.isupper():
        return False
    if AND in words[max(position - 1, 0) : position + 2]:  # AT&T
        return True
    if stem in LISTS["AMBIGUOUS"]:
        return not _is_shouted(words, position, lexicon) and _is_abbreviation(words, position, stem)
    return _names(plain, lexicon) in lexicon.listed(plain)


def _is_shouted(words: Sequence[str], position: int, lexicon: Lexicon) -> bool:
    """Returns whether the words beside a word in capitals are words in capitals too."""
    beside = [words[k] for k in (position - 1, position + 1) if 0 <= k < len(words) and len(words[k]) > 1]
    return bool(beside) and all(word.isupper() and word.lower() in lexicon for word in beside)


def _is_abbreviation(words: Sequence[str], position: int, stem: str) -> bool:
    before = words[position - 1].lower() if position else ""
    after = words[position + 1].lower() if position + 1 < len(words) else ""
    match stem:
        case "IT":
            return before in LISTS["BEFORE_IT"] or after in LISTS["AFTER_IT"]
        case "WHO":
            return before in ("the", "by") or (not before and after in LISTS["AFTER_WHO"])
        case "AM":
            return before != "i"
        case _:
            return stem in ("US", "ID", "PM")


def _read_letter(words: Sequence[str], position: int) -> list[str]:
    """Reads a single letter: its name, unless it is the article or the pronoun.

    A capital A inside a sentence is the letter (vitamin A), but before a capital it is the article of a title.
    """
    letter = words[position]
    if letter in ("a", "I", "i"):
        return [letter.lower()]
    if letter == "A":
        before = words[position - 1] if position else ""
        after = words[position + 1] if position + 1 < len(words) else ""
        among_letters = any(
            word == AND or (len(word) == 1 and word.isupper() and word not in "AI") for word in (before, after)
        )
        if after and not among_letters and before != "an" and (not before or after[0].isupper()):
            return ["a"]
    return _letters(letter)


def _split_ending(word: str) -> tuple[str, str]:
    """Returns a word and the ending that is not part of it: `TVs` is `TV` and `s`, `NASA's` is `NASA` and `'s`."""
    match = CAPITALS_AND_ENDING.fullmatch(word)
    if not match:
        return word, ""
    return match[1] or match[3], match[2] or match[4]


def _letters(word: str, ending: str = "") -> list[str]:
    letters = [f"{letter}." for letter in word.lower() if letter.isalpha()]
    letters[-1] += "'s" if ending in ("s", "s'") else ending
    return letters


def _names(word: str, lexicon: Lexicon) -> list[str]:
    """Returns the phones of the names of a word's letters, none for a word too long to be read so."""
    if len(word) > MAX_INITIALISM or not (word.isalpha() and word.isascii()):
        return []
    return [phone for letter in word for phone in _name(letter, lexicon)]


@functools.lru_cache(maxsize=64)  # of every letter; each word of a text asks for some
def _name(letter: str, lexicon: Lexicon) -> tuple[str, ...]:
    return tuple(lexicon.listed(f"{letter}.")[0])
