"""What is read of a recording, and from where."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AudioLimits:
    """How much of a recording is read: bytes as it lies, seconds as it sounds, seconds to fetch it."""

    max_bytes: int = 10 * 1024 * 1024
    max_seconds: float = 60.0
    download_timeout_seconds: float = 20.0


@dataclass(frozen=True)
class AudioSources:
    """Whether recordings are read from this machine's files, and from addresses that are not public and any port.

    By default as for one's own requests; what others may ask for, `shared.serving.runpod_sdk.audio_sources` says.
    """

    local_files: bool = True
    private_addresses: bool = False


DEFAULT_LIMITS = AudioLimits()
OWN_SOURCES = AudioSources()
