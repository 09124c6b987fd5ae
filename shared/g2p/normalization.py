"""A text as it is read out: numbers, units, money, dates and symbols in words.

num2words reads numbers. `REWRITES` reads what stands around them: each rule is a pattern and what it is read as. The
first rules are the most specific ones. After the last rule a text has words, apostrophes, punctuation and what nothing
reads.

What has several usual readings stands between `OPEN` and `CLOSE`, the readings apart by `OR`, the first by default.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from shared.g2p.numbers import (
    YEARS,
    cardinal,
    cardinals,
    combined,
    decade,
    digit_readings,
    ordinal,
    plural,
    year,
    years,
)

Match = re.Match[str]
Replacement = str | Callable[[Match], str]

OPEN, OR, CLOSE = map(chr, range(0xF0000, 0xF0003))  # characters for private use

QUOTES = str.maketrans(dict.fromkeys("’‘‚‛ʼʻʽ`´′＇ʹ‹›", "'") | dict.fromkeys("“”„‟″«»〝〞", '"'))
DASHES = str.maketrans(dict.fromkeys("—―", ",") | {"–": "-", "‑": "-", "−": "-", "‐": "-"})
SPACES = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009\u200a\t\r\n", " "))
COMPATIBLE = ("<circle>", "<compat>", "<font>", "<narrow>", "<noBreak>", "<square>", "<sub>", "<wide>")
SILENT = frozenset("™®©")
SILENT_CATEGORIES = frozenset({"Cs", "Cf", "Cc", "Me"})  # of Unicode: controls, and what encloses a letter
EMOJI = re.compile("[\u231a\u231b\u23e9-\u23ff\u2500-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")  # and ornaments
MARKUP = str.maketrans(dict.fromkeys("*_|~<>", " "))

NUMBER = r"\d+(?:,\d+)*(?:\.\d+)?|\.\d+"
FRACTION = r"(?:\d+ )?\d+/\d+"
MONTHS = "January February March April May June July August September October November December".split()
MONTH = "|".join(MONTHS) + "|" + "|".join(f"{month[:3]}\\.?" for month in MONTHS) + r"|Sept\.?"
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
WEEKDAY = "|".join(WEEKDAYS) + "|(?:" + "|".join(day[:3] for day in WEEKDAYS) + r")(?:s|rs)?\.?"
MAGNITUDES = {
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "b": "billion", "B": "billion",
    "bn": "billion", "T": "trillion", "tn": "trillion",
}  # fmt: skip
MAGNITUDE = "|".join(("thousand", "million", "billion", "trillion", "[kKmMbBT](?![A-Za-z])", "mn", "bn", "tn"))
ROMAN = {
    r: n for n, r in enumerate("I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX".split(), 1)
}
FIRST_YEAR_OF_1900S = 50  # of two digits
NUMBERED = "War|Chapter|Part|Volume|Act|Scene|Type|Phase|Section|Level|Class|Bowl|Book|Stage|Grade|Title|Article"
# What is numbered by name: its number is read in pairs (Room 101, Flight 370), or digit by digit (PIN 4711).
NUMBERED_IN_PAIRS = "room|flight|route|highway|interstate|suite|apartment|bus|train|gate"
NUMBERED_IN_DIGITS = (
    "[Cc]all|[Dd]ial|[Pp]hone|[Tt]elephone|[Tt]el|[Ff]ax|text|[Pp]in|PIN|code|ZIP|zip|[Ee]xtension|[Ee]xt|[Aa]ccount|"
    "[Pp]assword|[Pp]asscode|ID"
)
TOP_LEVEL_DOMAINS = "com|org|net|edu|gov|io|co|uk|de|fr|info|app|dev|ai|us|ca|tv|me"


def normalize_text(text: str) -> str:
    """Returns a text with everything but words, apostrophes and punctuation read out.

    >>> normalize_text("In the 1980s, 5 kg of it, 50%")
    'In the nineteen eighties, five kilograms of it, fifty percent'
    """
    text = unicodedata.normalize("NFC", text).translate(QUOTES).translate(DASHES).translate(SPACES)
    text = text.translate({ord(letter): "" if _is_silent(letter) else _compatible(letter) for letter in set(text)})
    for pattern, reading in REWRITES:
        text = pattern.sub(reading, text)
    return " ".join(text.translate(MARKUP).split())


def either(readings: Sequence[str]) -> str:
    """Returns readings as a normalized text has them; one alone as it is."""
    return readings[0] if len(readings) == 1 else f"{OPEN}{OR.join(readings)}{CLOSE}"


def _rows(name: str) -> Iterator[list[str]]:
    """Yields the rows of a table, with as many columns as its longest has."""
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    width = max(map(len, rows))
    return (row + [""] * (width - len(row)) for row in rows)


def _any(names: Iterable[str]) -> str:
    """Returns the pattern of any of some names, the longest first."""
    return "|".join(map(re.escape, sorted(names, key=len, reverse=True)))


UNITS = {unit: (one, many) for unit, one, many in _rows("units.tsv")}
CURRENCIES = {symbol: names for symbol, *names in _rows("currencies.tsv")}
SYMBOLS: dict[str, str] = dict(_rows("symbols.tsv"))
STATES = {short: name for code, older, name in _rows("states.tsv") for short in (code, older) if short}
ABBREVIATIONS = {short: (reading, following) for short, reading, following in _rows("abbreviations.tsv")}
TITLES = [short for short in ABBREVIATIONS if short[0].isupper()]


def _compatible(letter: str) -> str:
    """Returns a character as Unicode's compatible ones: `kg` for ㎏, a fraction for ½."""
    kind = unicodedata.decomposition(letter).partition(" ")[0] if letter not in SYMBOLS else ""
    same = unicodedata.normalize("NFKC", letter)
    if kind == "<fraction>":
        return f" {same.replace('⁄', '/')}"
    return same if kind in COMPATIBLE and same[0] != " " and (same.isascii() or len(same) <= 2) else letter


