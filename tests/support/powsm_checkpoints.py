"""POWSM checkpoints of any size: the recipe's configuration, and random weights for it."""

import contextlib
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch
import yaml
from espnet.nets.pytorch_backend.transformer.subsampling import Conv2dSubsampling
from espnet2.asr.frontend.default import DefaultFrontend
from espnet2.train.abs_espnet_model import AbsESPnetModel

from shared.phonology.ipa import write_powsm
from shared.recognizers.powsm.model import build_model

SAMPLE_RATE = 16_000
SECONDS = 20
RESOLUTION = 0.04

# Where ESPnet's recipe writes its files, and where its packed checkpoints have them.
CONFIG = Path("exp/s2t_train/config.yaml")
WEIGHTS = Path("exp/s2t_train/valid.acc.ave.pth")
STATISTICS = Path("exp/s2t_stats/train/feats_stats.npz")
BPE_MODEL = Path("data/token_list/bpe_unigram/bpe.model")

SUPPRESSING_BIAS = -1e4  # of a token that is not written

# Phones of English as POWSM writes them.
PHONES = (
    "p b t d k ɡ f v θ ð s z ʃ ʒ h m n ŋ l ɹ j w t͡ʃ d͡ʒ i ɪ e ɛ æ ɑ ɔ o ʊ u ʌ ə ɜ˞ ə˞ a ɒ ɐ "
    "pʰ tʰ kʰ t̪ d̪ l̴ ɪ̃ ɛ̃ æ̃ ɑ̃ ɔ̃ ɾ ʔ r"
).split()
SPECIAL = [
    "<na>",
    "<nospeech>",
    *(f"<{language}>" for language in ("eng", "deu", "fra", "spa", "cmn")),
    *(f"<{task}>" for task in ("asr", "pr", "g2p", "p2g")),
    "<notimestamps>",
    *(f"<{RESOLUTION * frame:.2f}>" for frame in range(round(SECONDS / RESOLUTION) + 1)),
]


def train_bpe(folder: Path, texts: Iterable[str]) -> list[str]:
    """Writes a SentencePiece model of texts, special symbols and phones; returns ESPnet's token list for it."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=model,
        vocab_size=700,
        hard_vocab_limit=False,
        required_chars="abcdefghijklmnopqrstuvwxyz'",
        user_defined_symbols=[*SPECIAL, *(write_powsm([phone]) for phone in PHONES)],
        minloglevel=2,
    )
    (folder / BPE_MODEL).parent.mkdir(parents=True)
    (folder / BPE_MODEL).write_bytes(model.getvalue())
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    pieces = [processor.id_to_piece(index) for index in range(processor.vocab_size())]
    known = [piece for piece in pieces if piece not in {"<unk>", "<s>", "</s>"}]
    return ["<blank>", "<unk>", *known, "<sos>", "<eos>", "<sop>"]


def configuration(
    token_list: list[str],
    *,
    size: int = 768,
    heads: int = 12,
    encoder_blocks: int = 9,
    decoder_blocks: int = 9,
    dropout: float = 0.1,
) -> dict[str, Any]:
    """Returns POWSM's training configuration (ESPnet, egs2/powsm/s2t1/conf), by default in its real size."""
    return {
        **_recipe(token_list),
        "preprocessor": "s2t",
        "preprocessor_conf": {
            "text_prev_name": "text_prev",
            "text_ctc_name": "text_ctc",
            "fs": SAMPLE_RATE,
            "na_symbol": "<na>",
            "speech_length": SECONDS,
            "speech_resolution": RESOLUTION,
            "speech_init_silence": SECONDS,
            "notime_symbol": "<notimestamps>",
            "first_time_symbol": "<0.00>",
            "last_time_symbol": f"<{SECONDS}.00>",
        },
        "encoder": "e_branchformer",
        "encoder_conf": {**_encoder_conf(size, heads, encoder_blocks, dropout), "layer_drop_rate": 0.0},
        "decoder": "transformer",
        "decoder_conf": {
            "attention_heads": heads,
            "num_blocks": decoder_blocks,
            "self_attention_dropout_rate": dropout,
            "src_attention_dropout_rate": dropout,
            "use_flash_attn": True,
            "linear_units": 4 * size,
            "dropout_rate": dropout,
            "positional_dropout_rate": dropout,
        },
        "model": "espnet",
        "model_conf": {"ctc_weight": 0.3, "sym_na": "<na>"},
    }


def ctc_configuration(
    token_list: list[str],
    *,
    size: int = 768,
    heads: int = 12,
    encoder_blocks: int = 18,
    prompt_size: int = 512,
    prompt_heads: int = 8,
    prompt_blocks: int = 4,
    conditioned_blocks: Sequence[int] = (4, 8, 10, 14),
    dropout: float = 0.1,
) -> dict[str, Any]:
    """Returns the training configuration of `espnet/powsm_ctc` (arXiv 2601.14046), by default in its real size."""
    return {
        **_recipe(token_list),
        "preprocessor": "s2t_ctc",
        "preprocessor_conf": {
            "text_prev_name": "text_prev",
            "text_ctc_name": "text_ctc",
            "fs": SAMPLE_RATE,
            "na_symbol": "<na>",
            "nolang_symbol": "<unk>",
            "speech_length": SECONDS,
            "speech_init_silence": SECONDS,
        },
        "encoder": "e_branchformer_ctc",
        "encoder_conf": {
            **_encoder_conf(size, heads, encoder_blocks, dropout),
            "interctc_layer_idx": list(conditioned_blocks),
            "interctc_use_conditioning": True,
            "use_cross_attention": [block % 3 == 2 for block in range(encoder_blocks)],
        },
        "promptencoder": "transformer",
        "promptencoder_conf": {
            "output_size": prompt_size,
            "attention_heads": prompt_heads,
            "linear_units": 4 * prompt_size,
            "num_blocks": prompt_blocks,
            "dropout_rate": dropout,
            "positional_dropout_rate": dropout,
            "attention_dropout_rate": dropout,
        },
        "model": "espnet_ctc",
        "model_conf": {"interctc_weight": 0.5, "sym_na": "<na>"},
    }


