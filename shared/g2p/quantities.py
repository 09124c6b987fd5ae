"""Amounts as they are read out: numbers of other countries, money, units, lengths, fractions and ranges."""

import re

from shared.g2p.numbers import cardinal, cardinals, ordinal, plural
from shared.g2p.rewriting import NUMBER, Match, Rule, any_of, either, rule, two_digits
from shared.tables import load_rows

FRACTION = r"(?:\d+ )?\d+/\d+"
MAGNITUDES = {
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "b": "billion", "B": "billion",
    "bn": "billion", "T": "trillion", "tn": "trillion",
}  # fmt: skip
MAGNITUDE = "|".join(("thousand", "million", "billion", "trillion", "[kKmMbBT](?![A-Za-z])", "mn", "bn", "tn"))
UNITS = {unit: (one, many) for unit, one, many in load_rows(__file__, "units.tsv")}
CURRENCIES = {symbol: names for symbol, *names in load_rows(__file__, "currencies.tsv")}
CURRENCY = any_of(CURRENCIES)
UNIT_NAME = "|".join(re.escape(unit).replace(r"\ ", r"(?: |\. ?)") for unit in sorted(UNITS, key=len, reverse=True))
# Twelve in the room are no inches.
NO_INCH = r"(?!in\b(?![.²³])(?! ?(?:[,;:)!?]|$|(?:wide|long|high|tall|deep|thick|by|x|of|in diameter)\b)))"
UNIT = (
    rf"(?:(?P<power>sq|cu)\.? ?)?(?P<unit>{UNIT_NAME})(?P<raised>[²³])?"
    rf"(?P<per>(?:/(?:{UNIT_NAME}))*)(?P<per_raised>[²³])?(?![\w²³/])"
    r"(?:\.(?= [a-z\d(]|,))?"  # the full stop of 12 fl. oz., not that of the sentence
)
# $20/month, 10 GB/month, 3 times/week
AMOUNT = rf"(?:(?:{CURRENCY}) ?)?\b(?:{NUMBER})(?: ?(?:{CURRENCY}|[A-Za-z]+))?"
PER = "(?:second|sec|minute|min|hour|hr|day|night|week|month|year|yr|person)"
QUANTITY = "a|an|per|one|two|three|four|five|six|seven|eight|nine|ten|each|half|few|many|several|some"
SINGULAR = ("a", "an", "per", "one", "each", "half")
# Units that are no words, which are read as units after a word for a number too.
UNIT_ALONE = "sq|cu|" + "|".join(unit for unit in UNITS if re.fullmatch(r"[b-df-hj-np-tv-z]{2,}", unit))


def _european(match: Match) -> str:
    """Returns 1.299,50 as 1299.50."""
    return match[0].replace(".", "").replace(",", ".")


def _version(match: Match) -> str:
    """Reads numbers apart by full stops: an address on the internet, or a version."""
    groups = match[0].split(".")
    return (" dot " if len(groups) == 4 else " point ").join(map(cardinal, groups))


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
        return f" {either([f'{number} {name}' for number in cardinals(whole)])} "
    change = f"{cardinal(cents)} {part if cents == '01' else parts}"
    if not whole.strip("0"):
        return f" {change} "
    number = cardinal(whole)
    spoken = [f"{name} {change}", f"{name} and {change}", f"{name} {two_digits(cents)}", two_digits(cents)]
    return f" {either([f'{number} {rest}' for rest in spoken])} "


def _unit(match: Match) -> str:
    """Reads a number with its unit: *a 10 ft pole* and *a 10-ft pole* have the unit in the singular."""
    is_one = match["number"] in ("1", "1.0") or re.fullmatch(r"\d/\d+", match["number"]) or match["hyphen"] == "-"
    is_attribute = bool(match["article"]) and re.match(r" [a-z]", match.string[match.end() :])
    return f"{match['article'] or ''}{match['number']} {_unit_name(match, bool(is_one or is_attribute))} "


