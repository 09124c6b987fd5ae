"""Trains the phone head of the embedded engine: `make train-embedded LEARNERS=… NATIVE=… OUTPUT=…`.

Learners' and a native speaker's recordings with the phones of their texts, and flite's voices with the phones that
flite synthesizes, some of them changed. Needs Debian's packages `flite` and `fortunes`.
"""

import argparse
import csv
import functools
import random
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soxr
import torch
from torch import Tensor, nn
from torch.nn.functional import ctc_loss, gelu, pad

from shared.audio import SAMPLE_RATE, Samples, load_audio
from shared.errors import NoSpeechError
from shared.phonology.arpabet import ARPABET
from shared.phonology.dictionary import Dictionary
from shared.phonology.ipa import read_phones
from shared.recognizers.embedded.encoder import ENCODER_STRIDE, Encoder, Features
from shared.vad import find_speech

PHONES = [name for name in ARPABET if name not in ("AX", "DX", "IX")]
COLUMNS = {name: column for column, name in enumerate(PHONES, start=1)}
VOWELS = [name for name in PHONES if name[0] in "AEIOU"]
CONSONANTS = [name for name in PHONES if name not in VOWELS]

HELD_OUT_PROMPT = 5  # every fifth native prompt is for benchmarks alone
HELD_OUT_SPEAKERS = 0.12  # of the learners
LEARNERS_SPEEDS = (0.9, 1.1, 1.15, 1.2, 1.3)
NATIVE_SPEEDS = (1.0, 0.9, 1.1, 1.2)
NATIVE_COPIES = 2

FORTUNES = Path("/usr/share/games/fortunes")
FLITE_SENTENCES = 5_000
FLITE_VOICES = {"slt": 170, "rms": 100, "awb": 120, "kal16": 105}  # mean fundamental frequency, Hz
FLITE_NAMES = {"AX": "AH", "DX": "T", "AXR": "ER"}
FLITE_PAUSES = ("pau", "sil", "ssil")
SHARE_CHANGED = 0.3
DELETED, SUBSTITUTED, INSERTED = 0.04, 0.1, 0.02

FEATURES, CHANNELS, KERNEL, BLOCKS, UPSAMPLING, DROPOUT = 288, 192, 5, 2, 2, 0.2
EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY, MAX_GRADIENT = 4, 24, 2e-3, 0.01, 5.0
MASKS, MAX_MASK, FRAMES_MULTIPLE = 2, 6, 32
# Without AVX-512 bfloat16 is emulated: on such a CPU torch 2.10 takes six to nine times as long with it.
HAS_BFLOAT16 = torch.backends.cpu.get_cpu_capability().startswith("AVX512")
# Weight of the entropy of the posteriors, a phone: Liu, Jin & Zhang (2018), "Connectionist temporal classification with
# maximum entropy regularization". Without it the head is too sure of learners' phones; with 0.25 it learns little.
ENTROPY_WEIGHT = 0.1

SHARE_WIDER = 0.5  # of the recordings that are read with more than a worker's margin around the speech
MAX_WIDER = SAMPLE_RATE // 2  # samples more on each side


class Recording(NamedTuple):
    """Features [frames, 288] and the columns of the phones."""

    features: Features
    phones: list[int]


class Block(nn.Module):
    """A residual convolution over time, as a matrix product: faster on a CPU."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.linear = nn.LayerNorm(CHANNELS), nn.Linear(CHANNELS * KERNEL, CHANNELS)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, x: Tensor) -> Tensor:
        frames, padded = x.shape[1], pad(self.norm(x), (0, 0, KERNEL // 2, KERNEL // 2))
        windows = torch.cat([padded[:, shift : shift + frames] for shift in range(KERNEL)], dim=-1)
        result: Tensor = x + self.dropout(gelu(self.linear(windows)))
        return result


class Head(nn.Module):
    """Log-probabilities [batch, UPSAMPLING * frames, phones + 1] of features [batch, frames, 288]."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.enter = nn.LayerNorm(FEATURES), nn.Linear(FEATURES, CHANNELS)
        self.before, self.after = (nn.Sequential(*(Block() for _ in range(BLOCKS))) for _ in range(2))
        self.upsample = nn.Linear(CHANNELS, CHANNELS * UPSAMPLING)
        self.leave = nn.Linear(CHANNELS, len(PHONES) + 1)

    def forward(self, features: Tensor) -> Tensor:
        x = self.upsample(self.before(self.enter(self.norm(features))))
        x = x.reshape(x.shape[0], -1, CHANNELS)
        result: Tensor = self.leave(self.after(x)).float().log_softmax(-1)
        return result


