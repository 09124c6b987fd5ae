"""A text as it is read out: numbers, units, money, dates and symbols in words.

num2words reads numbers. `REWRITES` reads what stands around them: each rule is a pattern and what it is read as. The
first rules are the most specific ones. After the last rule a text has words, apostrophes and punctuation alone.
"""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

from shared.g2p.numbers import YEARS, cardinal, decade, digits, ordinal, year

Match = re.Match[str]

APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´′＇ʹ‛", "'"))
DASHES = str.maketrans(dict.fromkeys("—―", ",") | {"–": "-", "‑": "-", "−": "-", "‐": "-"})
SPACES = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009\u200a\t\r\n", " "))
SILENT = frozenset("™®©^")
SILENT_CATEGORIES = frozenset({"So", "Sk", "Cs", "Cf", "Cc", "Me"})  # of Unicode: symbols, controls
SEPARATORS = str.maketrans(dict.fromkeys("*_|~<>\\", " "))

NUMBER = r"\d[\d,]*(?:\.\d+)?|\.\d+"
MONTHS = "January February March April May June July August September October November December".split()
MONTH = "|".join(MONTHS) + "|" + "|".join(f"{month[:3]}\\.?" for month in MONTHS) + r"|Sept\.?"

# Symbol or word: one, many, hundredth part of it.
CURRENCIES = {
    "$": ("dollar", "dollars", "cent"),
    "US$": ("dollar", "dollars", "cent"),
    "€": ("euro", "euros", "cent"),
    "£": ("pound", "pounds", "pence"),
    "¥": ("yen", "yen", ""),
    "₹": ("rupee", "rupees", "paisa"),
}
CURRENCY = "|".join(map(re.escape, sorted(CURRENCIES, key=len, reverse=True)))
MAGNITUDES = {
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "b": "billion", "B": "billion",
    "bn": "billion", "T": "trillion", "tn": "trillion",
}  # fmt: skip
MAGNITUDE = "|".join(("thousand", "million", "billion", "trillion", "[kKmMbBT](?![A-Za-z])", "mn", "bn", "tn"))

