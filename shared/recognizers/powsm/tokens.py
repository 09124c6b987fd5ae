"""The vocabulary of a POWSM checkpoint: the phones of its tokens, and the prompts of its decoder."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sentencepiece import SentencePieceProcessor

from shared.errors import InvalidInputError
from shared.phonology.ipa import read_phones

MAX_TEXT_TOKENS = 256  # 20 s of fast speech have about 80 words
# Symbols of three letters that are no language. `<unk>` is one: any that the model was not trained on.
NOT_LANGUAGES = frozenset({"asr", "sos", "eos", "sop"})
# In a text these would be read as the model's own symbols.
SYMBOL_MARKS = str.maketrans("<>/", "   ")


class TokenInventory:
    """The tokens of a checkpoint.

    `labels` are its phones, with "" for every token that is no phone, and `columns` [tokens] the label of each token.
    `time_tokens` are the tokens of timestamps.
    """

    def __init__(
        self, token_list: Sequence[str], bpe: SentencePieceProcessor, conf: Mapping[str, Any], *, sos: int, sop: int
    ) -> None:
        """Takes ESPnet's token list, BPE model and `preprocessor_conf`, and the tokens that start phones and text."""
        self._bpe = bpe
        self._sos, self._sop = sos, sop
        self._ids = {token: index for index, token in enumerate(token_list)}
        self._no_timestamps = self._ids[conf["notime_symbol"]]
        self.time_tokens = slice(self._ids[conf["first_time_symbol"]], self._ids[conf["last_time_symbol"]] + 1)

        self._phones = [phone_of(token) for token in token_list]
        self.labels = ("", *dict.fromkeys(phone for phone in self._phones if phone))
        column_of = {label: column for column, label in enumerate(self.labels)}
        self.columns = [column_of[phone] for phone in self._phones]

        codes = [token[1:-1] for token in token_list if len(token) == 5 and token[0] + token[-1] == "<>"]
        self.languages = sorted(code for code in codes if code.isalpha() and code not in NOT_LANGUAGES)

    def phones_of(self, tokens: Sequence[int]) -> list[str]:
        """Returns the phones among tokens. Special symbols, `▁` and pieces of words are no phones."""
        return [self._phones[token] for token in tokens if self._phones[token]]

    def prompt(self, task: Literal["<pr>", "<g2p>"], language: str, text: str | None = None) -> list[int]:
        """Returns the tokens that the decoder continues: the text, if any, the language, the task, and no timestamps.

        Raises InvalidInputError for a language that the checkpoint has no symbol for, and for a text that has no word
        or more than `MAX_TEXT_TOKENS`.
        """
        if language not in self.languages:
            examples = ", ".join(self.languages[:10])
            raise InvalidInputError(
                f"the language {language!r} is not known; send an ISO 639-3 code: {examples} or others"
            )
        start = [self._sos, self._ids[f"<{language}>"], self._ids[task], self._no_timestamps]
        if text is None:
            return start
        if not any(letter.isalnum() for letter in text):
            raise InvalidInputError("the text has no word")
        pieces = self._bpe.encode(text.translate(SYMBOL_MARKS), out_type=str)
        if len(pieces) > MAX_TEXT_TOKENS:
            raise InvalidInputError("the text is longer than 20 s of speech; split it, and the recording with it")
        return [self._sop, *(self._ids.get(piece, self._ids["<unk>"]) for piece in pieces), *start]


def phone_of(token: str) -> str:
    """Returns the phone of a token, or "" where the token is no phone.

    >>> phone_of("▁/tʰ/"), phone_of("▁the")
    ('tʰ', '')
    """
    inside = token.removeprefix("▁")
    if len(inside) < 3 or inside[0] + inside[-1] != "//":
        return ""
    try:
        [phone] = read_phones(inside)
    except (InvalidInputError, ValueError):  # a letter that `read_phones` does not know, such as a click's
        phone = unicodedata.normalize("NFD", inside[1:-1]).strip()
    return phone
