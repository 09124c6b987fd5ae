"""What is wrong with a recording itself, so that it may be to blame for errors: by measures of its speech."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from shared.audio.vad import FRAME_SAMPLES, SPEECH_RMS, Speech

RecordingWarning = Literal["clipped", "noisy", "too_quiet", "cut_off"]

# The amplitudes of clipped speech pile up at their end (Aleinik and Matveev 2014, "Detection of clipped fragments in
# speech signals"; Eaton and Naylor 2013, "Detection of clipping in coded speech signals"): those that 2 % and 0.5 % of
# the samples exceed are within 1 dB. A lossy codec moves the peak, and hardly these.
CLIPPED_SHARES = (0.02, 0.005)
CLIPPED_RANGE = 10 ** (1 / 20)

# The quietest frames have the noise alone, those of closures where there is no pause (Martin 2001, "Noise power
# spectral density estimation based on optimal smoothing and minimum statistics").
NOISE_SHARE = 0.05
NOISY = 10 ** (-20 / 10)  # of the energy of the speech

TOO_QUIET = 10 ** (-38 / 20)  # 12 dB below the nominal active level of speech, -26 dBov (ITU-T P.830)

# Speech is cut off where an edge is loud, and louder than the quiet stretches that are as long as an edge: a hum's and
# other voices' quietest frames say too little of how loud they can be.
EDGE = 2 * FRAME_SAMPLES  # 16 ms
CUT_OFF = 10 ** (-12 / 10)  # of the energy of the speech
QUIET_SHARE = 0.1
ABOVE_QUIET = 10 ** (6 / 10)


def recording_warnings(speech: Speech) -> list[RecordingWarning]:
    """Returns what is wrong with the recording of a speech."""
    often, seldom = np.quantile(np.abs(speech.recorded), [1 - share for share in CLIPPED_SHARES])
    energy = np.square(speech.samples) / SPEECH_RMS**2
    noise = np.quantile(_means(energy, FRAME_SAMPLES), NOISE_SHARE)
    loud = max(CUT_OFF, ABOVE_QUIET * np.quantile(_means(energy, EDGE), QUIET_SHARE))
    starts_loud = speech.start == 0 and energy[:EDGE].mean() > loud
    ends_loud = speech.end == speech.recording_samples and energy[-EDGE:].mean() > loud
    found: dict[RecordingWarning, bool] = {
        "clipped": seldom <= CLIPPED_RANGE * often,
        "noisy": bool(noise > NOISY),
        "too_quiet": speech.level < TOO_QUIET,
        "cut_off": starts_loud or ends_loud,
    }
    return [warning for warning, is_so in found.items() if is_so]


def _means(energy: npt.NDArray[np.floating], size: int) -> npt.NDArray[np.floating]:
    """Returns the mean of each `size` samples of an energy [samples]."""
    means: npt.NDArray[np.floating] = energy[: len(energy) // size * size].reshape(-1, size).mean(axis=1)
    return means
