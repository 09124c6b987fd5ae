"""The vocabulary of a POWSM checkpoint: the phones and the languages of its tokens."""

import unicodedata
from collections.abc import Sequence

from shared.errors import InvalidInputError
from shared.phonology.ipa import parse_ipa

# Symbols of three letters that are no language. `<unk>` is one: any that the model was not trained on.
NOT_LANGUAGES = frozenset({"asr", "sos", "eos", "sop"})


class TokenInventory:
    """The tokens of a checkpoint.

    `labels` are its phones, with "" for every token that is no phone, and `columns` [tokens] the label of each token.
    """

    def __init__(self, token_list: Sequence[str]) -> None:
        """Takes ESPnet's token list."""
        self.ids = {token: index for index, token in enumerate(token_list)}
        self._phones = [phone_of(token) for token in token_list]
        self.labels = ("", *dict.fromkeys(phone for phone in self._phones if phone))
        column_of = {label: column for column, label in enumerate(self.labels)}
        self.columns = [column_of[phone] for phone in self._phones]

        codes = [token[1:-1] for token in token_list if len(token) == 5 and token[0] + token[-1] == "<>"]
        self.languages = sorted(code for code in codes if code.isalpha() and code not in NOT_LANGUAGES)

    def phones_of(self, tokens: Sequence[int]) -> list[str]:
        """Returns the phones among tokens. Special symbols, `▁` and pieces of words are no phones."""
        return [self._phones[token] for token in tokens if self._phones[token]]

    def language(self, code: str) -> int:
        """Returns the token of an ISO 639-3 code. Raises InvalidInputError where the checkpoint has none."""
        if code not in self.languages:
            examples = ", ".join(self.languages[:10])
            raise InvalidInputError(f"the language {code!r} is not known; send an ISO 639-3 code: {examples} or others")
        return self.ids[f"<{code}>"]


def phone_of(token: str) -> str:
    """Returns the phone of a token, or "" where the token is no phone.

    >>> phone_of("▁/tʰ/"), phone_of("▁the")
    ('tʰ', '')
    """
    inside = token.removeprefix("▁")
    if len(inside) < 3 or inside[0] + inside[-1] != "//":
        return ""
    try:
        [phone] = parse_ipa(inside)
    except (InvalidInputError, ValueError):  # a letter that `parse_ipa` does not know, such as a click's
        phone = unicodedata.normalize("NFD", inside[1:-1]).strip()
    return phone