def _is_silent(letter: str) -> bool:
    """Returns whether a character has no sound: emoji, trade marks, invisible characters."""
    if letter in SYMBOLS:
        return False
    return letter in SILENT or unicodedata.category(letter) in SILENT_CATEGORIES or bool(EMOJI.match(letter))


def _european(match: Match) -> str:
    """Returns 1.299,50 as 1299.50."""
    return match[0].replace(".", "").replace(",", ".")


def _money(match: Match) -> str:
    one, many, part, parts = CURRENCIES[match["currency"]]
    magnitude = match["magnitude"]
    amount = re.sub(r"^(\d+),(\d\d)$", r"\1.\2", match["amount"]).replace(",", "")
    if magnitude:
        return f" {either(cardinals(amount))} {MAGNITUDES.get(magnitude, magnitude)} {many} "
    whole, _, cents = amount.partition(".")
    if cents and (len(cents) != 2 or not part):
        return f" {either(cardinals(amount))} {many} "
    name = one if whole == "1" else many
    if not cents.strip("0"):
        return f" {either(combined(cardinals(whole), [name]))} "
    change = f"{cardinal(cents)} {part if cents == '01' else parts}"
    if not whole.strip("0"):
        return f" {change} "
    number = cardinal(whole)
    spoken = [f"{name} {change}", f"{name} and {change}", f"{name} {_oh(cents)}", _oh(cents)]
    return f" {either([f'{number} {rest}' for rest in spoken])} "


def _oh(two_digits: str) -> str:
    """Returns two digits as minutes and cents are read: 05 is *oh five*."""
    return f"{'oh ' if two_digits[0] == '0' else ''}{cardinal(two_digits)}"


def _unit(match: Match) -> str:
    """Reads a number with its unit: *a 10 ft pole* and *a 10-ft pole* have the unit in the singular."""
    is_one = match["number"] in ("1", "1.0") or re.fullmatch(r"\d/\d+", match["number"]) or match["hyphen"] == "-"
    is_attribute = bool(match["article"]) and re.match(r" [a-z]", match.string[match.end() :])
    return f"{match['article'] or ''}{match['number']} {_unit_name(match, bool(is_one or is_attribute))} "


def _unit_alone(match: Match) -> str:
    return _unit_name(match, match["quantity"].lower() in ("a", "an", "per", "one", "each", "half"))


