"""The errors that a job can fail with, each with the code that its caller reads."""

from typing import ClassVar

MAX_MESSAGE = 400  # characters


class ServiceError(Exception):
    """A failure that the caller receives as one line: `code: what is wrong and what to do`.

    A message can quote the request, so it is cut to `MAX_MESSAGE`, without the characters that do not print.

    >>> str(NoSpeechError("nobody speaks\\n in the recording"))
    'no_speech: nobody speaks in the recording'
    """

    code: ClassVar[str] = "internal_error"

    def __init_subclass__(cls, code: str | None = None) -> None:
        cls.code = code or cls.code

    def __str__(self) -> str:
        printable = "".join(filter(str.isprintable, super().__str__()))
        return f"{self.code}: {printable[:MAX_MESSAGE]}"


class InvalidInputError(ServiceError, code="invalid_input"):
    """The request does not fit its schema."""


class AudioUnreachableError(ServiceError, code="audio_unreachable"):
    """The recording could not be fetched."""


class AudioForbiddenError(ServiceError, code="audio_forbidden"):
    """The recording is at a location that this service does not read from."""


class AudioTooLargeError(ServiceError, code="audio_too_large"):
    """The recording has more bytes than the limit."""


class AudioTooLongError(ServiceError, code="audio_too_long"):
    """The recording has more seconds than the limit."""


class AudioUndecodableError(ServiceError, code="audio_undecodable"):
    """The recording is in no format that this service reads."""


class NoSpeechError(ServiceError, code="no_speech"):
    """The recording has no speech, or no phone was recognized in it."""


class AlignmentFailedError(ServiceError, code="alignment_failed"):
    """The phones could not be aligned with the recording."""


class TimedOutError(ServiceError, code="timed_out"):
    """The job took longer than the limit."""


class ModelUnavailableError(ServiceError, code="model_unavailable"):
    """A model that the settings name is missing or broken."""
