"""The vowels of unstressed syllables, which speakers of English vary: *visit* as `vɪzɪt` or `vɪzət`."""

from collections.abc import Iterator, Sequence

# Wells, Accents of English (1982), vol. 1, p. 167: the weak vowels of rabbit and abbot merge, but for those before
# velars and palato-alveolars (music, English). Before /l/ and /ɹ/ they are back or r-coloured.
BEFORE_OTHERS = "K G NG SH ZH CH JH L R".split()
# Wells, Longman Pronunciation Dictionary, 3rd ed.: remove, decide, believe, prefer.
PREFIXES = (["R"], ["D"], ["B"], ["P", "R"])
PREFIX_VOWELS = ("IH0", "IY0", "AH0")
GLIDES = "L R W Y".split()


def with_other_weak_vowels(symbols: str) -> Iterator[str]:
    """Yields a pronunciation in CMUdict's symbols with one of its weak vowels as other speakers have it.

    >>> list(with_other_weak_vowels("V IH1 Z IH0 T")), list(with_other_weak_vowels("S IH1 T"))
    (['V IH1 Z AH0 T'], [])
    """
    names = symbols.split()
    if not any(map(_is_stressed, names)):  # a function word, whose weak forms are listed
        return
    for place in range(1, len(names) - 1):
        before, name, after = names[:place], names[place], names[place + 1 :]
        for other in _others(before, name, after):
            yield " ".join([*before, other, *after])


def _others(before: Sequence[str], name: str, after: Sequence[str]) -> Iterator[str]:
    """Yields the vowels that may stand in place of one, given the symbols before and after it."""
    if before in PREFIXES and name in PREFIX_VOWELS[:2] and _is_open(after):
        yield from (other for other in PREFIX_VOWELS if other != name)
    elif not _is_vowel(after[0]) and after[0] not in BEFORE_OTHERS:
        if name == "IH0":  # visit, even
            yield "AH0"
        elif name == "AH0" and any(map(_is_stressed, before)):  # wanted, women; not banana
            yield "IH0"


def _is_open(after: Sequence[str]) -> bool:
    """Whether the syllable of a vowel ends with it, and the next one is stressed: *remove*, not *dispose*."""
    onset = [after[0], *(name for name in after[1:2] if name in GLIDES)]
    return not any(map(_is_vowel, onset)) and len(after) > len(onset) and _is_stressed(after[len(onset)])


def _is_vowel(name: str) -> bool:
    return name[-1].isdigit()


def _is_stressed(name: str) -> bool:
    return name[-1] in "12"
