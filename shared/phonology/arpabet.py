"""ARPAbet, as CMUdict and the acoustic models trained on it write, in IPA."""

ARPABET = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AX": "ə", "AY": "aɪ", "B": "b", "CH": "tʃ", "D": "d",
    "DH": "ð", "DX": "ɾ", "EH": "ɛ", "ER": "ɝ", "EY": "eɪ", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IX": "ɨ",
    "IY": "i", "JH": "dʒ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ", "OY": "ɔɪ", "P": "p",
    "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j",
    "Z": "z", "ZH": "ʒ",
}  # fmt: skip
UNSTRESSED = {"AH0": "ə", "ER0": "ɚ"}


def arpabet_to_ipa(symbol: str) -> str:
    """Returns an ARPAbet symbol, with or without its stress digit, in IPA.

    >>> arpabet_to_ipa("AH0"), arpabet_to_ipa("AH1")
    ('ə', 'ʌ')
    """
    return UNSTRESSED.get(symbol) or ARPABET[symbol.rstrip("012")]
