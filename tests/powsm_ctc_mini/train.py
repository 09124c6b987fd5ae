"""Trains the checkpoint in this folder: `espnet/powsm_ctc`'s architecture, small, overfitted on the clips in
`tests/data`.

    python -m tests.powsm_ctc_mini.train

It transcribes the clips, and is of no other use.
"""

import random

import numpy as np
import torch
from espnet2.s2t.espnet_ctc_model import ESPnetS2TCTCModel
from torch.nn.functional import ctc_loss

from shared.phonology.ipa import write_powsm
from shared.recognizers.powsm.subsampling import Subsampling
from tests.powsm_mini.train import (
    BLANK,
    FRAME,
    LARGEST_GRADIENT,
    LEARNING_RATE,
    halved,
    padded,
    random_shifts,
    start_anew,
    warm_up,
)
from tests.support import powsm_checkpoints as checkpoints
from tests.support.data import POWSM_CTC_MINI

SIZES = {"size": 144, "heads": 4, "encoder_blocks": 4, "prompt_size": 64, "prompt_heads": 2, "prompt_blocks": 1}
CONDITIONED_BLOCKS = [2]
STEPS = 400
LARGEST_SHIFT = 12.0  # seconds of silence before a clip: in a long recording a clip can be anywhere in a window
TASKS = ("<pr>", "<asr>")  # the real head writes phones whatever the task


def main() -> None:
    """Trains, and writes the checkpoint."""
    clips, texts, phones = start_anew(POWSM_CTC_MINI)
    token_list = checkpoints.train_bpe(POWSM_CTC_MINI, texts)
    config = checkpoints.ctc_configuration(token_list, **SIZES, conditioned_blocks=CONDITIONED_BLOCKS, dropout=0.0)
    checkpoints.write_statistics(POWSM_CTC_MINI, torch.stack([padded(clip, 0) for clip in clips]))
    model = checkpoints.new_model(POWSM_CTC_MINI, config)
    model.encoder.embed = Subsampling(model.encoder.embed)  # ESPnet 202511 has none that takes a prefix
    train(model, clips, [[token_list.index(write_powsm([phone])) for phone in of_clip] for of_clip in phones])
    checkpoints.write_checkpoint(POWSM_CTC_MINI, config, halved(model))


def train(model: ESPnetS2TCTCModel, clips: list[np.ndarray], labels: list[list[int]]) -> None:
    """Trains the last CTC layer and those inside the encoder, every step on all clips, as ESPnet weights them."""
    ids = {token: index for index, token in enumerate(model.token_list)}
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, warm_up(STEPS))
    model.train()
    for step, shifts in zip(range(STEPS), random_shifts(len(clips), LARGEST_SHIFT), strict=False):
        speech = torch.stack([padded(clip, shift) for clip, shift in zip(clips, shifts, strict=True)])
        prefixes = [[ids["<eng>"], ids[random.choice(TASKS)]] for _ in clips]  # noqa: S311 (no secret)
        ones = torch.ones(len(clips), dtype=torch.long)
        (encoded, inner), _ = model.encode(
            speech,
            ones * speech.shape[1],
            torch.full((len(clips), 1), model.na),
            ones,
            torch.tensor(prefixes),
            ones * 2,
        )
        # The targets begin with the prefix, which has the first two positions.
        targets = [prefix + label for prefix, label in zip(prefixes, labels, strict=True)]
        frames = torch.tensor([2 + (shift + len(clip)) // FRAME for clip, shift in zip(clips, shifts, strict=True)])
        last = loss_of(model, encoded, frames, targets)
        inside = sum(loss_of(model, layer, frames, targets) for _, layer in inner) / len(inner)
        loss = (1 - model.interctc_weight) * last + model.interctc_weight * inside
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        schedule.step()
        if step % 20 == 0:
            print(f"step {step}: ctc {last:.2f}", flush=True)


def loss_of(
    model: ESPnetS2TCTCModel, encoded: torch.Tensor, frames: torch.Tensor, targets: list[list[int]]
) -> torch.Tensor:
    """Returns the CTC loss of a layer's output, and that of phones in the silence after the recordings, per clip."""
    log_probs = model.ctc.log_softmax(encoded)
    flat = torch.tensor([token for target in targets for token in target])
    lengths = torch.tensor(list(map(len, targets)))
    loss = ctc_loss(log_probs.transpose(0, 1), flat, frames, lengths, reduction="sum")
    silence = torch.arange(log_probs.shape[1]) >= frames[:, None]
    total: torch.Tensor = loss - log_probs[..., BLANK][silence].sum()
    return total / len(targets)


if __name__ == "__main__":
    main()
