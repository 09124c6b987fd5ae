"""Trains the phone head of the embedded engine: `make train-embedded LEARNERS=… NATIVE=… OUTPUT=…`.

Begins with the weights of a head, by default the engine's own, on the recordings of `recordings.py`. With `MARKS=…`,
files of experts' marks, trains on what learners pronounced, and writes the mean of the weights before and after.
"""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import ctc_loss, gelu, pad

from shared.phonology.arpabet import ARPABET
from shared.phonology.ipa import parse_ipa
from shared.recognizers.embedded.encoder import ENCODER_STRIDE
from shared.recognizers.embedded.recognizer import HEAD
from tests.training.recordings import FEATURES, PHONES, Recording, all_recordings, marked_recordings

CHANNELS, KERNEL, BLOCKS, UPSAMPLING, DROPOUT = 192, 5, 2, 2, 0.2
EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY, MAX_GRADIENT = 2, 24, 5e-4, 0.01, 5.0
LINEAR_LAYERS = (
    *("enter", *(f"before.{block}.linear" for block in range(BLOCKS)), "upsample"),
    *(*(f"after.{block}.linear" for block in range(BLOCKS)), "leave"),
)
MAX_PROBABILITY = 1 - 1e-4  # of a phone, beside which another one still has a logarithm
MASKS, MAX_MASK, FRAMES_MULTIPLE = 2, 6, 32
# Without AVX-512 bfloat16 is emulated: on such a CPU torch 2.10 takes six to nine times as long with it.
HAS_BFLOAT16 = torch.backends.cpu.get_cpu_capability().startswith("AVX512")
# Weight of the entropy of the posteriors, a phone: Liu, Jin & Zhang (2018), "Connectionist temporal classification with
# maximum entropy regularization". Without it the head is too sure of learners' phones; with 0.25 it learns little.
ENTROPY_WEIGHT = 0.1


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
    parser.add_argument("--marks", type=Path, nargs="*", help="files of experts' marks: train on what was pronounced")
    parser.add_argument("--start", type=Path, default=HEAD, help="the head whose weights training begins with")
    parser.add_argument("--output", type=Path, required=True, help="the file to write")
    arguments = parser.parse_args()
    random.seed(0)
    torch.manual_seed(0)
    torch.set_flush_denormal(True)  # else epochs grow slower and slower on a CPU
    folders = arguments.learners, arguments.native
    found = marked_recordings(*folders, arguments.marks) if arguments.marks else all_recordings(*folders)
    head = train(read_head(arguments.start), [recording for recording in found if len(recording.features)])
    export(mean_head(read_head(arguments.start), head) if arguments.marks else head, arguments.output)


def mean_head(first: Head, second: Head) -> Head:
    """Returns the head with the mean weights of two.

    Wortsman et al. (2022), "Robust fine-tuning of zero-shot models": it keeps more of what the marked speech lacks.
    """
    result, weights = Head(), second.state_dict()
    result.load_state_dict({name: (weight + weights[name]) / 2 for name, weight in first.state_dict().items()})
    return result.eval()


def read_head(file: Path) -> Head:
    """Returns a head with the weights of a file that `export` wrote.

    torch's exporter gives the weights of linear layers names of its own, in the order in which they are applied.
    """
    import onnx  # only files need it
    from onnx import numpy_helper

    arrays = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in onnx.load(str(file)).graph.initializer}
    unnamed = (array.T for name, array in arrays.items() if name.startswith("onnx::"))
    named = {name: array for name, array in arrays.items() if not name.startswith("onnx::")}
    head = Head()
    head.load_state_dict(named | {f"{layer}.weight": w for layer, w in zip(LINEAR_LAYERS, unnamed, strict=True)})
    return head


def train(head: Head, recordings: Sequence[Recording]) -> Head:
    """Trains a head with CTC (Graves et al. 2006) and its entropy, on batches of recordings of like length."""
    ordered = sorted((r for r in recordings if _fits(r)), key=lambda recording: len(recording.features))
    batches = [ordered[first : first + BATCH] for first in range(0, len(ordered), BATCH)]
    optimizer = torch.optim.AdamW(head.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=EPOCHS * len(batches))
    for epoch in range(EPOCHS):
        random.shuffle(batches)
        losses = []
        for batch in batches:
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=HAS_BFLOAT16):
                log_probs = head(masked(batch))
            frames = torch.tensor([UPSAMPLING * len(recording.features) for recording in batch])
            loss = star_ctc_loss(log_probs, frames, [recording.phones for recording in batch])
            loss -= ENTROPY_WEIGHT * entropy(log_probs, frames) / sum(len(recording.phones) for recording in batch)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call] # as torch 2.10 has it
            nn.utils.clip_grad_norm_(head.parameters(), MAX_GRADIENT)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {np.mean(losses):.3f}", flush=True)
    return head.eval()


def star_ctc_loss(log_probs: Tensor, frames: Tensor, phones: Sequence[Sequence[int]]) -> Tensor:
    """Returns the mean CTC loss a phone of log-probabilities [batch, frames, phones + 1].

    A phone may be `ANOTHER` than a certain one: in its frames stands what is not that one, the blank, too (Pratap et
    al. 2022, "Star Temporal Classification").
    """
    others = torch.log1p(-log_probs[..., 1:].exp().clamp(max=MAX_PROBABILITY))
    with_others = torch.cat([log_probs, others], dim=-1)
    lengths = torch.tensor([len(columns) for columns in phones])
    columns = torch.tensor([column for row in phones for column in row])
    losses = ctc_loss(with_others.transpose(0, 1), columns, frames, lengths, reduction="none", zero_infinity=True)
    # torch's gradient is one of probabilities that sum to 1: it has these too much, which others' do not make up for.
    extra = (with_others.exp().sum(-1) * in_recording(log_probs, frames)).sum(-1) * (losses > 0)
    return ((losses - extra + extra.detach()) / lengths).mean()


def in_recording(log_probs: Tensor, frames: Tensor) -> Tensor:
    """Returns which frames [batch, frames] of a batch each recording has."""
    return torch.arange(log_probs.shape[1]) < frames[:, None]


def entropy(log_probs: Tensor, frames: Tensor) -> Tensor:
    """Returns the entropy of log-probabilities [batch, frames, phones + 1], over the frames that each recording has."""
    result: Tensor = -((log_probs.exp() * log_probs).sum(-1) * in_recording(log_probs, frames)).sum()
    return result


def _fits(recording: Recording) -> bool:
    """Returns whether a CTC path through a recording exists."""
    repeats = sum(a == b for a, b in zip(recording.phones, recording.phones[1:], strict=False))
    return UPSAMPLING * len(recording.features) > len(recording.phones) + repeats > 0


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
    labels = " ".join("".join(parse_ipa(ARPABET[name])) for name in PHONES)
    onnx.helper.set_model_props(model, {"labels": labels, "frame_stride": str(ENCODER_STRIDE // UPSAMPLING)})
    onnx.save(model, str(file))


if __name__ == "__main__":
    main()
