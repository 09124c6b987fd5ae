"""The speech in a recording, by Silero's voice activity model (Silero Team 2024, https://github.com/snakers4/silero-vad).

`silero_vad.onnx` is `silero_vad_16k_sequence.onnx` of the package silero-vad 6.2.3, which itself needs PyTorch. It
reads all chunks of a recording in one call.
"""

import functools
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from shared.audio.limits import DEFAULT_LIMITS, OWN_SOURCES, AudioLimits, AudioSources
from shared.audio.load import load_streams
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.errors import NoSpeechError
from shared.onnx_model import load_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

MODEL = Path(__file__).with_name("silero_vad.onnx")
CHUNK_SAMPLES = 512  # 32 ms, as the model was trained
CONTEXT_SAMPLES = 64  # of the chunk before, which the model reads with each
STATE_SHAPE = (1, 1, 128)
CHUNK_FRAMES = 4
FRAME_SAMPLES = CHUNK_SAMPLES // CHUNK_FRAMES
# A chunk is speech from this probability on: the model's own default.
SPEECH_PROBABILITY = 0.5
# A recording is speech from so many of them on, 0.19 s; or, as a word alone, where the model is so sure of one, and
# they and what is just before them hold half of the energy. Measured on 240 words of 60 to 300 ms of learners and
# native speakers, cut from sentences, alone or with silence or noise around them: 94 % or more of each length are
# speech, and 71 % of what LibriVox's reader says in 60 to 120 ms. Of 1,500 noises, breaths, clicks, knocks, tones and
# notes, all that is are single low notes and tones. Three seconds of a bass have 5 chunks, with 7 % of the energy.
SPEECH_CHUNKS = 6
WORD_PROBABILITY, WORD_ENERGY = 0.7, 0.5
LEAD_CHUNKS = 4  # of silence, which the model needs before a word that a recording begins with

# The model's decision moves with what came before. So the ends of the speech are its first and last loud frames,
# up to SEARCH outside of the model's, and MARGIN is kept on each side. In 46 utterances of learners and five clips of
# LibriVox, the phones that are speech begin 0.05 s before these frames at most, and end 0.1 s after them.
LOUD = 10 ** (-20 / 10)  # of the energy of the speech
SEARCH = SAMPLE_RATE // 4 // FRAME_SAMPLES  # frames
MARGIN = round(0.18 * SAMPLE_RATE) // FRAME_SAMPLES  # frames

SPEECH_RMS = 10 ** (-23 / 20)  # of a usual recording
DETECTION_PEAK = 10 ** (-10 / 20)
TINY = np.finfo(np.float32).tiny
DC_POLE = 1 - 2 * np.pi * 20 / SAMPLE_RATE  # of a high-pass filter at 20 Hz, below every voice
DC_BLOCK = 128  # samples filtered at once
DC_DECAY = DC_POLE ** np.arange(DC_BLOCK + 1)


@dataclass(frozen=True)
class Speech:
    """The speech of a recording, at the level `SPEECH_RMS`, without the silence around it.

    `samples` are float32 [end - start], those of the recording from `start` up to, not including, `end`. They may be
    beyond -1 and 1. `recorded` are the same samples untouched, `level` the root mean square of their speech. The whole
    recording has `recording_samples`.
    """

    samples: Samples
    recorded: Samples
    level: float
    start: int
    end: int
    recording_samples: int


def load_speech(uri: str, limits: AudioLimits = DEFAULT_LIMITS, sources: AudioSources = OWN_SOURCES) -> Speech:
    """Returns the speech in the recording at a URI, in the first of its streams that has any.

    Raises NoSpeechError, or as `load_audio`.
    """
    failure = NoSpeechError("the recording has no audio")
    for audio in load_streams(uri, limits, sources):
        try:
            return find_speech(audio)
        except NoSpeechError as error:
            failure = error
    raise failure


