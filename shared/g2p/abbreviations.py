"""Abbreviations and Roman numerals as they are read out."""

import re

from shared.g2p.numbers import cardinal, ordinal, plural
from shared.g2p.rewriting import OPEN, Match, Rule, any_of, rule
from shared.tables import load_rows

NUMERALS = "I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX".split()
ROMAN = {numeral: str(number) for number, numeral in enumerate(NUMERALS, start=1)}
NUMBERED = "War|Chapter|Part|Volume|Act|Scene|Type|Phase|Section|Level|Class|Bowl|Book|Stage|Grade|Title|Article"
READINGS = {short: (reading, following) for short, reading, following in load_rows(__file__, "abbreviations.tsv")}
TITLES = [short for short in READINGS if short[0].isupper()]
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
    rule(r"(?<![A-Z][a-z] )\bSt\. (?=[A-Z])(?<!\w St\. )", "Saint "),
    rule(r"(\b[A-Z]\w+ |\b\w+(?:st|nd|rd|th|ond) )St\.?(?=\W|$)", r"\1Street"),
    rule(r"\bSt\. (?=[A-Z])", "Saint "),
    rule(r"\bSt\.", "Street"),
    rule(r"(\b[A-Z]\w+ )Dr\.(?=\s*$|,|\s+[a-z])", r"\1Drive"),
    rule(r"\bDr\.?(?= )", "Doctor"),
    rule(rf"\b({any_of(TITLES)})\.(?!\w)", lambda m: READINGS[m[1]][0]),
    rule(r"\b(Mr|Mrs|Ms)\b", lambda m: READINGS[m[1]][0]),
    rule(rf"(?<![\w/])(?P<short>{SHORT})(?P<many>s?)\b(?!['/])(?P<stop>\.?)(?!\w)", _abbreviation),
    # Roman numerals.
    rule(rf"\b({NUMBERED}) ({any_of(ROMAN)})\b", lambda m: f"{m[1]} {cardinal(ROMAN[m[2]])}"),
    rule(
        rf"\b([A-Z][a-z]+) ({any_of(r for r in ROMAN if len(r) > 1)})\b", lambda m: f"{m[1]} the {ordinal(ROMAN[m[2]])}"
    ),
)
