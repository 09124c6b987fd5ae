"""ONNX models, run on a CPU."""

from pathlib import Path
from typing import TYPE_CHECKING

from shared.cores import count_cores
from shared.errors import ModelUnavailableError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def load_session(model: Path, threads: int | None = None) -> "InferenceSession":
    """Returns an ONNX model, to run on all cores or so many threads. Raises ModelUnavailableError."""
    try:
        import onnxruntime  # here, so that a worker without it ends with one line
    except ImportError as error:
        raise ModelUnavailableError(f"{model.name} needs the package `onnxruntime` installed ({error})") from error
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or count_cores()
    # Threads that spin while they wait take the cores from what runs next: with them 3 s took 110 ms, without 72.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has a dozen kinds of its own, with no common base
        raise ModelUnavailableError(f"{model.name} can't be loaded; install it again") from error