def _unit_name(match: Match, is_one: bool) -> str:
    one, many = UNITS[re.sub(r"\. ?| ", " ", match["unit"])]
    power = {"s": "square ", "²": "square ", "c": "cubic ", "³": "cubic "}.get(
        (match["power"] or match["raised"] or "-")[0]
    )
    per = "".join(f" per {UNITS[unit][0]}" for unit in filter(None, (match["per"] or "").split("/")))
    if match["per_raised"]:
        per = per.replace("per ", f"per {'square' if match['per_raised'] == '²' else 'cubic'} ")
    return f"{power or ''}{one if is_one else many}{per}"


def _time(match: Match) -> str:
    hour, minute = str(int(match["hour"])), match["minute"]
    half = _half_day(match["half"])
    if minute == "00":
        return f" {cardinal(hour)} {half or either([O_CLOCK, ''])} "
    spoken = [f"{cardinal(hour)} {_oh(minute)}"]
    next_hour = cardinal(str(int(hour) % 12 + 1))
    spoken += {
        "15": [f"quarter past {cardinal(hour)}", f"a quarter past {cardinal(hour)}"],
        "30": [f"half past {cardinal(hour)}"],
        "45": [f"quarter to {next_hour}", f"a quarter to {next_hour}"],
    }.get(minute, [])
    return f" {either(spoken)} {half} "


def _half_day(letters: str | None) -> str:
    return f"{letters[0].upper()}.{letters[-2 if letters.endswith('.') else -1].upper()}." if letters else ""


def _hour(match: Match) -> str:
    return f" {cardinal(match['hour'])} {_half_day(match['half'])} "


def _month(name: str) -> str:
    return next(month for month in MONTHS if month.startswith(name.rstrip(".")[:3]))


def _weekday(name: str) -> str:
    return next(day for day in WEEKDAYS if day.startswith(name[:3]))


def _date(match: Match) -> str:
    found = match.groupdict()
    month = _month(found["name"]) if found.get("name") else MONTHS[int(found["month"]) - 1]
    day = ordinal(found["day"])
    by_month = [f"{month} {day}", f"the {day} of {month}", f"{month} {cardinal(found['day'])}", f"{month} the {day}"]
    return either(by_month) + _year_of_date(found.get("year"))


def _date_by_day(match: Match) -> str:
    """Reads a date that begins with the day: "5 April" is the fifth of April; "may" after a number is no month."""
    month, day = _month(match["name"]), ordinal(match["day"])
    the = match["the"] or "the "
    return either([f"{the}{day} of {month}", f"{month} {day}"]) + _year_of_date(match["year"])


def _year_of_date(number: str | None) -> str:
    if not number:
        return ""
    century = "20" if int(number[:2]) < FIRST_YEAR_OF_1900S else "19"
    return f", {either(years(number) if len(number) == 4 else [_oh(number), *years(century + number)])}"


def _fraction(match: Match) -> str:
    """Reads a fraction: *a 1/2 hour* has its article already, and *1/2 an hour* the other one."""
    top, bottom, article = match["top"], match["bottom"], match["article"] or ""
    names = {"2": ["half"], "4": ["quarter", "fourth"]}.get(bottom) or [ordinal(bottom)]
    if match["whole"]:
        whole = cardinal(match["whole"].strip())
        parts = [f"a {name}" if top == "1" else f"{cardinal(top)} {_plural_part(name)}" for name in names]
        parts += [f"one {name}" for name in names if top == "1"]
        return article + either([f"{whole} and {part}" for part in parts])
    if top != "1":
        return article + either([f"{cardinal(top)} {_plural_part(name)}" for name in names])
    if article:
        return article + either(names)
    if names == ["half"] and re.match(r" an? ", match.string[match.end() :]):
        return either(["half", "one half"])
    return either([f"{one}{name}" for name in names for one in ("one ", "a ", "")])


def _plural_part(name: str) -> str:
    return "halves" if name == "half" else plural(name)


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
    return _in_digits(groups)


def _in_digits(groups: Sequence[str]) -> str:
    """Reads groups of digits: 800 is *eight hundred* too."""
    readings = [
        [*digit_readings(group), *([cardinal(group)] if re.fullmatch("[1-9]00|[1-9]000", group) else [])]
        for group in groups
    ]
    return f" {', '.join(map(either, readings))} "


def _address(match: Match) -> str:
    written = re.sub(r"^https?://", "", match[0]).rstrip("/")
    for symbol, name in ((".", "dot"), ("@", "at"), ("/", "slash"), ("-", "dash"), ("_", "underscore"), (":", "colon")):
        written = written.replace(symbol, f" {name} ")
    return re.sub(r"\bwww\b", "W W W", written)