def _unit_name(match: Match, is_one: bool) -> str:
    one, many = UNITS[re.sub(r"\. ?| ", " ", match["unit"])]
    power = {"s": "square ", "²": "square ", "c": "cubic ", "³": "cubic "}.get(
        (match["power"] or match["raised"] or "-")[0]
    )
    per = "".join(f" per {UNITS[unit][0]}" for unit in filter(None, (match["per"] or "").split("/")))
    if match["per_raised"]:
        per = per.replace("per ", f"per {'square' if match['per_raised'] == '²' else 'cubic'} ")
    return f"{power or ''}{one if is_one else many}{per}"


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


def _feet_and_inches(match: Match) -> str:
    feet, inches = cardinal(match[1]), cardinal(match[2])
    spoken = [f"{feet} foot {inches}", f"{feet} feet {inches}", f"{feet} feet {inches} inches", f"{feet} {inches}"]
    return f" {either(spoken)} "


def _length(match: Match) -> str:
    """Reads a number with ' or " as feet or inches, where it closes no quotation."""
    mark, before = match["mark"], match.string[: match.start()]
    is_open = before.count('"') % 2 == 1 if mark == '"' else bool(re.search(r"(?<!\w)'(?=\w)", before))
    unit = "feet" if mark == "'" else "inches"
    return match[0] if is_open else f"{match['number']} {unit}"


QUANTITIES: tuple[Rule, ...] = (
    rule(rf"({AMOUNT}) ?/ ?(?={PER}\b)", r"\1 per "),
    rule(r"(?<=\d) ?- ?(?=\d[\d.,+×÷*/ -]*=)", " minus "),
    # Thousands with spaces or full stops, decimals with a comma.
    rule(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?!\d)", lambda m: m[0].replace(" ", "")),
    rule(r"(?<![\d.,])\d{1,3}(?:(?:\.\d{3})+,\d{1,2}|(?:\.\d{3}){2,})(?!\d|[.,]\d)", _european),
    rule(r"(?<=€)\d{1,3}\.\d{3}(?![\d.,])|(?<![\d.,])\d{1,3}\.\d{3}(?= ?€)", _european),
    rule(r"\b\d+(?:\.\d+){2,}\b", _version),
    # Money, lengths.
    rule(rf"([$€£])({NUMBER}) ?- ?\1?(?=\d)", r"\2 to \1"),
    rule(r"(?<![\w)])-(?=[$€£]?\d)", "minus "),
    rule(
        rf"(?<!\w)(?P<currency>{CURRENCY}) ?(?P<amount>\d+(?:,\d+)*(?:\.\d+)?)(?: ?(?P<magnitude>{MAGNITUDE}))?", _money
    ),
    rule(
        rf"\b(?P<amount>\d+(?:,\d+)*(?:\.\d+)?)(?: ?(?P<magnitude>{MAGNITUDE}))? ?(?P<currency>{CURRENCY})(?!\w)",
        _money,
    ),
    rule(r"(?<![\d.,])(\d+),(\d{1,2})(?![\d,])", r"\1.\2"),
    rule(r"\b(\d{1,2})' ?(\d{1,2})(?:\"|'')", _feet_and_inches),
    rule(r"(?<!['\"])\b(?P<number>\d{1,3})(?P<mark>['\"])(?!\w)", _length),
    # Units, fractions, ranges, ratios.
    rule(rf"(?P<article>\b[Aa]n? )?(?P<number>{FRACTION}|{NUMBER})(?P<hyphen>[ -]?){NO_INCH}{UNIT}", _unit),
    rule(rf"(?<=feet )(?P<article>)(?P<number> ?\d+)(?P<hyphen> ){UNIT}", _unit),
    rule(
        rf"\b(?P<quantity>{QUANTITY}) (?=(?:{UNIT_ALONE})\b){UNIT}",
        lambda m: f"{m['quantity']} {_unit_name(m, is_one=m['quantity'].lower() in SINGULAR)}",
    ),
    rule(r"(?P<article>\b[Aa]n? )?(?P<whole>\b\d+ )?\b(?P<top>[1-9])/(?P<bottom>[2-9]|[1-9]\d|100)\b(?!/)", _fraction),
    rule(rf"(?<![\w-])({NUMBER})\s?-\s?({NUMBER})(?![\w]*-)", r"\1 to \2"),
    rule(r"\b(\d+):(\d+)\b", r"\1 to \2"),
    rule(r"\b(\d+(?:,\d+)*)(?:st|nd|rd|th)\b", lambda m: ordinal(m[1])),
)
