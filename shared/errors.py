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

    def __str__(self) -> str:
        printable = "".join(filter(str.isprintable, super().__str__()))
        return f"{self.code}: {printable[:MAX_MESSAGE]}"


class InvalidInputError(ServiceError):
    """The request does not fit its schema."""

    code = "invalid_input"


class AudioUnreachableError(ServiceError):
    """The recording could not be fetched."""

    code = "audio_unreachable"


class AudioForbiddenError(ServiceError):
    """The recording is at a location that this service does not read from."""

    code = "audio_forbidden"


class AudioTooLargeError(ServiceError):
    """The recording has more bytes than the limit."""

    code = "audio_too_large"


class AudioTooLongError(ServiceError):
    """The recording has more seconds than the limit."""

    code = "audio_too_long"


class AudioUndecodableError(ServiceError):
    """The recording is in no format that this service reads."""

    code = "audio_undecodable"


class NoSpeechError(ServiceError):
    """The recording has no speech, or no phone was recognized in it."""

    code = "no_speech"


class AlignmentFailedError(ServiceError):
    """The phones could not be aligned with the recording."""

    code = "alignment_failed"


class TimedOutError(ServiceError):
    """The job took longer than the limit."""

    code = "timed_out"


class ModelUnavailableError(ServiceError):
    """A model that the settings name is missing or broken."""

    code = "model_unavailable"
