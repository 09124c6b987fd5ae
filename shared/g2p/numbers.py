"""Numbers as English words, American style: no `and`, years in pairs of digits."""

from num2words import num2words

DIGITS = "zero one two three four five six seven eight nine".split()
MAX_DIGITS = 15  # longer numbers are read digit by digit

YEARS = range(1010, 2100)


def cardinal(number: str) -> str:
    """Returns a whole or decimal number in words.

    >>> cardinal("1,250"), cardinal("3.14")
    ('one thousand two hundred fifty', 'three point one four')
    """
    whole, point, decimals = number.replace(",", "").partition(".")
    words = _plain(num2words(int(whole or "0"))) if len(whole) <= MAX_DIGITS else digits(whole)
    return f"{words} point {digits(decimals)}" if point and decimals else words


def ordinal(number: str) -> str:
    """Returns a whole number as an ordinal.

    >>> ordinal("22")
    'twenty second'
    """
    return _plain(num2words(int(number.replace(",", "")), to="ordinal"))


def year(number: str) -> str:
    """Returns a number of four digits as a year.

    >>> year("1987"), year("1905"), year("2008"), year("1900")
    ('nineteen eighty seven', 'nineteen oh five', 'two thousand eight', 'nineteen hundred')
    """
    century, rest = int(number[:2]), int(number[2:])
    if century % 10 == 0 and rest < 10:
        return cardinal(number)
    if not rest:
        return f"{cardinal(str(century))} hundred"
    return f"{cardinal(str(century))} {'oh ' if rest < 10 else ''}{cardinal(str(rest))}"


def decade(number: str) -> str:
    """Returns the decade that begins with a number, of two or four digits.

    >>> decade("1980"), decade("30"), decade("2000")
    ('nineteen eighties', 'thirties', 'two thousands')
    """
    words = year(number) if len(number) == 4 else cardinal(number)
    return words[:-1] + "ies" if words.endswith("y") else words + "s"


def digits(number: str) -> str:
    """Returns a number digit by digit.

    >>> digits("0199")
    'zero one nine nine'
    """
    return " ".join(DIGITS[int(digit)] for digit in number)


def _plain(words: str) -> str:
    return words.replace(" and ", " ").replace("-", " ").replace(",", "")