UNITS = {
    unit: (one, many)
    for line in Path(__file__).with_name("units.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for unit, one, many in [line.split("\t")]
}
UNIT = "|".join(map(re.escape, sorted(UNITS, key=len, reverse=True)))

FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⅛": "1/8"}
ROMAN = {
    r: n for n, r in enumerate("I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX".split(), 1)
}
NUMBERED = "War|Chapter|Part|Volume|Act|Scene|Type|Phase|Section|Level|Class|Bowl|Book|Stage|Grade|Title|Article"

# Abbreviations whose reading does not depend on what stands around them.
ABBREVIATIONS = {
    "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Prof": "Professor", "Ave": "Avenue", "Rd": "Road",
    "Blvd": "Boulevard", "Ln": "Lane", "Hwy": "Highway", "Mt": "Mount", "Ft": "Fort", "Jr": "Junior", "Sr": "Senior",
    "Inc": "Incorporated", "Ltd": "Limited", "Corp": "Corporation", "Co": "Company", "Dept": "Department",
    "Gov": "Governor", "Sen": "Senator", "Rep": "Representative", "Gen": "General", "Capt": "Captain",
    "Sgt": "Sergeant",
    "Lt": "Lieutenant", "Col": "Colonel", "Rev": "Reverend", "Hon": "Honorable", "etc": "etcetera", "vs": "versus",
    "approx": "approximately", "govt": "government", "est": "established", "Apt": "Apartment", "Fig": "Figure",
}  # fmt: skip
WEEKDAYS = {"Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday",
            "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday"}  # fmt: skip
TOP_LEVEL_DOMAINS = "com|org|net|edu|gov|io|co|uk|de|fr|info|app|dev|ai|us|ca|tv|me"


def normalize_text(text: str) -> str:
    """Returns a text with everything but words, apostrophes and punctuation read out.

    >>> normalize_text("In the 1980s, 5 kg cost $12.50.")
    'In the nineteen eighties, five kilograms cost twelve dollars fifty cents .'
    """
    text = text.translate(APOSTROPHES).translate(DASHES).translate(SPACES)
    for symbol, fraction in FRACTIONS.items():
        text = re.sub(rf"(?<=\d){symbol}", f" {fraction}", text).replace(symbol, fraction)
    text = "".join(letter for letter in text if not _is_silent(letter))
    for pattern, reading in REWRITES:
        text = pattern.sub(reading, text)
    text = text.translate(SEPARATORS)
    return " ".join(text.split())


def _is_silent(letter: str) -> bool:
    """Returns whether a character has no sound: emoji, trade marks, invisible characters."""
    return letter in SILENT or (letter != "°" and unicodedata.category(letter) in SILENT_CATEGORIES)


def _money(match: Match) -> str:
    one, many, part = CURRENCIES[match["currency"]]
    amount, magnitude = match["amount"].replace(" ", ""), match["magnitude"]
    if re.fullmatch(r"\d+,\d\d", amount):
        amount = amount.replace(",", ".")
    amount = amount.replace(",", "")
    if magnitude:
        return f" {cardinal(amount)} {MAGNITUDES.get(magnitude, magnitude)} {many} "
    whole, _, cents = amount.partition(".")
    words = f"{cardinal(whole)} {one if whole == '1' else many}" if whole.strip("0") or not cents.strip("0") else ""
    if len(cents) != 2:
        return f" {cardinal(amount)} {many} " if cents else f" {words} "
    if not cents.strip("0"):
        return f" {words} "
    many_parts = part if part in ("pence", "paisa") else part + "s"
    return f" {words} {cardinal(cents)} {part if cents == '01' else many_parts} "


def _unit(match: Match) -> str:
    one, many = UNITS[match["unit"]]
    return f" {match['number']} {(one if match['number'] in ('1', '1.0') else many)} "


def _time(match: Match) -> str:
    hour, minute = int(match["hour"]), int(match["minute"])
    half = _half_day(match["half"])
    if not minute:
        return f" {cardinal(str(hour))} {half} " if half else f" {cardinal(str(hour))} o'clock "
    return f" {cardinal(str(hour))} {'oh ' if minute < 10 else ''}{cardinal(str(minute))} {half} "


def _half_day(letters: str | None) -> str:
    return f"{letters[0].upper()}.{letters[-2 if letters.endswith('.') else -1].upper()}." if letters else ""


def _hour(match: Match) -> str:
    return f" {cardinal(match['hour'])} {_half_day(match['half'])} "


def _month(name: str) -> str:
    return next(month for month in MONTHS if month.startswith(name.rstrip(".")[:3]))


def _date(match: Match) -> str:
    found = match.groupdict()
    month = _month(found["name"]) if found.get("name") else MONTHS[int(found["month"]) - 1]
    day = ordinal(found["day"])
    written_year = found.get("year")
    spoken_year = f", {year(written_year)}" if written_year else ""
    return f"{found['the']}{day} of {month}{spoken_year}" if found.get("the") else f"{month} {day}{spoken_year}"


def _date_by_day(match: Match) -> str:
    """Reads a date that begins with the day: "5 April" is the fifth of April; "may" after a number is no month."""
    spoken_year = f", {year(match['year'])}" if match["year"] else ""
    return f"{match['the'] or 'the '}{ordinal(match['day'])} of {_month(match['name'])}{spoken_year}"


def _fraction(match: Match) -> str:
    top, bottom = match["top"], match["bottom"]
    names = {"2": "half", "4": "quarter"}
    name = names.get(bottom) or ordinal(bottom)
    many = {"half": "halves"}.get(name, name + "s")
    part = f"{cardinal(top)} {name if top == '1' else many}"
    if not match["whole"]:
        return part
    return f"{cardinal(match['whole'].strip())} and {'a ' + name if top == '1' else part}"


def _digits_grouped(match: Match) -> str:
    return ", ".join(digits(group) for group in re.findall(r"\d+", match[0]))


def _address(match: Match) -> str:
    written = re.sub(r"^https?://", "", match[0]).rstrip("/")
    for symbol, name in ((".", "dot"), ("@", "at"), ("/", "slash"), ("-", "dash"), ("_", "underscore"), (":", "colon")):
        written = written.replace(symbol, f" {name} ")
    return re.sub(r"\bwww\b", "W W W", written)


def _hashtag(match: Match) -> str:
    return " ".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z']+|\d+", match[1]))


def _roman(match: Match) -> str:
    return f"{match[1]} {cardinal(str(ROMAN[match[2]]))}"


def _king(match: Match) -> str:
    return f"{match[1]} the {ordinal(str(ROMAN[match[2]]))}"


def _number(match: Match) -> str:
    """Reads a number that no other rule has read: a year where it looks like one, digits after a leading zero."""
    number, following = match["number"], match["following"]
    if re.fullmatch(r"0\d+", number):
        return f" {digits(number)} "
    many = re.match(r" ?[a-z]+s\b", following) and not re.match(r" (?:was|is|as|has|this|his|us|its|does)\b", following)
    if re.fullmatch(r"\d{4}", number) and int(number) in YEARS and not many:
        return f" {year(number)} "
    return f" {cardinal(number)} "


def _feet_and_inches(match: Match) -> str:
    return f" {cardinal(match[1])} foot {cardinal(match[2])} "


Replacement = str | Callable[[Match], str]


def _rule(pattern: str, replacement: Replacement, flags: int = 0) -> tuple[re.Pattern[str], Replacement]:
    return re.compile(pattern, flags), replacement


HALF_DAY = r"(?P<half>[aApP]\.?\s?[mM]\b\.?)"
REWRITES: tuple[tuple[re.Pattern[str], Replacement], ...] = (
    _rule(r"(?:https?://|www\.)\S*[\w/]|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+", _address),
    _rule(rf"\b[a-zA-Z][\w-]*\.(?:{TOP_LEVEL_DOMAINS})\b(?:/[\w/-]*)?", _address),
    _rule(r"#(?=\d)", "number "),
    _rule(r"(?<!\w)#(\w+)", _hashtag),
    _rule(r"(?<!\w)@(\w+)", r"at \1"),
    # Dates.
    _rule(r"\b(?P<month>0?[1-9]|1[0-2])/(?P<day>0?[1-9]|[12]\d|3[01])/(?P<year>\d{4})\b", _date),
    _rule(r"\b(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])-(?P<day>[0-2]\d|3[01])\b", _date),
    _rule(rf"\b(?P<name>{MONTH}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>\d{{4}}))?\b(?![:.]\d)", _date),
    _rule(
        rf"\b(?P<the>the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<name>{MONTH})(?:,? (?P<year>\d{{4}}))?\b",
        _date_by_day,
    ),
    # Times.
    _rule(rf"\b(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::\d\d)?(?: ?{HALF_DAY})?", _time),
    _rule(rf"\b(?P<hour>1[0-2]|[1-9]) ?{HALF_DAY}", _hour),
    _rule(r"\b24/7\b", "twenty four seven"),
    _rule(r"\b9/11\b", "nine eleven"),
    # Telephone numbers.
    _rule(
        r"(?:\+?1[ .-])?(?:\(\d{3}\) ?|\b\d{3}[ .-])\d{3}[.-]\d{4}\b|\b\d{3}-\d{4}\b|\+\d[\d -]{6,}\d\b",
        _digits_grouped,
    ),
    # Decades.
    _rule(r"(?<!\w)'?(\d0|\d{2}\d0)'?s\b", lambda m: decade(m[1])),
    _rule(r"(?<!\w)'(\d\d)\b", lambda m: cardinal(m[1]) if m[1][0] != "0" else f"oh {cardinal(m[1])}"),
    # Thousands with spaces, decimals with a comma.
    _rule(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?![\d])", lambda m: m[0].replace(" ", "")),
    # Money, lengths.
    _rule(rf"(?P<currency>{CURRENCY}) ?(?P<amount>\d[\d,]*(?:\.\d+)?) ?(?P<magnitude>{MAGNITUDE})?", _money),
    _rule(rf"\b(?P<amount>\d[\d,]*(?:\.\d+)?) ?(?P<magnitude>{MAGNITUDE})? ?(?P<currency>{CURRENCY})", _money),
    _rule(r"(?<![\d.,])(\d+),(\d{1,2})(?![\d,])", r"\1.\2"),
    _rule(r"\b(\d{1,2})' ?(\d{1,2})(?:\"|'')", _feet_and_inches),
    _rule(r"\b(\d{1,3})'(?!\w)", r"\1 feet"),
    _rule(r"\b(\d{1,3})\"", r"\1 inches"),
    # Fractions, ranges, ratios.
    _rule(r"(?P<whole>\b\d+ )?\b(?P<top>[1-9])/(?P<bottom>[2-9]|1\d|100)\b(?!/)", _fraction),
    _rule(rf"(?<![\w-])({NUMBER})\s?-\s?({NUMBER})(?![\w]*-)", r"\1 to \2"),
    _rule(r"(?<![\w)])-(?=\d)", "minus "),
    # Units.
    _rule(rf"(?P<number>{NUMBER})[ -]?(?P<unit>{UNIT})(?![\w²/])", _unit),
    _rule(r"\b(\d[\d,]*)(?:st|nd|rd|th)\b", lambda m: ordinal(m[1])),
    # Names with digits: one letter or word, then a number.
    _rule(r"\b([A-Z])2([A-Z])\b(?<=[BCPFGD]2[BCPFGD])", r"\1 to \2"),
    _rule(r"(?<=[A-Za-z])-?(?=\d)|(?<=\d)(?=[A-Za-z])", " "),
    # Abbreviations.
    _rule(r"\be\.\s?g\.,?", "for example"),
    _rule(r"\bi\.\s?e\.,?", "that is"),
    _rule(r"\b[Nn]o\. ?(?=\d)", "number "),
    _rule(r"\b[pP]\. ?(?=\d)", "page "),
    _rule(r"\bw/o\b", "without"),
    _rule(r"\bw/(?= ?\w)", "with "),
    _rule(r"\bPh\.? ?D\.?(?=\W|$)", "P.H.D."),
    _rule(r"(?<![A-Z][a-z] )\bSt\. (?=[A-Z])(?<!\w St\. )", "Saint "),
    _rule(r"(\b[A-Z]\w+ |\b\w+(?:st|nd|rd|th|ond) )St\.?(?=\W|$)", r"\1Street"),
    _rule(r"\bSt\. (?=[A-Z])", "Saint "),
    _rule(r"\bSt\.", "Street"),
    _rule(r"(\b[A-Z]\w+ )Dr\.(?=\s*$|,|\s+[a-z])", r"\1Drive"),
    _rule(r"\bDr\.?(?= )", "Doctor"),
    _rule(rf"\b({'|'.join(ABBREVIATIONS)})\.(?!\w)", lambda m: ABBREVIATIONS[m[1]]),
    _rule(r"\b(Mr|Mrs|Ms)\b", lambda m: ABBREVIATIONS[m[1]]),
    _rule(rf"\b({'|'.join(WEEKDAYS)})\.(?= |,|$)", lambda m: WEEKDAYS[m[1]]),
    _rule(rf"\b(?:{MONTH})(?=\W)", lambda m: _month(m[0]) if m[0].endswith(".") else m[0]),
    # Roman numerals.
    _rule(rf"\b({NUMBERED}) ({'|'.join(sorted(ROMAN, key=len, reverse=True))})\b", _roman),
    _rule(rf"\b([A-Z][a-z]+) ({'|'.join(r for r in sorted(ROMAN, key=len, reverse=True) if len(r) > 1)})\b", _king),
    # Numbers that are left.
    _rule(rf"(?P<number>{NUMBER})(?=(?P<following>.{{0,20}}))", _number),
    # Symbols.
    _rule(r"(?<=[A-Z]) ?& ?(?=[A-Z](?:\b|'))", " 'n "),
    _rule(r"\b([CF])#", r"\1 sharp"),
    _rule(r"&", " and "),
    _rule(r"\+", " plus "),
    _rule(r"=", " equals "),
    _rule(r"%", " percent "),
    _rule(r"@", " at "),
    _rule(r"(?<=\w)/(?=\w)", " "),
    _rule(r"(?<=[a-z])\.(?=[A-Z])", ". "),
)
