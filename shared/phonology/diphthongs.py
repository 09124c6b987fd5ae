"""Diphthongs of English, which are two phones in this project's notation."""

from collections.abc import Iterator, Sequence

from shared.phonology.equivalence import normalize

DIPHTHONGS = frozenset("aɪ aʊ ɔɪ oʊ əʊ ɛɪ".split())  # in their normal forms


def diphthong(first: str, second: str) -> str:
    """Returns the normal form of a diphthong, "" where two phones are none.

    >>> diphthong("e", "ɪ"), diphthong("i", "ə")
    ('ɛɪ', '')
    """
    together = normalize(first) + normalize(second)
    return together if together in DIPHTHONGS else ""


def split_sounds(phones: Sequence[str]) -> Iterator[list[str]]:
    """Yields phones one by one, those of a diphthong together.

    >>> list(split_sounds(["d", "e", "ɪ"]))
    [['d'], ['e', 'ɪ']]
    """
    index = 0
    while index < len(phones):
        length = 2 if index + 1 < len(phones) and diphthong(phones[index], phones[index + 1]) else 1
        yield list(phones[index : index + length])
        index += length
