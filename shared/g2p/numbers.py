"""Numbers as English words, years in pairs of digits.

What has several usual readings is a list of them, the first by default: 101 is *one hundred one*, *one oh one*. Where
British English has *and*, and American English has nothing, stands `NUMBER_AND`.
"""

import re

from num2words import num2words

NUMBER_AND = chr(0xF0003)  # a character for private use
DIGITS = "zero one two three four five six seven eight nine".split()
MAX_DIGITS = 15  # longer numbers are read digit by digit

YEARS = range(1010, 2100)


def cardinal(number: str) -> str:
    """Returns a whole or decimal number in words.

    >>> cardinal("1,250").replace(NUMBER_AND, " and"), cardinal("3.14")
    ('one thousand two hundred and fifty', 'three point one four')
    """
    return cardinals(number)[0]


def cardinals(number: str) -> list[str]:
    """Returns the readings of a whole or decimal number.

    >>> [reading.replace(NUMBER_AND, "") for reading in cardinals("101")]
    ['one hundred one', 'one hundred and one', 'a hundred one', 'a hundred and one', 'one oh one']
    >>> cardinals("1500"), cardinals("0.5")
    (['one thousand five hundred', 'a thousand five hundred', 'fifteen hundred'], ['zero point five', 'point five'])
    """
    whole, point, decimals = number.replace(",", "").partition(".")
    if len(whole) > MAX_DIGITS:
        words = [digits(whole)]
    else:
        written = num2words(int(whole or "0")).replace("-", " ").replace(",", "")
        words = [written.replace(" and ", f"{NUMBER_AND} "), written]
        words += ["a" + word[len("one") :] for word in words if word.startswith(("one hundred", "one thousand"))]
        if re.fullmatch(r"[1-9]\d\d|[1-9]\d00", whole):
            words.append(year(whole))
    if point and decimals:
        words = [f"{word} point {digits(decimals)}" for word in words]
        if not whole.strip("0"):
            alone = f"point {digits(decimals)}"
            words = [*words, alone] if whole else [alone, *words]
    return list(dict.fromkeys(words))


def ordinal(number: str) -> str:
    """Returns a whole number as an ordinal.

    >>> ordinal("22")
    'twenty second'
    """
    return _words(int(number.replace(",", "")), to="ordinal")


def year(number: str) -> str:
    """Returns a number of three or four digits as a year, or as the number of a room or a flight.

    >>> year("1987"), year("1905"), year("1900"), year("101"), year("2008").replace(NUMBER_AND, "")
    ('nineteen eighty seven', 'nineteen oh five', 'nineteen hundred', 'one oh one', 'two thousand eight')
    """
    return _words(int(number), to="year")


def years(number: str) -> list[str]:
    """Returns the readings of a number of three or four digits as a year.

    >>> [year.replace(NUMBER_AND, " and") for number in ("2024", "1905") for year in years(number)[:2]]
    ['twenty twenty four', 'two thousand and twenty four', 'nineteen oh five', 'nineteen hundred and five']
    """
    century, rest = _words(int(number[:-2])), _words(int(number[-2:]))
    if number[:-2] == "20":
        words = [
            f"two thousand{NUMBER_AND} {rest}",
            f"two thousand and {rest}",
            f"twenty {'oh ' * (number[2] == '0')}{rest}",
        ]
    else:
        words = [f"{century} hundred{NUMBER_AND} {rest}", f"{century} hundred and {rest}"]
    return list(dict.fromkeys([year(number), *(words if number[-2:] != "00" else []), *cardinals(number)]))


def decade(number: str) -> str:
    """Returns the decade that begins with a number, of two or four digits.

    >>> decade("1980"), decade("30"), decade("2000")
    ('nineteen eighties', 'thirties', 'two thousands')
    """
    return plural(year(number) if len(number) == 4 else cardinal(number))


def plural(noun: str) -> str:
    """Returns the regular plural of a noun.

    >>> plural("company"), plural("foot-pound"), plural("inch")
    ('companies', 'foot-pounds', 'inches')
    """
    if noun.endswith("y"):
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("ch", "x", "s")) else "s")


def digits(number: str) -> str:
    """Returns a number digit by digit.

    >>> digits("0199")
    'zero one nine nine'
    """
    return " ".join(DIGITS[int(digit)] for digit in number)


def digit_readings(number: str) -> list[str]:
    """Returns the readings of a number digit by digit: with *zero* or *oh*.

    >>> digit_readings("101")
    ['one zero one', 'one oh one']
    """
    words = digits(number)
    return list(dict.fromkeys([words, words.replace("zero", "oh")]))


def _words(number: int, to: str = "cardinal") -> str:
    words: str = num2words(number, to=to)
    return words.replace(" and ", f"{NUMBER_AND} ").replace("-", " ").replace(",", "")
