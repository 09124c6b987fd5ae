"""Addresses and what has a number for its name: of the web, places, telephones and rooms."""

import re

from shared.g2p.numbers import YEARS, cardinals, digit_readings, year
from shared.g2p.rewriting import Match, Rule, any_of, either, in_digits, rule
from shared.tables import load_rows

# What is numbered by name: its number is read in pairs (Room 101, Flight 370), or digit by digit (PIN 4711).
NUMBERED_IN_PAIRS = "room|flight|route|highway|interstate|suite|apartment|bus|train|gate"
NUMBERED_IN_DIGITS = (
    "[Cc]all|[Dd]ial|[Pp]hone|[Tt]elephone|[Tt]el|[Ff]ax|text|[Pp]in|PIN|code|ZIP|zip|[Ee]xtension|[Ee]xt|[Aa]ccount|"
    "[Pp]assword|[Pp]asscode|ID"
)
TOP_LEVEL_DOMAINS = "com|org|net|edu|gov|io|co|uk|de|fr|info|app|dev|ai|us|ca|tv|me"
STATES = {short: name for code, older, name in load_rows(__file__, "states.tsv") for short in (code, older) if short}
STATE = any_of([code for code in STATES if code.isupper() and len(code) == 2])
OLDER_STATE = any_of([short for short in STATES if not short.isupper() or "." in short])
NO_CITY = "Well|Yes|No|Oh|So|Sure|Right|Fine|Then|Please|Hi|Hey|Hello|Thanks|Sorry"  # Well, OK


def _address(match: Match) -> str:
    written = re.sub(r"^https?://", "", match[0]).rstrip("/")
    for symbol, name in ((".", "dot"), ("@", "at"), ("/", "slash"), ("-", "dash"), ("_", "underscore"), (":", "colon")):
        written = written.replace(symbol, f" {name} ")
    return re.sub(r"\bwww\b", "W W W", written)


def _telephone(match: Match) -> str:
    """Reads the groups of digits of a telephone number; leaves what may be a number, a range or years."""
    groups = re.findall(r"\d+", match[0])
    lengths = tuple(map(len, groups))
    are_years = all(len(group) == 4 and int(group) in YEARS for group in groups)
    are_thousands = re.fullmatch(r"[1-9]\d{0,2}(?:([ .])\d{3})(?:\1\d{3})*", match[0])
    is_marked = groups[0][0] == "0" or match[0][0] in "+("
    is_usual = (
        lengths in ((3, 4), (3, 3, 4), (10,))
        or (lengths == (4, 4) and " " in match[0])
        or (len(groups) > 2 and max(lengths) > 2 and "." not in match[0])
    )
    if not 7 <= sum(lengths) <= 16 or are_years or are_thousands or not (is_marked or is_usual):
        return match[0]
    return in_digits(groups)


def _in_pairs(match: Match) -> str:
    number = match[2]
    return f"{match[1]} {either(list(dict.fromkeys([year(number), *digit_readings(number), *cardinals(number)])))}"


WEB_ADDRESSES: tuple[Rule, ...] = (
    rule(r"(?:https?://|www\.)\S*[\w/]|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+", _address),
    rule(rf"\b[a-zA-Z][\w-]*\.(?:{TOP_LEVEL_DOMAINS})\b(?:/[\w/-]*)?", _address),
    rule(r"#(?=\d)", "number "),
    rule(r"(?<!\w)#(\w+)", lambda m: " ".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z']+|\d+", m[1]))),
    rule(r"(?<!\w)@(\w+)", r"at \1"),
)
ADDRESSES: tuple[Rule, ...] = (
    rule(
        rf",? (?P<code>{STATE}),? (?P<number>\d{{5}}(?:-\d{{4}})?)\b",
        lambda m: f", {STATES[m['code']]} {in_digits(m['number'].split('-'))}",
    ),
    rule(
        rf"\b(?P<city>(?!(?:{NO_CITY})\b)[A-Z][\w'.-]*[a-z]), (?:(?P<code>{STATE})\b(?!')|(?P<older>{OLDER_STATE})\.)",
        lambda m: f"{m['city']}, {STATES[m['code'] or m['older']]}",
    ),
    rule(r"(?<![\w.,/$€£])\(?\+?\d+\)?(?:[ .-]?\(?\d+\)?)*(?![\w/%]|[.,]\d)", _telephone),
    rule(r"(?<![\w$€£.,-])[49]11\b(?![.,]\d)", lambda m: in_digits([m[0]])),
    rule(
        rf"\b((?:{NUMBERED_IN_DIGITS})(?: (?:number|no|code|is))*[.:]? )(\d{{3,}})\b(?![.,]\d| [a-z]+s\b)",
        lambda m: re.sub(r"\bno\b\.?", "number", m[1]) + in_digits([m[2]]),
    ),
    rule(rf"\b({NUMBERED_IN_PAIRS}) (\d{{3,4}})\b", _in_pairs, re.IGNORECASE),
)