def find_speech(recording: Samples) -> Speech:
    """Returns the speech in float32 [samples]: the same, whatever its level, and whatever silence is around it.

    Raises NoSpeechError where nobody speaks.
    """
    audio = remove_dc(recording)
    peak = int(np.abs(audio).argmax())
    # Chunks are counted from the peak, so that those of the speech are always the same.
    lead = LEAD_CHUNKS * CHUNK_SAMPLES + -peak % CHUNK_SAMPLES
    padded = np.pad(audio, (lead, -(lead + len(audio)) % CHUNK_SAMPLES))
    probabilities = _speech_probabilities(padded * np.float32(DETECTION_PEAK / max(abs(audio[peak]), TINY)))
    energy = np.square(padded).reshape(-1, FRAME_SAMPLES).mean(axis=1)
    if not _somebody_speaks(probabilities, energy):
        raise NoSpeechError("nobody speaks in the recording; record again, nearer to the microphone")
    speech = (probabilities >= SPEECH_PROBABILITY).repeat(CHUNK_FRAMES)
    first, last = np.flatnonzero(speech)[[0, -1]]
    near = slice(max(0, first - SEARCH), last + 1 + SEARCH)
    loud = near.start + np.flatnonzero(energy[near] >= LOUD * energy[speech].mean())
    start = max(0, int(loud[0] - MARGIN) * FRAME_SAMPLES - lead)
    end = min(len(audio), int(loud[-1] + 1 + MARGIN) * FRAME_SAMPLES - lead)
    level = np.sqrt(energy[loud].mean())
    samples = audio[start:end] * np.float32(SPEECH_RMS / level)
    return Speech(samples, recording[start:end], float(level), start, end, len(audio))


def remove_dc(audio: Samples) -> Samples:
    """Returns float32 [samples] through a high-pass filter of first order, as if the first sample had always been.

    ``y[n] = DC_POLE * y[n - 1] + x[n] - x[n - 1]``, by blocks: the same as `scipy.signal.lfilter`, whose import takes
    longer than all else that a worker imports for audio. Multiplies no matrices: the threads of numpy's OpenBLAS wait
    for more in a loop, and a recognizer's then take 25 ms longer.
    """
    steps = np.diff(audio.astype(np.float64), prepend=audio[:1])
    blocks = np.pad(steps, (0, -len(steps) % DC_BLOCK)).reshape(-1, DC_BLOCK)
    within = np.cumsum(blocks / DC_DECAY[:-1], axis=1) * DC_DECAY[:-1]
    ends = itertools.accumulate(within[:, -1].tolist(), lambda before, end: end + DC_DECAY[-1] * before)
    before = np.array([0.0, *ends])[:-1, None]
    filtered: Samples = (within + before * DC_DECAY[1:]).astype(np.float32)
    return filtered.ravel()[: len(audio)]


def _speech_probabilities(audio: Samples) -> npt.NDArray[np.float32]:
    """Returns of each chunk of float32 [samples] the probability that somebody speaks in it."""
    padded = np.pad(audio, (CONTEXT_SAMPLES, 0))
    chunks = np.lib.stride_tricks.sliding_window_view(padded, CONTEXT_SAMPLES + CHUNK_SAMPLES)[::CHUNK_SAMPLES]
    state = np.zeros(STATE_SHAPE, dtype=np.float32)
    probabilities: npt.NDArray[np.float32]
    [probabilities] = load_model().run(["speech_probs"], {"input": chunks, "h": state, "c": state})
    return probabilities


def _somebody_speaks(probabilities: npt.NDArray[np.float32], energy: npt.NDArray[np.float32]) -> bool:
    """Whether a recording is speech, by the probabilities [chunks] and the energy [frames] of all of it."""
    spoken = np.flatnonzero(probabilities >= SPEECH_PROBABILITY)
    if len(spoken) >= SPEECH_CHUNKS:
        return True
    if probabilities.max() < WORD_PROBABILITY:
        return False
    start, end = spoken[0] * CHUNK_FRAMES - SEARCH, (spoken[-1] + 1) * CHUNK_FRAMES
    return bool(energy[max(0, start) : end].sum() >= WORD_ENERGY * energy.sum())


@functools.cache
def load_model() -> "InferenceSession":
    """Returns the model of this process, on one thread: more are not faster for so small a model.

    A worker calls it before its first job. Raises ModelUnavailableError.
    """
    return load_session(MODEL, threads=1)
