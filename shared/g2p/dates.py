"""Dates, times and years as they are read out: dates as Americans read them, or as the British do."""

import functools
import re
from collections.abc import Sequence

from shared.g2p.numbers import cardinal, decade, ordinal, years
from shared.g2p.rewriting import OPEN, Match, Rule, either, rule, two_digits

MONTHS = "January February March April May June July August September October November December".split()
MONTH = "|".join(MONTHS) + "|" + "|".join(f"{month[:3]}\\.?" for month in MONTHS) + r"|Sept\.?"
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
WEEKDAY = "|".join(WEEKDAYS) + "|(?:" + "|".join(day[:3] for day in WEEKDAYS) + r")(?:s|rs)?\.?"
FIRST_YEAR_OF_1900S = 50  # of two digits
O_CLOCK = "o'clock"
HALF_DAY = r"(?P<half>[aApP]\.?\s?[mM]\b\.?)"


def _time(match: Match) -> str:
    hour, minute = str(int(match["hour"])), match["minute"]
    half = _half_day(match["half"])
    if minute == "00":
        return f" {cardinal(hour)} {half or either([O_CLOCK, ''])} "
    spoken = [f"{cardinal(hour)} {two_digits(minute)}"]
    next_hour = cardinal(str(int(hour) % 12 + 1))
    spoken += {
        "15": [f"quarter past {cardinal(hour)}", f"a quarter past {cardinal(hour)}"],
        "30": [f"half past {cardinal(hour)}"],
        "45": [f"quarter to {next_hour}", f"a quarter to {next_hour}"],
    }.get(minute, [])
    return f" {either(spoken)} {half} "


def _half_day(letters: str | None) -> str:
    return f"{letters[0].upper()}.{letters[-2 if letters.endswith('.') else -1].upper()}." if letters else ""


def _in_full(name: str) -> str:
    """Returns a month or a weekday that may be cut short."""
    return next(full for full in (*MONTHS, *WEEKDAYS) if full.startswith(name[:3]))


def _date(usual: str, match: Match) -> str:
    """Reads a date: in the usual way, as of the `day` and the `month`, or as others do."""
    found = match.groupdict()
    month = _in_full(found["name"]) if found.get("name") else MONTHS[int(found["month"]) - 1]
    day = ordinal(found["day"])
    first = usual.format(day=day, month=month)
    readings = [f"{month} {day}", f"the {day} of {month}", f"{month} {cardinal(found['day'])}", f"{month} the {day}"]
    return either(list(dict.fromkeys([first, *readings]))) + _year_of_date(found.get("year"))


def _date_by_day(match: Match) -> str:
    """Reads a date that begins with the day: "5 April" is the fifth of April; "may" after a number is no month."""
    month, day = _in_full(match["name"]), ordinal(match["day"])
    the = match["the"] or "the "
    return either([f"{the}{day} of {month}", f"{month} {day}"]) + _year_of_date(match["year"])


def _year_of_date(number: str | None) -> str:
    if not number:
        return ""
    century = "20" if int(number[:2]) < FIRST_YEAR_OF_1900S else "19"
    return f", {either(years(number) if len(number) == 4 else [two_digits(number), *years(century + number)])}"


DAY, MONTH_NUMBER = r"(?P<day>0?[1-9]|[12]\d|3[01])", r"(?P<month>0?[1-9]|1[0-2])"

RANGES: tuple[Rule, ...] = (
    rule(rf"\b({WEEKDAY}) ?- ?({WEEKDAY})(?!\w)", lambda m: f"{_in_full(m[1])} to {_in_full(m[2])}"),
    rule(rf"\b({MONTH}) ?- ?({MONTH})(?!\w)", lambda m: f"{_in_full(m[1])} to {_in_full(m[2])}"),
    rule(r"(\d:\d\d|\d ?[aApP]\.?[mM]\b\.?) ?- ?(?=\d)", r"\1 to "),
    rule(r"(?<![\d-])(\d{1,2}) ?- ?(?=\d{1,2}(?::\d\d)? ?[aApP]\.?[mM]\b)", r"\1 to "),
)
YEAR_FIRST = rf"\b(?P<year>\d{{4}})([/.-]){MONTH_NUMBER}\2{DAY}\b"
NAME_FIRST = rf"\b(?P<name>{MONTH}) (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>\d{{4}}))?\b(?![:.]\d)"
DAY_FIRST = (
    rf"\b(?P<the>[Tt]he )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<name>{MONTH})(?:,? (?P<year>\d{{4}}))?\b"
)


def _dates(numeric: Sequence[str], usual: str, usual_of_name_first: str) -> tuple[Rule, ...]:
    """Returns the rules for dates, given the patterns of those in numbers, likelier ones first, and usual readings."""
    return (
        *(rule(pattern, functools.partial(_date, usual)) for pattern in (*numeric, YEAR_FIRST)),
        rule(NAME_FIRST, functools.partial(_date, usual_of_name_first)),
        rule(DAY_FIRST, _date_by_day),
    )


AMERICAN_DATES = _dates(
    (
        rf"\b{MONTH_NUMBER}([/-]){DAY}\2(?P<year>\d{{4}}|\d\d)\b",
        rf"\b{DAY}([/.-]){MONTH_NUMBER}\2(?P<year>\d{{4}})\b",
    ),
    "{month} {day}",
    "{month} {day}",
)
BRITISH_DATES = _dates(
    (
        rf"\b{DAY}([/.-]){MONTH_NUMBER}\2(?P<year>\d{{4}}|\d\d)\b",
        rf"\b{MONTH_NUMBER}([/-]){DAY}\2(?P<year>\d{{4}})\b",
    ),
    "the {day} of {month}",
    "{month} the {day}",
)
TIMES: tuple[Rule, ...] = (
    rule(rf"\b(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::\d\d)?(?: ?{HALF_DAY}| o'clock\b)?", _time),
    rule(rf"\b(?P<hour>1[0-2]|0?[1-9])\.(?P<minute>[0-5]\d) ?{HALF_DAY}", _time),  # as in Britain
    rule(rf"\b(?P<hour>1[0-2]|[1-9]) ?{HALF_DAY}", lambda m: f" {cardinal(m['hour'])} {_half_day(m['half'])} "),
    rule(r"\b24/7\b", "twenty four seven"),
    rule(r"\b9/11\b", "nine eleven"),
    # Decades, years.
    rule(r"(?<!\w)'?(\d0|\d{2}\d0)'?s\b", lambda m: decade(m[1])),
    rule(r"(?<!\w)'(\d\d)\b(?!')", lambda m: two_digits(m[1])),
    rule(
        r"\byears? \d{3,4}(?:(?:,|,? (?:and|or|to)) \d{3,4})*(?!\w|,\d)",
        lambda m: re.sub(r"\d+", lambda number: either(years(number[0])), m[0]),
    ),
    rule(r"\bA\.?D\b\.?(?: (\d{3,4})\b)?", lambda m: f"A.D. {either(years(m[1])) if m[1] else ''}"),
    rule(r"\b(\d{3,4})(?= (?:A\.?D|B\.?C|(?:B\.?)?C\.?E)\b)", lambda m: either(years(m[1]))),
    # Names that are cut short.
    rule(rf"\b(?:{WEEKDAY})(?:(?<=\.)(?= |,|$)|(?=,? (?:{MONTH}|{OPEN})))", lambda m: _in_full(m[0])),
    rule(rf"\b(?:{MONTH})(?=\W)", lambda m: _in_full(m[0]) if m[0].endswith(".") else m[0]),
)
