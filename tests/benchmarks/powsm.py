"""POWSM in its real sizes (random weights): this service against ESPnet's own inference, all in one run.

python -m tests.benchmarks.powsm [--device cuda]
"""

import argparse
import functools
import logging
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from unittest import mock

import numpy as np
import torch
import yaml
from espnet2.bin.s2t_inference import Speech2Text
from espnet2.bin.s2t_inference_ctc import Speech2TextGreedySearch

from shared.recognizers.powsm.checkpoint import find_checkpoint
from shared.recognizers.powsm.loader import load_powsm
from shared.recognizers.powsm.recognizer import PowsmRecognizer
from tests.support.powsm_checkpoints import LaterSubsampling, write_random_checkpoint
from tests.support.process import output, run_python

Device = Literal["cpu", "cuda"]

SECONDS = 3
SHORT_WINDOW = 5.0  # seconds
TOKENS = 75  # one for each frame of the recording, as many as we let the decoder write: random weights end no text
RUNS = {"cpu": 3, "cuda": 10}
BATCHES = (1, 2, 4, 8, 16)  # recordings encoded together, on a GPU
CTC_WEIGHT = 0.3  # of the recipe's decoding configuration
SUBSAMPLING = "espnet2.asr.encoder.e_branchformer_ctc_encoder.Conv2dSubsampling"

RATIOS = (
    ("Speech2Text, defaults", "transcribe, attention"),
    ("Speech2Text, beam 1", "transcribe, attention"),
    ("Speech2Text, defaults", "transcribe, ctc"),
    ("Speech2Text, joint CTC/attention", "Speech2Text, beam 1"),
    ("decoding, Speech2Text, beam 1", "decoding, ours"),
    ("decoding, ours", "decoder weights read"),
    ("powsm_ctc: Speech2TextGreedySearch", "powsm_ctc: transcribe"),
    ("transcribe, ctc", "transcribe, ctc, 5 s window"),
)

COLD_START = """
import resource, sys, time
start = time.perf_counter()
import numpy as np
from shared.recognizers.powsm.loader import load_powsm
imported = time.perf_counter()
recognizer = load_powsm(sys.argv[1], sys.argv[2])
loaded = time.perf_counter()
recognizer.transcribe(np.zeros(48000, dtype=np.float32))
answered = time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(f"{imported - start:.1f} {loaded - imported:.1f} {answered - loaded:.1f} s, peak {peak:.1f} GB")
"""


def main() -> None:
    """Prints the tables."""
    logging.disable(logging.WARNING)  # ESPnet logs every token
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu", choices=RUNS)
    device: Device = parser.parse_args().device
    with tempfile.TemporaryDirectory() as folder:
        with_decoder, without_decoder = Path(folder, "powsm"), Path(folder, "powsm_ctc")
        for checkpoint in (with_decoder, without_decoder):
            checkpoint.mkdir()
            write_random_checkpoint(checkpoint, vocabulary=40_000, with_decoder=checkpoint == with_decoder)
            print(f"cold start of {checkpoint.name} (import, load, first call): {cold_start(str(checkpoint), device)}")
        measure(str(with_decoder), device, str(without_decoder))


def cold_start(folder: str, device: str) -> str:
    """Returns the seconds of a new process up to its first answer, and its peak memory."""
    return output(run_python("-c", COLD_START, folder, device)).splitlines()[-1]


