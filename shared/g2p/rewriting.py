"""What the rules of reading a text out are made of: patterns, and what has several usual readings.

What has several usual readings stands between `OPEN` and `CLOSE`, the readings apart by `OR`, the first by default.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from shared.g2p.numbers import cardinal, digit_readings

Match = re.Match[str]
Replacement = str | Callable[[Match], str]
Rule = tuple[re.Pattern[str], Replacement]

OPEN, OR, CLOSE = map(chr, range(0xF0000, 0xF0003))  # characters for private use
NUMBER = r"\d+(?:,\d+)*(?:\.\d+)?|\.\d+"


def rule(pattern: str, replacement: Replacement, flags: int = 0) -> Rule:
    """Returns a rule: what a pattern is read as."""
    return re.compile(pattern, flags), replacement


def any_of(names: Iterable[str]) -> str:
    """Returns the pattern of any of some names, the longest first."""
    return "|".join(map(re.escape, sorted(names, key=len, reverse=True)))


def either(readings: Sequence[str]) -> str:
    """Returns readings as a normalized text has them; one alone as it is."""
    return readings[0] if len(readings) == 1 else f"{OPEN}{OR.join(readings)}{CLOSE}"


def two_digits(number: str) -> str:
    """Returns two digits as minutes and cents are read.

    >>> two_digits("05"), two_digits("50")
    ('oh five', 'fifty')
    """
    return f"{'oh ' if number[0] == '0' else ''}{cardinal(number)}"


def in_digits(groups: Sequence[str]) -> str:
    """Returns groups of digits read one by one: 800 is *eight hundred* too."""
    readings = [
        [*digit_readings(group), *([cardinal(group)] if re.fullmatch("[1-9]00|[1-9]000", group) else [])]
        for group in groups
    ]
    return f" {', '.join(map(either, readings))} "
