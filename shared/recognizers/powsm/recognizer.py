"""POWSM, the production recogniser (Li et al. 2025, arXiv 2510.24992), run by ESPnet's modules."""

import functools
import unicodedata
from collections.abc import Sequence
from itertools import groupby
from typing import Literal

import numpy as np
import sentencepiece
import torch
from torch import Tensor
from torch.nn.functional import pad

from shared.audio import Samples
from shared.errors import InvalidInputError
from shared.phonology.ipa import read_phones
from shared.recognizers.base import ENGLISH, Posteriors, Transcription
from shared.recognizers.powsm.checkpoint import find_checkpoint
from shared.recognizers.powsm.decoding import GreedyDecoder
from shared.recognizers.powsm.model import load_model

# Tokens written for each frame of the encoder, at most: the recipe's decoding configuration has it so.
MAX_LENGTH_RATIO = 0.4
# Tokens of a text, at most: 20 s of fast speech have about 80 words.
MAX_TEXT_TOKENS = 256
# Pieces of a long recording that go through the model together.
BATCH = 8
# A long recording is cut in the middle of the quietest stretch of so many seconds.
PAUSE_SECONDS = 0.2
# Symbols of three letters that are no languages. `<unk>` is one: any that the model has not seen.
NO_LANGUAGES = frozenset({"asr", "sos", "eos", "sop"})
# What the model would read in a text as its own symbols.
SYMBOL_MARKS = str.maketrans("<>/", "   ")
# The probability that stands for 0, so that its logarithm is a number.
TINY = torch.finfo(torch.float32).tiny