def _recipe(token_list: list[str]) -> dict[str, Any]:
    """Returns what the configurations of both kinds have."""
    return {
        "token_list": token_list,
        "token_type": "bpe",
        "bpemodel": str(BPE_MODEL),
        "init": "xavier_uniform",
        "input_size": None,
        "frontend": "default",
        "frontend_conf": {"n_fft": 512, "win_length": 400, "hop_length": 160, "fs": "16k"},
        "specaug": None,
        "specaug_conf": {},
        "normalize": "global_mvn",
        "normalize_conf": {"stats_file": str(STATISTICS)},
        "ctc_conf": {},
    }


def _encoder_conf(size: int, heads: int, blocks: int, dropout: float) -> dict[str, Any]:
    return {
        "output_size": size,
        "attention_heads": heads,
        "attention_layer_type": "selfattn",
        "pos_enc_layer_type": "abs_pos",
        "rel_pos_type": "latest",
        "use_flash_attn": True,
        "cgmlp_linear_units": 4 * size,
        "cgmlp_conv_kernel": 31,
        "use_linear_after_conv": False,
        "gate_activation": "identity",
        "num_blocks": blocks,
        "attention_dropout_rate": dropout,
        "input_layer": "conv2d",
        "positionwise_layer_type": "linear",
        "use_ffn": True,
        "macaron_ffn": True,
        "merge_conv_kernel": 31,
        "linear_units": 4 * size,
        "dropout_rate": dropout,
        "positional_dropout_rate": dropout,
    }


def write_statistics(folder: Path, speech: torch.Tensor) -> None:
    """Writes the sums that global mean and variance come from, of speech [clips, samples], as ESPnet's stage does."""
    features, _ = DefaultFrontend(n_fft=512, win_length=400, hop_length=160)(
        speech, torch.full((len(speech),), speech.shape[1])
    )
    frames = features.flatten(0, 1).numpy()
    (folder / STATISTICS).parent.mkdir(parents=True)
    sums = {"sum": frames.sum(axis=0), "sum_square": np.square(frames).sum(axis=0)}
    np.savez(folder / STATISTICS, count=len(frames), **sums)


def write_checkpoint(folder: Path, config: dict[str, Any], weights: dict[str, torch.Tensor]) -> None:
    """Writes a checkpoint as ESPnet packs it, but for the files that the configuration names."""
    (folder / CONFIG).parent.mkdir(parents=True)
    (folder / CONFIG).write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False))
    torch.save(weights, folder / WEIGHTS)
    meta = {"yaml_files": {"s2t_train_config": str(CONFIG)}, "files": {"s2t_model_file": str(WEIGHTS)}}
    (folder / "meta.yaml").write_text(yaml.safe_dump(meta))


def write_random_checkpoint(folder: Path, *, vocabulary: int, with_decoder: bool = True, **sizes: Any) -> None:
    """Writes a checkpoint of random weights, by default in the real size of `espnet/powsm`.

    Its vocabulary is filled up to the size asked for. As in a trained model, the decoder does not write the CTC
    blank. It does not end a text either, so that every text has the maximal length.
    """
    known = train_bpe(folder, ["he was not an ill disposed young man", "unless to be rather cold hearted"])
    token_list = [*known[:-3], *(f"piece{index}" for index in range(vocabulary - len(known))), *known[-3:]]
    noise = torch.randn(2, SECONDS * SAMPLE_RATE, generator=torch.Generator().manual_seed(0)) / 10
    write_statistics(folder, noise)
    config = (configuration if with_decoder else ctc_configuration)(token_list, **sizes)
    model = new_model(folder, config)
    if with_decoder:
        with torch.no_grad():
            model.decoder.output_layer.bias[[model.blank_id, model.eos]] = SUPPRESSING_BIAS
    write_checkpoint(folder, config, model.state_dict())


def new_model(folder: Path, config: dict[str, Any]) -> AbsESPnetModel:
    """Returns the network of a configuration in a folder, with the random weights of the recipe's `init`."""
    with contextlib.chdir(folder):
        model = build_model(config)
    for weights in model.parameters():
        if weights.dim() > 1:
            torch.nn.init.xavier_uniform_(weights)
    return model


class LaterSubsampling(Conv2dSubsampling):  # type: ignore[misc]
    """ESPnet's `conv2d` as it is after 202511: it takes a prefix. Without it the encoder does not run."""

    def forward(
        self, x: torch.Tensor, mask: torch.Tensor, prefix_embeds: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        linear, position = self.out
        projected = linear(self.conv(x[:, None]).transpose(1, 2).flatten(2))
        embedded = position(torch.cat([prefix_embeds, projected], dim=1))
        return embedded, mask.new_ones(len(mask), 1, embedded.shape[1])
