"""The prompts of POWSM's decoder."""

from collections.abc import Mapping
from typing import Any, Literal

from sentencepiece import SentencePieceProcessor

from shared.errors import InvalidInputError
from shared.recognizers.powsm.tokens import TokenInventory

MAX_TEXT_TOKENS = 256  # 20 s of fast speech have about 80 words
# In a text these would be read as the model's own symbols.
SYMBOL_MARKS = str.maketrans("<>/", "   ")


class PromptWriter:
    """Writes what the decoder continues. `time_tokens` are the tokens of timestamps, which no prompt asks for."""

    def __init__(
        self, tokens: TokenInventory, bpe: SentencePieceProcessor, conf: Mapping[str, Any], *, sos: int, sop: int
    ) -> None:
        """Takes the vocabulary, its BPE model, `preprocessor_conf`, and the tokens that start phones and text."""
        self._tokens, self._bpe = tokens, bpe
        self._sos, self._sop = sos, sop
        self._no_timestamps = tokens.ids[conf["notime_symbol"]]
        self.time_tokens = slice(tokens.ids[conf["first_time_symbol"]], tokens.ids[conf["last_time_symbol"]] + 1)

    def prompt(self, task: Literal["<pr>", "<g2p>"], language: str, text: str | None = None) -> list[int]:
        """Returns the tokens that the decoder continues: the text, if any, the language, the task, and no timestamps.

        Raises InvalidInputError for a language that the checkpoint has no symbol for, and for a text that has no word
        or more than `MAX_TEXT_TOKENS`.
        """
        start = [self._sos, self._tokens.language(language), self._tokens.ids[task], self._no_timestamps]
        if text is None:
            return start
        if not any(letter.isalnum() for letter in text):
            raise InvalidInputError("the text has no word; send the text of the recording")
        pieces = self._bpe.encode(text.translate(SYMBOL_MARKS), out_type=str)
        if len(pieces) > MAX_TEXT_TOKENS:
            raise InvalidInputError("the text is longer than 20 s of speech; split it, and the recording with it")
        unknown = self._tokens.ids["<unk>"]
        return [self._sop, *(self._tokens.ids.get(piece, unknown) for piece in pieces), *start]
