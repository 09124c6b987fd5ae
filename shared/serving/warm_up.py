"""A short recording of speech, for a worker to try itself on before its first job."""

import base64
from pathlib import Path

# From LibriVox' "Sense and Sensibility", in the public domain; Opus at 48 kHz, as browsers record.
RECORDING = Path(__file__).with_suffix(".ogg")
TEXT = "He was not an ill disposed young man."
IPA = "hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn"


def recording_uri() -> str:
    """Returns the recording as a data: URI, which every worker may read."""
    return "data:audio/ogg;base64," + base64.b64encode(RECORDING.read_bytes()).decode()
