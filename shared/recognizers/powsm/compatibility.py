"""What a checkpoint must have to be a POWSM checkpoint, as its training configuration says it."""

from collections.abc import Iterator, Mapping
from typing import Any

from shared.audio.samples import SAMPLE_RATE
from shared.errors import ModelUnavailableError
from shared.recognizers.powsm.tokens import phone_of

WITH_DECODER, WITHOUT_DECODER = "espnet", "espnet_ctc"
TASKS = {WITH_DECODER: ("<pr>", "<g2p>"), WITHOUT_DECODER: ("<pr>",)}
# Fields of `preprocessor_conf` that name tokens of the decoder's prompts.
SYMBOLS = {WITH_DECODER: ("notime_symbol", "first_time_symbol", "last_time_symbol"), WITHOUT_DECODER: ()}
INPUT_LAYER, SUBSAMPLING = "conv2d", 4


def check_config(config: Mapping[str, Any]) -> None:
    """Raises ModelUnavailableError, in one line, for the configuration of a model of another kind."""
    for fault in _faults(config):
        raise ModelUnavailableError(f"POWSM_MODEL is no POWSM checkpoint: {fault}")


def _faults(config: Mapping[str, Any]) -> Iterator[str]:
    tokens, conf, frontend = config["token_list"], config["preprocessor_conf"], config["frontend_conf"]
    if config["model"] not in TASKS:
        yield f"its model is {config['model']!r}, not one of {', '.join(TASKS)}"
    if tokens[0] != "<blank>":
        yield f"its first token is {tokens[0]!r}, not the CTC blank"
    symbols = [conf.get(field, f"for its {field}") for field in SYMBOLS[config["model"]]]
    yield from (f"it has no token {name}" for name in (*TASKS[config["model"]], *symbols) if name not in tokens)
    if not any(map(phone_of, tokens)):
        yield "none of its tokens is a phone between slashes"
    if config["encoder_conf"]["input_layer"] != INPUT_LAYER:
        yield f"the input layer of its encoder is {config['encoder_conf']['input_layer']!r}, not {INPUT_LAYER!r}"
    if "speech_length" not in conf:
        yield "its preprocessor_conf has no speech_length"
    if conf.get("fs", SAMPLE_RATE) != SAMPLE_RATE:
        yield f"it takes {conf['fs']} samples a second, not {SAMPLE_RATE}"
    frame = frontend["hop_length"] * SUBSAMPLING / SAMPLE_RATE
    if conf.get("speech_resolution", frame) != frame:
        yield f"its speech_resolution is {conf['speech_resolution']} s, but a frame of its encoder {frame} s"