def _version(match: Match) -> str:
    """Reads numbers apart by full stops: an address on the internet, or a version."""
    groups = match[0].split(".")
    return (" dot " if len(groups) == 4 else " point ").join(map(cardinal, groups))


def _hashtag(match: Match) -> str:
    return " ".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z']+|\d+", match[1]))


def _roman(match: Match) -> str:
    return f"{match[1]} {cardinal(str(ROMAN[match[2]]))}"


def _king(match: Match) -> str:
    return f"{match[1]} the {ordinal(str(ROMAN[match[2]]))}"


def _state(match: Match) -> str:
    """Reads a state after its city."""
    return f"{match['city']}, {STATES[match['code'] or match['older']]}"


def _postal_code(match: Match) -> str:
    return f", {STATES[match['code']]} {_in_digits(re.findall(r'[0-9]+', match['number']))}"


def _abbreviation(match: Match) -> str:
    """Reads an abbreviation where what it needs follows; with an s after it as a plural."""
    reading, following = ABBREVIATIONS[match["short"][0].lower() + match["short"][1:]]
    needed = {"number": rf"\.\s*[\d{OPEN}]", "word": rf"\.,?\s+[a-z\d({OPEN}]"}.get(following, "")
    if not re.match(needed, match["stop"] + match.string[match.end() :]):
        return match[0]
    return plural(reading) if match["many"] else reading


def _number(match: Match) -> str:
    """Reads a number that no other rule has read: a year where it looks like one, digits after a leading zero."""
    number, following = match["number"], match["following"]
    if re.fullmatch(r"0\d+", number):
        return f" {either(digit_readings(number))} "
    many = re.match(r" ?[a-z]+s\b", following) and not re.match(r" (?:was|is|as|has|this|his|us|its|does)\b", following)
    if re.fullmatch(r"\d{4}", number) and int(number) in YEARS and not many:
        return f" {either(years(number))} "
    return f" {either(cardinals(number))} "


def _years(match: Match) -> str:
    """Reads each number after "the year" or "the years" as a year."""
    return re.sub(r"\d+", lambda number: either(years(number[0])), match[0])


def _in_pairs(match: Match) -> str:
    number = match[2]
    return f"{match[1]} {either(list(dict.fromkeys([year(number), *digit_readings(number), *cardinals(number)])))}"


def _feet_and_inches(match: Match) -> str:
    feet, inches = cardinal(match[1]), cardinal(match[2])
    spoken = [f"{feet} foot {inches}", f"{feet} feet {inches}", f"{feet} feet {inches} inches", f"{feet} {inches}"]
    return f" {either(spoken)} "


def _length(match: Match) -> str:
    """Reads a number with ' or " as feet or inches, where it closes no quotation."""
    mark, before = match["mark"], match.string[: match.start()]
    is_open = before.count('"') % 2 == 1 if mark == '"' else bool(re.search(r"(?<!\w)'(?=\w)", before))
    return match[0] if is_open else f"{match['number']} {'feet' if mark == chr(39) else 'inches'}"


def _greek(match: Match) -> str:
    return f" {unicodedata.name(match[0]).split()[-1].lower()} "


def _power(match: Match) -> str:
    exponent = match["caret"] or unicodedata.normalize("NFKC", match["raised"])
    return {"2": " squared ", "3": " cubed "}.get(exponent) or f" to the {ordinal(exponent)} "


def _comparison(adjective: str) -> Callable[[Match], str]:
    return lambda match: f" is {adjective} than {'or equal to ' if match['equal'] else ''}"


def _symbol(match: Match) -> str:
    return f" {SYMBOLS.get(match[0]) or CURRENCIES[match[0]][0]} "


def _rule(pattern: str, replacement: Replacement, flags: int = 0) -> tuple[re.Pattern[str], Replacement]:
    return re.compile(pattern, flags), replacement


O_CLOCK = "o'clock"
HALF_DAY = r"(?P<half>[aApP]\.?\s?[mM]\b\.?)"
CURRENCY = _any(CURRENCIES)
STATE = _any([code for code in STATES if code.isupper() and len(code) == 2])
OLDER_STATE = _any([short for short in STATES if not short.isupper() or "." in short])
NO_CITY = "Well|Yes|No|Oh|So|Sure|Right|Fine|Then|Please|Hi|Hey|Hello|Thanks|Sorry"  # Well, OK
SHORT = "|".join(f"[{short[0].upper()}{short[0]}]{short[1:]}" for short in ABBREVIATIONS if short not in TITLES)

