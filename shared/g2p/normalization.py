"""A text as it is read out: numbers, units, money, dates and symbols in words.

num2words reads numbers. The rules of `Conventions` read what stands around them: each rule is a pattern and what it is
read as. The first rules are the most specific ones. After the last rule a text has words, apostrophes, punctuation and
what nothing reads.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.g2p.abbreviations import ABBREVIATIONS
from shared.g2p.addresses import ADDRESSES, WEB_ADDRESSES
from shared.g2p.dates import AMERICAN_DATES, BRITISH_DATES, RANGES, TIMES
from shared.g2p.numbers import NUMBER_AND, YEARS, cardinals, digit_readings, ordinal, years
from shared.g2p.quantities import CURRENCIES, QUANTITIES
from shared.g2p.rewriting import NUMBER, Match, Rule, any_of, either, rule
from shared.tables import load_rows

QUOTES = str.maketrans(dict.fromkeys("’‘‚‛ʼʻʽ`´′＇ʹ‹›", "'") | dict.fromkeys("“”„‟″«»〝〞", '"'))
DASHES = str.maketrans(dict.fromkeys("—―", ",") | {"–": "-", "‑": "-", "−": "-", "‐": "-"})
SPACES = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009\u200a\t\r\n", " "))
COMPATIBLE = ("<circle>", "<compat>", "<font>", "<narrow>", "<noBreak>", "<square>", "<sub>", "<wide>")
SILENT = frozenset("™®©")
SILENT_CATEGORIES = frozenset({"Cs", "Cf", "Cc", "Me"})  # of Unicode: controls, and what encloses a letter
EMOJI = re.compile("[\u231a\u231b\u23e9-\u23ff\u2500-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")  # and ornaments
MARKUP = str.maketrans(dict.fromkeys("*_|~<>", " "))
SYMBOLS: dict[str, str] = dict(load_rows(__file__, "symbols.tsv"))


@dataclass(frozen=True, eq=False)
class Conventions:
    """How an accent reads what is no word: by which rules, and with which `and` in *one hundred and one*."""

    rules: Sequence[Rule]
    number_and: str


def normalize_text(text: str, conventions: Conventions) -> str:
    """Returns a text with everything but words, apostrophes and punctuation read out.

    >>> normalize_text("In the 1980s, 5 kg of it, 50%", AMERICAN)
    'In the nineteen eighties, five kilograms of it, fifty percent'
    """
    text = unicodedata.normalize("NFC", text).translate(QUOTES).translate(DASHES).translate(SPACES)
    text = text.translate({ord(letter): _readable(letter) for letter in set(text)})
    for pattern, reading in conventions.rules:
        text = pattern.sub(reading, text)
    text = text.replace(NUMBER_AND, conventions.number_and)
    return " ".join(text.translate(MARKUP).split())


def _readable(letter: str) -> str:
    """Returns a character as Unicode's compatible ones, nothing for one without a sound: emoji, trade marks, controls.

    >>> _readable("㎏"), _readable("½"), _readable("™")
    ('kg', ' 1/2', '')
    """
    if letter in SYMBOLS:
        return letter
    if letter in SILENT or unicodedata.category(letter) in SILENT_CATEGORIES or EMOJI.match(letter):
        return ""
    kind, same = unicodedata.decomposition(letter).partition(" ")[0], unicodedata.normalize("NFKC", letter)
    if kind == "<fraction>":
        return f" {same.replace('⁄', '/')}"
    return same if kind in COMPATIBLE and same[0] != " " and (same.isascii() or len(same) <= 2) else letter


def _number(match: Match) -> str:
    """Reads a number that no other rule has read: a year where it looks like one, digits after a leading zero."""
    number, following = match["number"], match["following"]
    if re.fullmatch(r"0\d+", number):
        return f" {either(digit_readings(number))} "
    many = re.match(r" ?[a-z]+s\b", following) and not re.match(r" (?:was|is|as|has|this|his|us|its|does)\b", following)
    if re.fullmatch(r"\d{4}", number) and int(number) in YEARS and not many:
        return f" {either(years(number))} "
    return f" {either(cardinals(number))} "


def _power(match: Match) -> str:
    exponent = match["caret"] or unicodedata.normalize("NFKC", match["raised"])
    return {"2": " squared ", "3": " cubed "}.get(exponent) or f" to the {ordinal(exponent)} "


def _comparison(adjective: str) -> Callable[[Match], str]:
    return lambda match: f" is {adjective} than {'or equal to ' if match['equal'] else ''}"


BEFORE_DATES: tuple[Rule, ...] = (
    rule(r"([^\w\s.!?])\1{2,}", " "),  # a line of signs is an ornament
    *WEB_ADDRESSES,
    rule(r" ?-+> ?", " to "),
    *RANGES,
)
AFTER_DATES: tuple[Rule, ...] = (
    *TIMES,
    *ADDRESSES,
    *QUANTITIES,
    # Powers; names with digits: one letter or word, then a number.
    rule(
        r"(?:(?<=[\d)])|(?<=(?<![A-Za-z])[A-Za-z]))(?:\^(?P<caret>\d{1,3})|(?P<raised>[⁰¹²³⁴-⁹]{1,3}))(?![⁰¹²³⁴-⁹])",
        _power,
    ),
    rule(r"\b([A-Z])2([A-Z])\b(?<=[BCPFGD]2[BCPFGD])", r"\1 to \2"),
    # Formulas of chemistry letter by letter, though CO and SO are words; n/a.
    rule(r"\b(?=[A-Z]+[2-9])(?:[CFHKNOPS]\d?){2,}\b", lambda m: " ".join(m[0])),
    rule(r"(?<![\w/])[A-Za-z]/[A-Za-z](?![\w/'])", lambda m: m[0].upper()),
    rule(r"(?<=[A-Za-z])-?(?=\d)|(?<=\d)(?=[A-Za-z])", " "),
    *ABBREVIATIONS,
    # Signs between numbers, and grades.
    rule(r"(?<=\d) ?\* ?(?=\d)", " times "),
    rule(r"(?:(?<=\d)|(?<=\b[A-Za-z])) ?<(?P<equal>=?) ?(?=-?\d|[A-Za-z]\b)", _comparison("less")),
    rule(r"(?:(?<=\d)|(?<=\b[A-Za-z])) ?>(?P<equal>=?) ?(?=-?\d|[A-Za-z]\b)", _comparison("greater")),
    rule(r"(?<!\w)~ ?(?=\d)", "approximately "),
    rule(r"\b(AB|[A-FO])-(?=$|[\s.,;:!?)'\"])", r"\1 minus"),
    rule(r"\b([A-G])#", r"\1 sharp"),
    rule(r"(?<=[A-Z]) ?& ?(?=[A-Z](?:\b|'))", " 'n "),
    # Numbers that are left.
    rule(rf"(?P<number>{NUMBER})(?=(?P<following>.{{0,20}}))", _number),
    # Symbols.
    rule(r"(?<![^\W\d_])[Α-Ωα-ω](?![^\W\d_])", lambda m: f" {unicodedata.name(m[0]).split()[-1].lower()} "),
    rule(
        any_of([*SYMBOLS, *(symbol for symbol in CURRENCIES if len(symbol) == 1)]),
        lambda m: f" {SYMBOLS.get(m[0]) or CURRENCIES[m[0]][0]} ",
    ),
    rule(r"(?<=\w)/(?=\w)", " "),
    rule(r"(?<=[a-z])\.(?=[A-Z])", ". "),
)
AMERICAN = Conventions((*BEFORE_DATES, *AMERICAN_DATES, *AFTER_DATES), number_and="")
BRITISH = Conventions((*BEFORE_DATES, *BRITISH_DATES, *AFTER_DATES), number_and=" and")