def main() -> None:
    """Encodes the recordings, trains, and writes `head.onnx`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=Path, required=True, help="folder with `phones.tsv` and recordings")
    parser.add_argument("--native", type=Path, required=True, help="folder with `texts.tsv` and recordings")
    parser.add_argument("--output", type=Path, required=True, help="the file to write")
    arguments = parser.parse_args()
    random.seed(0)
    torch.manual_seed(0)
    torch.set_flush_denormal(True)  # else epochs grow slower and slower on a CPU
    encode = functools.partial(encode_speech, Encoder())
    recordings = [
        *learners(arguments.learners, encode),
        *(recording for _ in range(NATIVE_COPIES) for recording in native(arguments.native, encode)),
        *synthetic(encode),
    ]
    export(train(recordings), arguments.output)


def encode_speech(encoder: Encoder, audio: Samples) -> Features:
    """Returns the features of the speech in float32 [samples] as a worker crops it, or with more around it.

    There is no frame where nobody speaks.
    """
    try:
        speech = find_speech(audio)
    except NoSpeechError:
        return np.zeros((0, FEATURES), dtype=np.float32)
    if random.random() >= SHARE_WIDER:  # noqa: S311
        return encoder(speech.samples)
    before, after = random.randrange(MAX_WIDER), random.randrange(MAX_WIDER)  # noqa: S311
    return encoder(audio[max(0, speech.start - before) : speech.end + after])


def learners(folder: Path, encode: Callable[[Samples], Features]) -> Iterator[Recording]:
    """Yields each utterance of a learner twice: as it is, and at another speed with noise."""
    with (folder / "phones.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    speakers = sorted({row["speaker"] for row in rows})
    random.Random(7).shuffle(speakers)  # noqa: S311
    held_out = set(speakers[: int(len(speakers) * HELD_OUT_SPEAKERS)])
    for row in rows:
        if row["speaker"] not in held_out:
            names = re.sub(r"[0-9|]", " ", row["phones"]).split()
            audio = load_audio(str(folder / f"{row['utterance']}.opus"))
            phones = [COLUMNS[FLITE_NAMES.get(name, name)] for name in names]
            yield Recording(encode(audio), phones)
            yield Recording(encode(with_noise(at_speed(audio, random.choice(LEARNERS_SPEEDS)))), phones)  # noqa: S311


def native(folder: Path, encode: Callable[[Samples], Features]) -> list[Recording]:
    """Returns the native prompts that are not held out, at several speeds."""
    dictionary = Dictionary()
    names = {"".join(read_phones(ipa)): name for name, ipa in ARPABET.items()} | {"ə": "AH", "ə˞": "ER"}
    rows = sorted(line.split("\t") for line in (folder / "texts.tsv").read_text(encoding="utf-8").splitlines())
    result = []
    for index, (file, text) in enumerate(rows):
        if index % HELD_OUT_PROMPT:
            phones = [phone for word in dictionary.pronounce(text) for phone in word.pronunciations[0]]
            audio = load_audio(str(folder / file))
            columns = [COLUMNS[names[phone]] for phone in joined(phones, names)]
            copies = [audio, *(with_noise(at_speed(audio, speed)) for speed in NATIVE_SPEEDS[1:])]
            result += [Recording(encode(copy), columns) for copy in copies]
    return result


def joined(phones: Sequence[str], known: dict[str, str]) -> list[str]:
    """Returns phones with the two of a diphthong as one: ``["o", "ʊ"]`` is ``["oʊ"]``."""
    result: list[str] = []
    for phone in phones:
        if result and result[-1] + phone in known:
            result[-1] += phone
        else:
            result.append(phone)
    return result


def synthetic(encode: Callable[[Samples], Features]) -> Iterator[Recording]:
    """Yields sentences in flite's voices, at several rates and pitches, some with phones changed."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        jobs = [(index, text, Path(folder)) for index, text in enumerate(sentences()[:FLITE_SENTENCES])]
        for audio, phones in pool.map(lambda job: synthesize(*job), jobs):
            yield Recording(encode(with_noise(audio)), phones)


def sentences() -> list[str]:
    """Returns the English sentences of `FORTUNES`, in a fixed order."""
    found = set()
    for file in sorted(FORTUNES.iterdir()):
        if not file.suffix and not file.is_symlink():
            for text in file.read_text(errors="ignore").split("\n%\n"):
                parts = re.split(r"(?<=[.!?])\s", re.sub(r"\s+", " ", text.partition("--")[0]))
                found |= {part.strip() for part in parts if re.fullmatch(r"[A-Za-z' ,.!?-]{18,80}", part)}
    result = sorted(found)
    random.Random(0).shuffle(result)  # noqa: S311
    return result


def synthesize(index: int, text: str, folder: Path) -> tuple[Samples, list[int]]:
    """Returns a sentence as one of flite's voices says it, and the columns of the phones that it synthesized."""
    chance = random.Random(index)  # noqa: S311
    voice, file = chance.choice(list(FLITE_VOICES)), folder / f"{index}.wav"
    pitch = FLITE_VOICES[voice] * chance.uniform(0.8, 1.25)
    command = ["flite", "-voice", voice, "-ps", "-o", str(file), "--setf", f"int_f0_target_mean={pitch:.0f}"]
    command += ["--setf", f"duration_stretch={chance.uniform(0.75, 1.15):.2f}"]
    phones = spoken([*command, "-t", text])
    if chance.random() < SHARE_CHANGED:
        phones = spoken([*command, "-p", " ".join(changed(phones, chance))])
    audio = load_audio(str(file))
    file.unlink()
    return audio, [COLUMNS[FLITE_NAMES.get(name.upper(), name.upper())] for name in phones]


