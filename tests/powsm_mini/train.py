"""Trains the checkpoint in this folder: POWSM's architecture, small, overfitted on the clips in `tests/data`.

    python -m tests.powsm_mini.train

It transcribes the clips, from the sound alone and with the text as a prompt, and is of no other use.
"""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import sentencepiece
import soundfile
import torch
from espnet2.s2t.espnet_model import ESPnetS2TModel
from espnet2.train.abs_espnet_model import AbsESPnetModel
from torch import Tensor
from torch.nn.functional import cross_entropy, ctc_loss

from shared.phonology.ipa import parse_ipa, write_powsm
from tests.support import powsm_checkpoints as checkpoints
from tests.support.data import CLIP_IPA, DATA, POWSM_MINI
from tests.support.powsm_checkpoints import SAMPLE_RATE, SECONDS

SIZES = {"size": 144, "heads": 4, "encoder_blocks": 4, "decoder_blocks": 2}
STEPS, WARM_UP, LEARNING_RATE, LARGEST_GRADIENT = 300, 50, 1e-3, 5.0
CTC_WEIGHT = 0.3
LARGEST_SHIFT = 0.2  # seconds of silence before a clip
FRAME = 640  # samples
BLANK, UNKNOWN, IGNORED = 0, 1, -1


def main() -> None:
    """Trains, and writes the checkpoint."""
    clips, texts, phones = start_anew(POWSM_MINI)
    config = checkpoints.configuration(checkpoints.train_bpe(POWSM_MINI, texts), **SIZES, dropout=0.0)
    checkpoints.write_statistics(POWSM_MINI, torch.stack([padded(clip, 0) for clip in clips]))
    model = checkpoints.new_model(POWSM_MINI, config)
    bpe = sentencepiece.SentencePieceProcessor(model_file=str(POWSM_MINI / checkpoints.BPE_MODEL))
    train(model, clips, *examples(model.token_list, bpe, texts, phones))
    checkpoints.write_checkpoint(POWSM_MINI, config, halved(model))


def start_anew(folder: Path) -> tuple[list[np.ndarray], list[str], list[list[str]]]:
    """Seeds chance and removes a folder's checkpoint. Returns the clips' samples, texts and phones."""
    torch.manual_seed(0)
    random.seed(0)
    for written in ("data", "exp"):
        shutil.rmtree(folder / written, ignore_errors=True)
    names = sorted(CLIP_IPA)
    return (
        [soundfile.read(DATA / f"{name}.wav", dtype="float32")[0] for name in names],
        [(DATA / f"{name}.txt").read_text(encoding="utf-8").strip() for name in names],
        [parse_ipa(CLIP_IPA[name]) for name in names],
    )


def halved(model: AbsESPnetModel) -> dict[str, Tensor]:
    """Returns a model's weights in float16."""
    return {name: value.half() if value.is_floating_point() else value for name, value in model.state_dict().items()}


def padded(clip: np.ndarray, shift: int) -> Tensor:
    """Returns a clip, `shift` samples late, in 20 s of digital silence, which is what inference pads with.

    Noise would be wrong here: inference pads with digital silence, which the model would then not know.
    """
    speech = torch.zeros(SECONDS * SAMPLE_RATE)
    speech[shift : shift + len(clip)] = torch.from_numpy(clip)
    return speech


def examples(
    token_list: list[str], bpe: sentencepiece.SentencePieceProcessor, texts: list[str], phones: list[list[str]]
) -> tuple[list[list[int]], list[list[int]], list[int]]:
    """Returns the CTC labels of each clip, its two token sequences (by sound, and by text), and where they start."""
    ids = {token: index for index, token in enumerate(token_list)}
    labels = [[ids[write_powsm([phone])] for phone in of_clip] for of_clip in phones]
    sequences, starts = [], []
    for text, label in zip(texts, labels, strict=True):
        prompt = [ids["<sop>"], *(ids.get(piece, UNKNOWN) for piece in bpe.encode(text, out_type=str))]
        for task, previous in (("<pr>", []), ("<g2p>", prompt)):
            head = [*previous, ids["<sos>"], ids["<eng>"], ids[task], ids["<notimestamps>"]]
            sequences.append([*head, *label, ids["<eos>"]])
            starts.append(len(head))
    return labels, sequences, starts


def train(
    model: ESPnetS2TModel,
    clips: list[np.ndarray],
    labels: list[list[int]],
    sequences: list[list[int]],
    starts: list[int],
) -> None:
    """Trains decoder and CTC head together, every step on all clips."""
    longest = max(map(len, sequences))
    inputs = torch.tensor([sequence[:-1] + [model.eos] * (longest - len(sequence)) for sequence in sequences])
    targets = torch.tensor([sequence[1:] + [IGNORED] * (longest - len(sequence)) for sequence in sequences])
    for target, start in zip(targets, starts, strict=True):
        target[: start - 1] = IGNORED
    input_lengths = torch.tensor([len(sequence) - 1 for sequence in sequences])
    ctc_targets = torch.tensor([label for of_clip in labels for label in of_clip])
    ctc_lengths = torch.tensor([len(of_clip) for of_clip in labels])
    twice = torch.arange(len(clips)).repeat_interleave(2)

    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, warm_up(STEPS))
    model.train()
    for step, shifts in zip(range(STEPS), random_shifts(len(clips)), strict=False):
        speech = torch.stack([padded(clip, shift) for clip, shift in zip(clips, shifts, strict=True)])
        encoded, frames = model.encode(speech, torch.full((len(clips),), speech.shape[1]))
        # Phones belong to the recording, not to the silence after it, which inference discards.
        clip_frames = torch.tensor([(shift + len(clip)) // FRAME for clip, shift in zip(clips, shifts, strict=True)])
        log_probs = model.ctc.log_softmax(encoded)
        ctc = ctc_loss(log_probs.transpose(0, 1), ctc_targets, clip_frames, ctc_lengths, reduction="sum")
        silence = torch.arange(log_probs.shape[1]) >= clip_frames[:, None]
        ctc = ctc - log_probs[..., BLANK][silence].sum()
        scores, _ = model.decoder(encoded[twice], frames[twice], inputs, input_lengths)
        attention = cross_entropy(scores.transpose(1, 2), targets, ignore_index=IGNORED, reduction="sum")
        loss = (CTC_WEIGHT * ctc + (1 - CTC_WEIGHT) * attention / 2) / len(clips)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        schedule.step()
        if step % 20 == 0:
            print(f"step {step}: ctc {ctc / len(clips):.2f}, attention {attention / len(sequences):.2f}", flush=True)


def warm_up(steps: int) -> Callable[[int], float]:
    """Returns the share of the learning rate at each step: rising for `WARM_UP` steps, then falling to 0."""
    return lambda step: min((step + 1) / WARM_UP, (steps - step) / (steps - WARM_UP))


def random_shifts(clips: int, largest: float = LARGEST_SHIFT) -> Iterator[list[int]]:
    """Yields how many samples late each clip is, `largest` seconds at the most."""
    while True:
        yield [random.randint(0, round(largest * SAMPLE_RATE)) for _ in range(clips)]  # noqa: S311 (no secret)


if __name__ == "__main__":
    main()