UNIT_NAME = "|".join(re.escape(unit).replace(r"\ ", r"(?: |\. ?)") for unit in sorted(UNITS, key=len, reverse=True))
# Twelve in the room are no inches.
NO_INCH = r"(?!in\b(?![.²³])(?! ?(?:[,;:)!?]|$|(?:wide|long|high|tall|deep|thick|by|x|of|in diameter)\b)))"
UNIT = (
    rf"(?:(?P<power>sq|cu)\.? ?)?(?P<unit>{UNIT_NAME})(?P<raised>[²³])?"
    rf"(?P<per>(?:/(?:{UNIT_NAME}))*)(?P<per_raised>[²³])?(?![\w²³/])"
    r"(?:\.(?= [a-z\d(]|,))?"  # the full stop of 12 fl. oz., not that of the sentence
)
QUANTITY = "a|an|per|one|two|three|four|five|six|seven|eight|nine|ten|each|half|few|many|several|some"
# Units that are no words, which are read as units after a word for a number too.
UNIT_ALONE = "sq|cu|" + "|".join(unit for unit in UNITS if re.fullmatch(r"[b-df-hj-np-tv-z]{2,}", unit))

REWRITES: tuple[tuple[re.Pattern[str], Replacement], ...] = (
    _rule(r"([^\w\s.!?])\1{2,}", " "),  # a line of signs is an ornament
    _rule(r"(?:https?://|www\.)\S*[\w/]|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+", _address),
    _rule(rf"\b[a-zA-Z][\w-]*\.(?:{TOP_LEVEL_DOMAINS})\b(?:/[\w/-]*)?", _address),
    _rule(r"#(?=\d)", "number "),
    _rule(r"(?<!\w)#(\w+)", _hashtag),
    _rule(r"(?<!\w)@(\w+)", r"at \1"),
    _rule(r" ?-+> ?", " to "),
    # Ranges of days, months and times.
    _rule(rf"\b({WEEKDAY}) ?- ?({WEEKDAY})(?!\w)", lambda m: f"{_weekday(m[1])} to {_weekday(m[2])}"),
    _rule(rf"\b({MONTH}) ?- ?(?=(?:{MONTH})\b)", r"\1 to "),
    _rule(r"(\d:\d\d|\d ?[aApP]\.?[mM]\b\.?) ?- ?(?=\d)", r"\1 to "),
    # Dates.
    _rule(r"\b(?P<month>0?[1-9]|1[0-2])([/-])(?P<day>0?[1-9]|[12]\d|3[01])\2(?P<year>\d{4}|\d\d)\b", _date),
    _rule(r"\b(?P<day>0?[1-9]|[12]\d|3[01])([/.-])(?P<month>0?[1-9]|1[0-2])\2(?P<year>\d{4})\b", _date),
    _rule(r"\b(?P<year>\d{4})([/.-])(?P<month>0?[1-9]|1[0-2])\2(?P<day>0?[1-9]|[12]\d|3[01])\b", _date),
    _rule(
        rf"\b(?P<name>{MONTH}) (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>\d{{4}}))?\b(?![:.]\d)", _date
    ),
    _rule(
        rf"\b(?P<the>[Tt]he )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<name>{MONTH})(?:,? (?P<year>\d{{4}}))?\b",
        _date_by_day,
    ),
    # Times.
    _rule(rf"\b(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::\d\d)?(?: ?{HALF_DAY}| o'clock\b)?", _time),
    _rule(rf"\b(?P<hour>1[0-2]|[1-9]) ?{HALF_DAY}", _hour),
    _rule(r"\b24/7\b", "twenty four seven"),
    _rule(r"\b9/11\b", "nine eleven"),
    # Numbers that are read digit by digit or in pairs.
    _rule(rf",? (?P<code>{STATE}),? (?P<number>\d{{5}}(?:-\d{{4}})?)\b", _postal_code),
    _rule(
        rf"\b(?P<city>(?!(?:{NO_CITY})\b)[A-Z][\w'.-]*[a-z]), (?:(?P<code>{STATE})\b(?!')|(?P<older>{OLDER_STATE})\.)",
        _state,
    ),
    _rule(r"(?<![\w.,/$€£])\(?\+?\d+\)?(?:[ .-]?\(?\d+\)?)*(?![\w/%]|[.,]\d)", _telephone),
    _rule(r"(?<![\w$€£.,-])[49]11\b(?![.,]\d)", lambda m: _in_digits([m[0]])),
    _rule(
        rf"\b((?:{NUMBERED_IN_DIGITS})(?: (?:number|no|code|is))*[.:]? )(\d{{3,}})\b(?![.,]\d| [a-z]+s\b)",
        lambda m: m[1] + _in_digits([m[2]]),
    ),
    _rule(rf"\b({NUMBERED_IN_PAIRS}) (\d{{3,4}})\b", _in_pairs, re.IGNORECASE),
    # Decades, years.
    _rule(r"(?<!\w)'?(\d0|\d{2}\d0)'?s\b", lambda m: decade(m[1])),
    _rule(r"(?<!\w)'(\d\d)\b(?!')", lambda m: _oh(m[1])),
    _rule(r"\byears? \d{3,4}(?:(?:,|,? (?:and|or|to)) \d{3,4})*(?!\w|,\d)", _years),
    _rule(r"\bA\.?D\b\.?(?: (\d{3,4})\b)?", lambda m: f"A.D. {either(years(m[1])) if m[1] else ''}"),
    _rule(r"\b(\d{3,4})(?= (?:A\.?D|B\.?C|(?:B\.?)?C\.?E)\b)", lambda m: either(years(m[1]))),
    # Thousands with spaces or full stops, decimals with a comma.
    _rule(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?!\d)", lambda m: m[0].replace(" ", "")),
    _rule(r"(?<![\d.,])\d{1,3}(?:(?:\.\d{3})+,\d{1,2}|(?:\.\d{3}){2,})(?!\d|[.,]\d)", _european),
    _rule(r"(?<=€)\d{1,3}\.\d{3}(?![\d.,])|(?<![\d.,])\d{1,3}\.\d{3}(?= ?€)", _european),
    _rule(r"\b\d+(?:\.\d+){2,}\b", _version),
    # Money, lengths.
    _rule(rf"([$€£])({NUMBER}) ?- ?\1?(?=\d)", r"\2 to \1"),
    _rule(r"(?<![\w)])-(?=[$€£]?\d)", "minus "),
    _rule(
        rf"(?<!\w)(?P<currency>{CURRENCY}) ?(?P<amount>\d+(?:,\d+)*(?:\.\d+)?)(?: ?(?P<magnitude>{MAGNITUDE}))?", _money
    ),
    _rule(
        rf"\b(?P<amount>\d+(?:,\d+)*(?:\.\d+)?)(?: ?(?P<magnitude>{MAGNITUDE}))? ?(?P<currency>{CURRENCY})(?!\w)",
        _money,
    ),
    _rule(r"(?<![\d.,])(\d+),(\d{1,2})(?![\d,])", r"\1.\2"),
    _rule(r"\b(\d{1,2})' ?(\d{1,2})(?:\"|'')", _feet_and_inches),
    _rule(r"(?<!['\"])\b(?P<number>\d{1,3})(?P<mark>['\"])(?!\w)", _length),
    # Units, fractions, ranges, ratios.
    _rule(rf"(?P<article>\b[Aa]n? )?(?P<number>{FRACTION}|{NUMBER})(?P<hyphen>[ -]?){NO_INCH}{UNIT}", _unit),
    _rule(rf"(?<=feet )(?P<article>)(?P<number> ?\d+)(?P<hyphen> ){UNIT}", _unit),
    _rule(rf"\b(?P<quantity>{QUANTITY}) (?=(?:{UNIT_ALONE})\b){UNIT}", lambda m: f"{m['quantity']} {_unit_alone(m)}"),
    _rule(r"(?P<article>\b[Aa]n? )?(?P<whole>\b\d+ )?\b(?P<top>[1-9])/(?P<bottom>[2-9]|[1-9]\d|100)\b(?!/)", _fraction),
    _rule(rf"(?<![\w-])({NUMBER})\s?-\s?({NUMBER})(?![\w]*-)", r"\1 to \2"),
    _rule(r"\b(\d+):(\d+)\b", r"\1 to \2"),
    _rule(r"\b(\d+(?:,\d+)*)(?:st|nd|rd|th)\b", lambda m: ordinal(m[1])),
    # Powers; names with digits: one letter or word, then a number.
    _rule(
        r"(?:(?<=[\d)])|(?<=(?<![A-Za-z])[A-Za-z]))(?:\^(?P<caret>\d{1,3})|(?P<raised>[⁰¹²³⁴-⁹]{1,3}))(?![⁰¹²³⁴-⁹])",
        _power,
    ),
    _rule(r"\b([A-Z])2([A-Z])\b(?<=[BCPFGD]2[BCPFGD])", r"\1 to \2"),
    _rule(r"(?<=[A-Za-z])-?(?=\d)|(?<=\d)(?=[A-Za-z])", " "),
    # Abbreviations.
    _rule(r"\be\.\s?g\.,?", "for example"),
    _rule(r"\bi\.\s?e\.,?", "that is"),
    _rule(r"\bw/o\b", "without"),
    _rule(r"\bw/(?= ?\w)", "with "),
    _rule(r"\bPh\.? ?D\.?(?=\W|$)", "P.H.D."),
    _rule(r"(?<![A-Z][a-z] )\bSt\. (?=[A-Z])(?<!\w St\. )", "Saint "),
    _rule(r"(\b[A-Z]\w+ |\b\w+(?:st|nd|rd|th|ond) )St\.?(?=\W|$)", r"\1Street"),
    _rule(r"\bSt\. (?=[A-Z])", "Saint "),
    _rule(r"\bSt\.", "Street"),
    _rule(r"(\b[A-Z]\w+ )Dr\.(?=\s*$|,|\s+[a-z])", r"\1Drive"),
    _rule(r"\bDr\.?(?= )", "Doctor"),
    _rule(rf"\b({_any(TITLES)})\.(?!\w)", lambda m: ABBREVIATIONS[m[1]][0]),
    _rule(r"\b(Mr|Mrs|Ms)\b", lambda m: ABBREVIATIONS[m[1]][0]),
    _rule(rf"(?<![\w/])(?P<short>{SHORT})(?P<many>s?)\b(?!['/])(?P<stop>\.?)(?!\w)", _abbreviation),
    _rule(rf"\b(?:{WEEKDAY})(?:(?<=\.)(?= |,|$)|(?=,? (?:{MONTH}|{OPEN})))", lambda m: _weekday(m[0])),
    _rule(rf"\b(?:{MONTH})(?=\W)", lambda m: _month(m[0]) if m[0].endswith(".") else m[0]),
    # Roman numerals.
    _rule(rf"\b({NUMBERED}) ({_any(ROMAN)})\b", _roman),
    _rule(rf"\b([A-Z][a-z]+) ({_any([numeral for numeral in ROMAN if len(numeral) > 1])})\b", _king),
    # Signs between numbers, and grades.
    _rule(r"(?<=\d) ?\* ?(?=\d)", " times "),
    _rule(r"(?:(?<=\d)|(?<=\b[A-Za-z])) ?<(?P<equal>=?) ?(?=-?\d|[A-Za-z]\b)", _comparison("less")),
    _rule(r"(?:(?<=\d)|(?<=\b[A-Za-z])) ?>(?P<equal>=?) ?(?=-?\d|[A-Za-z]\b)", _comparison("greater")),
    _rule(r"(?<!\w)~ ?(?=\d)", "approximately "),
    _rule(r"\b(AB|[A-FO])-(?=$|[\s.,;:!?)'\"])", r"\1 minus"),
    _rule(r"\b([A-G])#", r"\1 sharp"),
    _rule(r"(?<=[A-Z]) ?& ?(?=[A-Z](?:\b|'))", " 'n "),
    # Numbers that are left.
    _rule(rf"(?P<number>{NUMBER})(?=(?P<following>.{{0,20}}))", _number),
    # Symbols.
    _rule(r"(?<![^\W\d_])[Α-Ωα-ω](?![^\W\d_])", _greek),
    _rule(_any([*SYMBOLS, *(symbol for symbol in CURRENCIES if len(symbol) == 1)]), _symbol),
    _rule(r"(?<=\w)/(?=\w)", " "),
    _rule(r"(?<=[a-z])\.(?=[A-Z])", ". "),
)
