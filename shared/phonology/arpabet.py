"""ARPAbet, as CMUdict and the acoustic models trained on it write, in IPA."""

from shared.tables import load_rows

ARPABET: dict[str, str] = dict(load_rows(__file__, "arpabet.tsv"))
UNSTRESSED = {"AH0": "ə", "ER0": "ɚ"}


def arpabet_to_ipa(symbol: str) -> str:
    """Returns an ARPAbet symbol, with or without its stress digit, in IPA.

    >>> arpabet_to_ipa("AH0"), arpabet_to_ipa("AH1")
    ('ə', 'ʌ')
    """
    return UNSTRESSED.get(symbol) or ARPABET[symbol.rstrip("012")]
