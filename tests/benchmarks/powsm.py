"""POWSM in its real size (random weights): this service against ESPnet's `Speech2Text`, all in one run.

python -m tests.benchmarks.powsm [--device cuda]
"""

import argparse
import logging
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
import yaml
from espnet2.bin.s2t_inference import Speech2Text

from shared.recognizers.powsm.checkpoint import find_checkpoint
from shared.recognizers.powsm.inference import PowsmModel
from shared.recognizers.powsm.recognizer import PowsmRecognizer
from tests.support.powsm_checkpoints import write_random_checkpoint
from tests.support.process import output, run_python

Device = Literal["cpu", "cuda"]

SECONDS = 3
TOKENS = 75  # one for each frame of the recording, as many as we let the decoder write: random weights end no text
RUNS = {"cpu": 3, "cuda": 10}
CTC_WEIGHT = 0.3  # of the recipe's decoding configuration

RATIOS = (
    ("Speech2Text, defaults", "transcribe, attention"),
    ("Speech2Text, beam 1", "transcribe, attention"),
    ("Speech2Text, defaults", "transcribe, ctc"),
    ("decoding, Speech2Text, beam 1", "decoding, ours"),
    ("decoding, ours", "decoder weights read"),
)

COLD_START = """
import sys, time
start = time.perf_counter()
import numpy as np
from shared.recognizers.powsm.checkpoint import find_checkpoint
from shared.recognizers.powsm.inference import PowsmModel
from shared.recognizers.powsm.recognizer import PowsmRecognizer
imported = time.perf_counter()
recognizer = PowsmRecognizer(PowsmModel(find_checkpoint(sys.argv[1]), sys.argv[2]))
loaded = time.perf_counter()
recognizer.transcribe(np.zeros(48000, dtype=np.float32))
answered = time.perf_counter()
print(f"{imported - start:.1f} {loaded - imported:.1f} {answered - loaded:.1f}")
"""


def main() -> None:
    """Prints the tables."""
    logging.disable(logging.WARNING)  # ESPnet logs every token
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu", choices=RUNS)
    device: Device = parser.parse_args().device
    with tempfile.TemporaryDirectory() as folder:
        write_random_checkpoint(Path(folder), vocabulary=40_000)
        print(f"cold start in s (import, load, first call): {cold_start(folder, device)}")
        measure(folder, device)


def cold_start(folder: str, device: str) -> str:
    """Returns the seconds of a new process up to its first answer."""
    start = time.perf_counter()
    shown = output(run_python("-c", COLD_START, folder, device))
    return f"{shown.splitlines()[-1]}; whole process {time.perf_counter() - start:.1f}"


def measure(folder: str, device: Device) -> dict[str, float]:
    """Prints and returns the median seconds of whole calls and of decoding alone, and what they are compared with."""
    audio = np.random.default_rng(0).normal(0, 0.1, SECONDS * 16_000).astype(np.float32)
    model = PowsmModel(find_checkpoint(folder), device)
    by_attention = PowsmRecognizer(model, "attention")
    by_ctc = PowsmRecognizer(model)
    default = espnet(folder, device, maxlenratio=-TOKENS)
    beam_1 = espnet(folder, device, beam_size=1, ctc_weight=CTC_WEIGHT, maxlenratio=-TOKENS)
    prompt = model.prompts.prompt("<pr>", "eng")
    with torch.inference_mode():
        encoded = model.encode([audio])
        upstream = encoded[0].float()
    calls: dict[str, Callable[[], Any]] = {
        "Speech2Text, defaults": lambda: default(audio, text_prev="<na>", task_sym="<pr>"),
        "Speech2Text, beam 1": lambda: beam_1(audio, text_prev="<na>", task_sym="<pr>"),
        "transcribe, attention": lambda: by_attention.transcribe(audio),
        "transcribe, ctc": lambda: by_ctc.transcribe(audio),
        "decoding, Speech2Text, beam 1": lambda: beam_1._decode_single_sample(upstream),
        "decoding, ours": lambda: model.decode(encoded, prompt, TOKENS),
        "decoder weights read": lambda: read_weights(model.network.decoder),
    }
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
    print(f"tokens: {len(model.decode(encoded, prompt, TOKENS)[0])}")
    for name, taken in seconds.items():
        print(f"{name:36}{statistics.median(taken):9.4f} s  (from {min(taken):.4f} to {max(taken):.4f})")
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    for name, other in RATIOS:
        print(f"{name} over {other}: {medians[name] / medians[other]:.2f}")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB")
    if device == "cuda":
        print(f"peak GPU memory: {torch.cuda.max_memory_allocated() / 1e9:.1f} GB")
    return medians


def espnet(folder: str, device: str, **options: Any) -> Speech2Text:
    """Returns ESPnet's own inference over the same checkpoint."""
    checkpoint = find_checkpoint(folder)
    config = Path(folder) / "with_paths.yaml"
    config.write_text(yaml.safe_dump(checkpoint.config))
    return Speech2Text(config, checkpoint.weights, bpemodel=str(checkpoint.bpe_model), device=device, **options)


def read_weights(decoder: torch.nn.Module) -> None:
    """Runs every linear layer of the decoder on one vector, once for each token: the least that decoding can do."""
    layers = [module for module in decoder.modules() if isinstance(module, torch.nn.Linear)]
    vectors = [layer.weight.new_ones(1, layer.in_features) for layer in layers]
    for _ in range(TOKENS):
        for layer, vector in zip(layers, vectors, strict=True):
            layer(vector)


if __name__ == "__main__":
    main()
