"""POWSM, the production recognizer (Li et al. 2025, arXiv 2510.24992), run by ESPnet's modules."""

from collections.abc import Sequence
from typing import Literal

import sentencepiece
import torch
from torch import Tensor

from shared.audio.samples import SAMPLE_RATE, Samples
from shared.ctc.posteriors import best_path
from shared.errors import InvalidInputError
from shared.phonology.languages import ENGLISH
from shared.recognizers.base import Transcription
from shared.recognizers.powsm.checkpoint import Checkpoint
from shared.recognizers.powsm.decoding import GreedyDecoder
from shared.recognizers.powsm.evidence import supported_phones
from shared.recognizers.powsm.model import Device
from shared.recognizers.powsm.network import PowsmNetwork

# Pieces of a long recording that go through the model together.
BATCH_SIZE = 8

MAX_TEXT_TOKENS = 256  # 20 s of fast speech have about 80 words
# In a text these would be read as the model's own symbols.
SYMBOL_MARKS = str.maketrans("<>/", "   ")


class PowsmRecognizer(PowsmNetwork):
    """Transcribes recordings, and writes the phones of a text as a recording pronounces it."""

    name = "powsm"

    def __init__(
        self,
        checkpoint: Checkpoint,
        device: Device = "auto",
        decoding: Literal["ctc", "attention"] = "ctc",
        window_seconds: float | None = None,
    ) -> None:
        """Loads a checkpoint with a decoder. Raises ModelUnavailableError.

        `transcribe` reads the CTC head: one pass of the encoder, in which each phone has its frames. `attention` is
        for comparison only: the decoder repeats itself on the padding of a short recording, and rewrites learners'
        speech towards native patterns (a `t` for `θ` is written `θ`).
        """
        super().__init__(checkpoint, device, window_seconds)
        self._bpe = sentencepiece.SentencePieceProcessor(model_file=str(checkpoint.bpe_model))
        conf, ids = checkpoint.config["preprocessor_conf"], self.tokens.ids
        self._no_timestamps = ids[conf["notime_symbol"]]
        self.time_tokens = slice(ids[conf["first_time_symbol"]], ids[conf["last_time_symbol"]] + 1)  # never asked for
        self.decode = GreedyDecoder(self.network.decoder, self.network.eos, suppress_tokens=self.time_tokens)
        self._decoding = decoding

    def transcribe(self, audio: Samples, language: str = ENGLISH) -> Transcription:
        """Returns the phones of float32 [samples], and the CTC head's posteriors of all of it.

        `language` is an ISO 639-3 code. A recording longer than the model's 20 s is cut at pauses. Raises
        InvalidInputError for a language that the checkpoint has no symbol for.
        """
        prompt = self.prompt("<pr>", language)
        pieces = self.framing.split(audio)
        phones: list[str] = []
        log_probs: list[Tensor] = []
        for first in range(0, len(pieces), BATCH_SIZE):
            batch = pieces[first : first + BATCH_SIZE]
            encoded = self.encode(batch)
            emitted = list(map(self._log_probs, encoded, batch))
            log_probs += emitted
            if self._decoding == "attention":
                phones += [phone for piece in self._write(encoded, emitted, prompt) for phone in piece]
        posteriors = self._posteriors(torch.cat(log_probs))
        return Transcription(phones if self._decoding == "attention" else best_path(posteriors), posteriors)

    def g2p(self, text: str, audio: Samples, language: str = ENGLISH) -> list[str]:
        """Returns the phones of a text as float32 [samples] pronounce it, without word boundaries; they may be none.

        The decoder writes them; those that the CTC head has no evidence for are cut.
        Raises InvalidInputError for a text without a letter or a digit, for a language that the checkpoint has no
        symbol for, and for a recording longer than the model's 20 s: the words in each piece of it are not known.
        """
        prompt = self.prompt("<g2p>", language, text)
        if not self.framing.is_one_piece(audio):
            seconds = self.framing.max_samples / SAMPLE_RATE
            raise InvalidInputError(f"the recording is longer than {seconds:g} s; split it, and the text with it")
        encoded = self.encode([audio])
        [phones] = self._write(encoded, [self._log_probs(encoded[0], audio)], prompt)
        return phones

    def prompt(self, task: Literal["<pr>", "<g2p>"], language: str, text: str | None = None) -> list[int]:
        """Returns the tokens that the decoder continues: the text, if any, the language, the task, and no timestamps.

        Raises InvalidInputError for a language that the checkpoint has no symbol for, and for a text that has no word
        or more than `MAX_TEXT_TOKENS`.
        """
        ids = self.tokens.ids
        start = [self.network.sos, self.tokens.language(language), ids[task], self._no_timestamps]
        if text is None:
            return start
        if not any(letter.isalnum() for letter in text):
            raise InvalidInputError("the text has no word; send the text of the recording")
        pieces = self._bpe.encode(text.translate(SYMBOL_MARKS), out_type=str)
        if len(pieces) > MAX_TEXT_TOKENS:
            raise InvalidInputError("the text is longer than 20 s of speech; split it, and the recording with it")
        return [self.network.sop, *(ids.get(piece, ids["<unk>"]) for piece in pieces), *start]

    @torch.inference_mode()
    def encode(self, pieces: Sequence[Samples]) -> Tensor:
        """Returns the encoder's output [pieces, frames, size] of pieces, each float32 [samples]."""
        encoded: Tensor = self.network.encoder(*self._features(pieces))[0]
        return encoded

    def _log_probs(self, encoded: Tensor, piece: Samples) -> Tensor:
        """Returns the log-probabilities [frames, labels] of a piece, encoded [padded frames, size]."""
        return self._ctc_head(encoded, self.framing.num_frames(len(piece)))

    def _write(self, encoded: Tensor, log_probs: Sequence[Tensor], prompt: Sequence[int]) -> list[list[str]]:
        """Returns the phones that the decoder writes after a prompt and the CTC head supports, for each piece.

        Takes `encoded` [pieces, padded frames, size], and for each piece its CTC log-probabilities [frames, labels].
        """
        # The head can support no more than a phone a frame, 25 a second; fast speech has 15.
        written = self.decode(encoded, prompt, max_tokens=max(map(len, log_probs)))
        return [
            supported_phones(self.tokens.phones_of(tokens), self._posteriors(emitted))
            for tokens, emitted in zip(written, log_probs, strict=True)
        ]
