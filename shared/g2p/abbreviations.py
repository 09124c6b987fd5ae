"""Abbreviations and Roman numerals as they are read out."""

import re

from shared.g2p.numbers import cardinal, ordinal, plural
from shared.g2p.rewriting import OPEN, Match, Rule, any_of, rule
from shared.tables import load_rows

TENS, ONES = ("", *"X XX XXX XL L LX LXX LXXX".split()), ("", *"I II III IV V VI VII VIII IX".split())
NUMERALS = [ten + one for ten in TENS for one in ONES]
ROMAN = {numeral: str(number) for number, numeral in enumerate(NUMERALS) if numeral}
OF_NAMES = [numeral for numeral in NUMERALS[:40] if len(numeral) > 1]  # no XL, which is a size
NUMBERED = "War|Chapter|Part|Volume|Act|Scene|Type|Phase|Section|Level|Class|Bowl|Book|Stage|Grade|Title|Article"
READINGS = {short: (reading, following) for short, reading, following in load_rows(__file__, "abbreviations.tsv")}
ALONE, BEFORE_NAME, AFTER_NAME = (
    any_of(short for short, (_, place) in READINGS.items() if place == wanted)
    for wanted in ("alone", "before", "after")
)
TITLES = [short for short in READINGS if short[0].isupper()]
STREET_NAME = r"\b(?:[A-Z][\w'’]+|\w+(?:st|nd|rd|th|ond))"
SHORT = "|".join(f"[{short[0].upper()}{short[0]}]{short[1:]}" for short in READINGS if short not in TITLES)


def _abbreviation(match: Match) -> str:
    """Reads an abbreviation where what it needs follows; with an s after it as a plural."""
    reading, following = READINGS[match["short"][0].lower() + match["short"][1:]]
    needed = {"number": rf"\.\s*[\d{OPEN}]", "word": rf"\.,?\s+[a-z\d({OPEN}]"}.get(following, "")
    if not re.match(needed, match["stop"] + match.string[match.end() :]):
        return match[0]
    return plural(reading) if match["many"] else reading


ABBREVIATIONS: tuple[Rule, ...] = (
    # Abbreviations.
    rule(r"\be\.\s?g\.,?", "for example"),
    rule(r"\bi\.\s?e\.,?", "that is"),
    rule(r"\bw/o\b", "without"),
    rule(r"\bw/(?= ?\w)", "with "),
    rule(r"\bPh\.? ?D\.?(?=\W|$)", "P.H.D."),
    rule(r"(?<![\w,;:] )(?<!\w)([A-Z][\w']* )St\.? (?=[A-Z])", r"\1Saint "),  # a sentence begins: In St. Louis
    rule(rf"({STREET_NAME} )St\.?(?=\W|$)", r"\1Street"),
    rule(r"\bSt\.? (?=[A-Z])", "Saint "),
    rule(r"\bSt\.", "Street"),
    rule(r"(\b[A-Z]\w+ )Dr\.(?=\s*$|,|\s+[a-z])", r"\1Drive"),
    rule(r"\bDr\.?(?= )", "Doctor"),
    rule(rf"\b({any_of(TITLES)})\.(?!\w)", lambda m: READINGS[m[1]][0]),
    rule(rf"\b({ALONE})\b", lambda m: READINGS[m[1]][0]),
    rule(rf"\b({BEFORE_NAME}) (?=[A-Z][a-z])", lambda m: f"{READINGS[m[1]][0]} "),
    rule(rf"({STREET_NAME} )({AFTER_NAME})\b", lambda m: m[1] + READINGS[m[2]][0]),
    rule(rf"(?<![\w/])(?P<short>{SHORT})(?P<many>s?)\b(?!['/])(?P<stop>\.?)(?!\w)", _abbreviation),
    # Roman numerals.
    rule(rf"\b({NUMBERED}) ({any_of(ROMAN)})\b", lambda m: f"{m[1]} {cardinal(ROMAN[m[2]])}"),
    rule(rf"\b([A-Z][a-z]+) ({any_of(OF_NAMES)})\b", lambda m: f"{m[1]} the {ordinal(ROMAN[m[2]])}"),
)
