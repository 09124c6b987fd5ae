"""Everything that a job can fail with: one small family, one code each."""

from typing import ClassVar

MAX_MESSAGE = 400  # characters


class ServiceError(Exception):
    """A failure that the caller is told about, as one line: `code: what went wrong and what to do`.

    A message can quote the request: it is cut, and what would not print is left out.
    """

    code: ClassVar[str] = "internal_error"

    def __str__(self) -> str:
        printable = "".join(filter(str.isprintable, super().__str__()))
        return f"{self.code}: {printable[:MAX_MESSAGE]}"


class InvalidInputError(ServiceError):
    """The request is not what its schema says."""

    code = "invalid_input"


class AudioUnreachableError(ServiceError):
    """The recording could not be fetched."""

    code = "audio_unreachable"


class AudioForbiddenError(ServiceError):
    """The recording is at a place that this service does not read from."""

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
    """Nobody speaks in the recording, or no phone was heard in it."""

    code = "no_speech"


class AlignmentFailedError(ServiceError):
    """The phones could not be placed in the recording."""

    code = "alignment_failed"


class TimedOutError(ServiceError):
    """The job took longer than the limit."""

    code = "timed_out"


class ModelUnavailableError(ServiceError):
    """A model that the settings name is missing or broken."""

    code = "model_unavailable"