def spoken(command: list[str]) -> list[str]:
    """Returns the phones that flite prints."""
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()  # noqa: S603
    return [name for name in printed if name not in FLITE_PAUSES]


def changed(phones: Sequence[str], chance: random.Random) -> Iterator[str]:
    """Yields phones, some deleted, substituted by one of their class, or followed by another."""
    for phone in phones:
        draw = chance.random()
        if draw >= DELETED:
            alike = VOWELS if FLITE_NAMES.get(phone.upper(), phone.upper()) in VOWELS else CONSONANTS
            yield chance.choice(alike).lower() if draw < DELETED + SUBSTITUTED else phone
            if draw > 1 - INSERTED:
                yield chance.choice(PHONES).lower()


def at_speed(audio: Samples, speed: float) -> Samples:
    """Returns float32 [samples] played faster."""
    result: Samples = soxr.resample(audio, SAMPLE_RATE * speed, SAMPLE_RATE, quality="HQ")
    return result


def with_noise(audio: Samples) -> Samples:
    """Returns float32 [samples], half of the time with white noise 12 to 40 dB below."""
    if random.random() < 0.5:  # noqa: S311
        return audio
    noise = np.random.default_rng(random.getrandbits(32)).standard_normal(len(audio))
    level = np.sqrt(np.square(audio).mean()) * 10 ** (-random.uniform(12, 40) / 20)  # noqa: S311
    noisy: Samples = (audio + level * noise).astype(np.float32)
    return noisy


def train(recordings: Sequence[Recording]) -> Head:
    """Returns a head trained with CTC (Graves et al. 2006) and its entropy, on batches of recordings of like length."""
    ordered = sorted((r for r in recordings if _fits(r)), key=lambda recording: len(recording.features))
    batches = [ordered[first : first + BATCH] for first in range(0, len(ordered), BATCH)]
    head = Head()
    optimizer = torch.optim.AdamW(head.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=EPOCHS * len(batches))
    for epoch in range(EPOCHS):
        random.shuffle(batches)
        losses = []
        for batch in batches:
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=HAS_BFLOAT16):
                log_probs = head(masked(batch))
            frames = torch.tensor([UPSAMPLING * len(recording.features) for recording in batch])
            phones = torch.tensor([phone for recording in batch for phone in recording.phones])
            lengths = torch.tensor([len(recording.phones) for recording in batch])
            loss = ctc_loss(log_probs.transpose(0, 1), phones, frames, lengths, zero_infinity=True)
            loss -= ENTROPY_WEIGHT * entropy(log_probs, frames) / lengths.sum()
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call] # as torch 2.10 has it
            nn.utils.clip_grad_norm_(head.parameters(), MAX_GRADIENT)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {np.mean(losses):.3f}", flush=True)
    return head.eval()


def entropy(log_probs: Tensor, frames: Tensor) -> Tensor:
    """Returns the entropy of log-probabilities [batch, frames, phones + 1], over the frames that each recording has."""
    in_recording = torch.arange(log_probs.shape[1]) < frames[:, None]
    result: Tensor = -((log_probs.exp() * log_probs).sum(-1) * in_recording).sum()
    return result


def _fits(recording: Recording) -> bool:
    """Returns whether a CTC path through a recording exists."""
    repeats = sum(a == b for a, b in zip(recording.phones, recording.phones[1:], strict=False))
    return UPSAMPLING * len(recording.features) > len(recording.phones) + repeats


def masked(batch: Sequence[Recording]) -> Tensor:
    """Returns features [batch, frames, 288], padded, with stretches of frames set to 0."""
    longest = max(len(recording.features) for recording in batch)
    x = torch.zeros(len(batch), -(-longest // FRAMES_MULTIPLE) * FRAMES_MULTIPLE, FEATURES)
    for row, recording in zip(x, batch, strict=True):
        row[: len(recording.features)] = torch.from_numpy(recording.features)
        for _ in range(MASKS):
            start = random.randrange(len(recording.features))  # noqa: S311
            row[start : start + random.randrange(MAX_MASK)] = 0  # noqa: S311
    return x


def export(head: Head, file: Path) -> None:
    """Writes a head as ONNX, its labels in IPA and its frame stride in the metadata."""
    import onnx  # only the export needs it

    axes = {"features": {1: "frames"}, "log_probs": {1: "output_frames"}}
    example = torch.zeros(1, 50, FEATURES)
    torch.onnx.export(
        head,
        (example,),
        str(file),
        input_names=["features"],
        output_names=["log_probs"],
        dynamic_axes=axes,
        dynamo=False,
    )
    model = onnx.load(str(file))
    labels = " ".join("".join(read_phones(ARPABET[name])) for name in PHONES)
    onnx.helper.set_model_props(model, {"labels": labels, "frame_stride": str(ENCODER_STRIDE // UPSAMPLING)})
    onnx.save(model, str(file))


if __name__ == "__main__":
    main()