def measure(folder: str, device: Device, without_decoder: str | None = None) -> dict[str, float]:
    """Prints and returns the median seconds of whole calls and of decoding alone, and what they are compared with.

    With a checkpoint `without_decoder`, those of its calls, and of joint decoding, too.
    """
    audio = np.random.default_rng(0).normal(0, 0.1, SECONDS * 16_000).astype(np.float32)
    by_ctc = PowsmRecognizer(find_checkpoint(folder), device)
    by_attention = PowsmRecognizer(find_checkpoint(folder), device, "attention")
    in_short_window = load_powsm(folder, device, window_seconds=SHORT_WINDOW)
    default = espnet(Speech2Text, folder, device, maxlenratio=-TOKENS)
    beam_1 = espnet(Speech2Text, folder, device, beam_size=1, ctc_weight=CTC_WEIGHT, maxlenratio=-TOKENS)
    prompt = by_ctc.prompt("<pr>", "eng")
    with torch.inference_mode():
        encoded = by_ctc.encode([audio])
        upstream = encoded[0].float()
    calls: dict[str, Callable[[], Any]] = {
        "Speech2Text, defaults": lambda: default(audio, text_prev="<na>", task_sym="<pr>"),
        "Speech2Text, beam 1": lambda: beam_1(audio, text_prev="<na>", task_sym="<pr>"),
        "transcribe, attention": lambda: by_attention.transcribe(audio),
        "transcribe, ctc": lambda: by_ctc.transcribe(audio),
        "transcribe, ctc, 5 s window": lambda: in_short_window.transcribe(audio),
        "decoding, Speech2Text, beam 1": lambda: beam_1._decode_single_sample(upstream),
        "decoding, ours": lambda: by_ctc.decode(encoded, prompt, TOKENS),
        "decoder weights read": lambda: read_weights(by_ctc.network.decoder),
    }
    if without_decoder:
        ctc = load_powsm(without_decoder, device)
        joint = espnet(Speech2Text, folder, device, ctc_weight=CTC_WEIGHT, maxlenratio=-TOKENS)
        with mock.patch(SUBSAMPLING, LaterSubsampling):
            greedy = espnet(Speech2TextGreedySearch, without_decoder, device)
        padded = by_ctc.framing.pad([audio])[0]
        calls |= {
            "Speech2Text, joint CTC/attention": lambda: joint(audio, text_prev="<na>", task_sym="<pr>"),
            "powsm_ctc: Speech2TextGreedySearch": lambda: greedy(padded, lang_sym="<eng>", task_sym="<pr>"),
            "powsm_ctc: transcribe": lambda: ctc.transcribe(audio),
        }
    if device == "cuda":
        calls |= {f"encoding of {n} together": functools.partial(by_ctc.encode, [audio] * n) for n in BATCHES}
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for round_ in range(1 + RUNS[device]):  # the first warms up
        for name, call in calls.items():
            start = time.perf_counter()
            with torch.inference_mode():
                call()
            if device == "cuda":
                torch.cuda.synchronize()
            if round_:
                seconds[name].append(time.perf_counter() - start)
    print(f"tokens: {len(by_ctc.decode(encoded, prompt, TOKENS)[0])}")
    for name, taken in seconds.items():
        print(f"{name:36}{statistics.median(taken):9.4f} s  (from {min(taken):.4f} to {max(taken):.4f})")
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    for name, other in RATIOS:
        if name in medians and other in medians:
            print(f"{name} over {other}: {medians[name] / medians[other]:.2f}")
    print(f"peak memory of all: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB")
    if device == "cuda":
        print(f"peak GPU memory: {torch.cuda.max_memory_allocated() / 1e9:.1f} GB")
    return medians


def espnet(inference: type, folder: str, device: str, **options: Any) -> Any:
    """Returns ESPnet's own inference, of a class, over the same checkpoint."""
    checkpoint = find_checkpoint(folder)
    config = Path(folder) / "with_paths.yaml"
    config.write_text(yaml.safe_dump(checkpoint.config))
    return inference(config, checkpoint.weights, bpemodel=str(checkpoint.bpe_model), device=device, **options)


def read_weights(decoder: torch.nn.Module) -> None:
    """Runs every linear layer of the decoder on one vector, once for each token: the least that decoding can do."""
    layers = [module for module in decoder.modules() if isinstance(module, torch.nn.Linear)]
    vectors = [layer.weight.new_ones(1, layer.in_features) for layer in layers]
    for _ in range(TOKENS):
        for layer, vector in zip(layers, vectors, strict=True):
            layer(vector)


if __name__ == "__main__":
    main()