class PowsmRecognizer:
    """Transcribes recordings, and writes the phones of a text as a recording pronounces it, with one loaded model."""

    name = "powsm"

    def __init__(
        self,
        model: str,
        device: Literal["auto", "cpu", "cuda"] = "auto",
        decoding: Literal["attention", "ctc"] = "attention",
    ) -> None:
        """Loads the checkpoint in a folder or of a Hugging Face id. Raises ModelUnavailableError.

        `transcribe` lets the decoder write the phones or, faster and less exact, reads them off the CTC head.
        """
        checkpoint = find_checkpoint(model)
        where = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)
        self._model = load_model(checkpoint, where)
        self._decoding = decoding
        self._bpe = sentencepiece.SentencePieceProcessor(model_file=str(checkpoint.bpe_model))

        self._ids = {token: index for index, token in enumerate(self._model.token_list)}
        self._phones = [phone_of(token) for token in self._model.token_list]
        self._labels = ("", *dict.fromkeys(phone for phone in self._phones if phone))
        columns = {label: column for column, label in enumerate(self._labels)}
        self._columns = torch.tensor([columns[phone] for phone in self._phones], device=where)

        conf = checkpoint.config["preprocessor_conf"]
        self._rate = conf["fs"]
        self._stride = round(conf["speech_resolution"] * self._rate)
        self._longest = round(conf["speech_length"] * self._rate)
        self._no_times = self._ids[conf["notime_symbol"]]
        times = slice(self._ids[conf["first_time_symbol"]], self._ids[conf["last_time_symbol"]] + 1)
        self._decode = GreedyDecoder(self._model.decoder, end=self._model.eos, never=times)

    def transcribe(self, audio: Samples, language: str = ENGLISH) -> Transcription:
        """Returns the phones heard in float32 [samples], and the CTC head's posteriors over all of it.

        `language` is an ISO 639-3 code. A recording longer than the model's 20 s is cut at pauses. Raises
        InvalidInputError for a language that the checkpoint has no symbol for.
        """
        prompt = self._prompt("<pr>", language)
        pause = round(PAUSE_SECONDS * self._rate / self._stride)
        pieces = cut_at_pauses(audio, self._longest, self._stride, pause)
        phones: list[str] = []
        log_probs: list[Tensor] = []
        for first in range(0, len(pieces), BATCH):
            batch = pieces[first : first + BATCH]
            encoded = self._encode(batch)
            log_probs += map(self._log_probs, encoded, map(len, batch))
            if self._decoding == "attention":
                phones += [phone for tokens in self._write(encoded, prompt) for phone in tokens]
        posteriors = Posteriors(torch.cat(log_probs).cpu().numpy(), self._labels, self._stride)
        return Transcription(phones if self._decoding == "attention" else best_path(posteriors), posteriors)

    def g2p(self, text: str, audio: Samples, language: str = ENGLISH) -> list[str]:
        """Returns the phones of a text as float32 [samples] pronounce it, without word boundaries; they may be none.

        Raises InvalidInputError for a text without a letter or a digit, for a language that the checkpoint has no
        symbol for, and for a recording longer than the model's 20 s: the words in each piece of it are not known.
        """
        prompt = self._prompt("<g2p>", language, text)
        if len(audio) >= self._longest + self._stride:
            seconds = self._longest // self._rate
            raise InvalidInputError(f"the recording is longer than {seconds} s; split it, and the text with it")
        [phones] = self._write(self._encode([audio]), prompt)
        return phones

    @torch.inference_mode()
    def _encode(self, pieces: Sequence[Samples]) -> Tensor:
        """Returns the encoder's output [pieces, frames, size], each piece padded with silence as in training."""
        padded = np.zeros((len(pieces), self._longest), dtype=np.float32)
        for row, piece in zip(padded, pieces, strict=True):
            row[: len(piece)] = piece[: self._longest]
        speech = torch.from_numpy(padded).to(self._columns.device)
        lengths = torch.full((len(pieces),), self._longest, device=speech.device)
        features, lengths = self._model.frontend(speech, lengths)
        features, lengths = self._model.normalize(features, lengths)
        weights = self._model.ctc.ctc_lo.weight
        encoded: Tensor = self._model.encoder(features.to(weights.dtype), lengths)[0]
        return encoded

    @torch.inference_mode()
    def _log_probs(self, encoded: Tensor, samples: int) -> Tensor:
        """Returns the phones' log-posteriors [frames, labels] in the frames [frames, size] of so many samples.

        The encoder's convolutions lose the last frame of 20 s: it has no phone.
        """
        frames = -(-samples // self._stride)
        log_probs = self._model.ctc.log_softmax(encoded[None, :frames])[0].float()
        probs = log_probs.new_zeros(len(log_probs), len(self._labels))
        probs.index_add_(1, self._columns, log_probs.exp())
        probs = pad(probs, (0, 0, 0, frames - len(probs)))
        probs[len(log_probs) :, 0] = 1
        return probs.clamp(min=TINY).log()

    def _write(self, encoded: Tensor, prompt: Sequence[int]) -> list[list[str]]:
        """Returns the phones that the decoder writes after a prompt, for each of `encoded` [pieces, frames, size]."""
        written = self._decode(encoded, prompt, max(1, int(MAX_LENGTH_RATIO * encoded.shape[1])))
        return [self._phones_of(tokens) for tokens in written]

    def _phones_of(self, tokens: Sequence[int]) -> list[str]:
        """Returns the phones among tokens; special symbols, `▁` and pieces of words are none."""
        return [self._phones[token] for token in tokens if self._phones[token]]

    def _prompt(self, task: str, language: str, text: str | None = None) -> list[int]:
        """Returns the tokens that the decoder starts from: a text, if any, then language and task, and no times."""
        if language not in self._languages:
            known = ", ".join(self._languages[:10])
            raise InvalidInputError(f"no language {language!r} (ISO 639-3) is known; {known} and others are")
        start = [self._model.sos, self._ids[f"<{language}>"], self._ids[task], self._no_times]
        if text is None:
            return start
        if not any(letter.isalnum() for letter in text):
            raise InvalidInputError("the text has no word")
        pieces = self._bpe.encode(text.translate(SYMBOL_MARKS), out_type=str)
        if len(pieces) > MAX_TEXT_TOKENS:
            raise InvalidInputError("the text is longer than 20 s of speech; split it, and the recording with it")
        return [self._model.sop, *(self._ids.get(piece, self._ids["<unk>"]) for piece in pieces), *start]

    @functools.cached_property
    def _languages(self) -> list[str]:
        codes = [token[1:-1] for token in self._ids if len(token) == 5 and token[0] + token[-1] == "<>"]
        return sorted(code for code in codes if code.isalpha() and code not in NO_LANGUAGES)


def phone_of(token: str) -> str:
    """Returns the phone that a token of POWSM's vocabulary stands for (`/tʰ/`), or "" where it stands for none."""
    inside = token.removeprefix("▁")
    if len(inside) < 3 or inside[0] + inside[-1] != "//":
        return ""
    try:
        [phone] = read_phones(inside)
    except (InvalidInputError, ValueError):
        # a letter for a sound that English does not have, a click say: kept as it is
        phone = unicodedata.normalize("NFD", inside[1:-1]).strip()
    return phone


def best_path(posteriors: Posteriors) -> list[str]:
    """Returns the phones of the likeliest labels frame by frame, runs of one label being one phone (CTC)."""
    return [posteriors.labels[column] for column, _ in groupby(posteriors.log_probs.argmax(axis=1)) if column]


def cut_at_pauses(audio: Samples, longest: int, stride: int, pause: int) -> list[Samples]:
    """Returns float32 [samples] in pieces, in order, of at most `longest` samples and less than a frame more.

    Every cut is between frames of `stride` samples, in the middle of the `pause` frames with the least energy in
    the second half of the longest piece possible; among equals, of the last.
    """
    pieces = []
    while len(audio) >= longest + stride:
        start = longest // stride // 2
        frames = audio[start * stride : longest // stride * stride].reshape(-1, stride)
        energy = np.convolve(np.square(frames).mean(axis=1), np.ones(pause), mode="valid")
        quietest = len(energy) - 1 - int(energy[::-1].argmin())
        cut = (start + quietest + pause // 2) * stride
        pieces.append(audio[:cut])
        audio = audio[cut:]
    return [*pieces, audio]
