"""A job's `input`, and what is wrong with it in one line."""

import re
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from shared.errors import InvalidInputError

# Names that callers try for `audio_uri`. Ignored like other unknown fields, they would cost an answer: that a field is
# required which seems to be there, or phones without a look at the recording.
MISTAKEN_NAMES = ("audio", "audio_url", "audio_base64", "url")

# So many unknown fields are named in the log, cut after so many characters: its lines stay short.
MAX_NAMES, MAX_NAME = 10, 40

ISO_639_3 = re.compile("[a-z]{3}")


def language_code(tag: str) -> str:
    """Returns the ISO 639-3 code of a language by that code, an ISO 639-1 code or a BCP 47 tag. Raises ValueError.

    >>> language_code("eng"), language_code("en"), language_code("pt-BR"), language_code("zh_Hant_TW")
    ('eng', 'eng', 'por', 'zho')
    """
    if ISO_639_3.fullmatch(tag):
        return tag
    from langcodes import Language as Tag  # 0.1 s, for few requests

    try:
        code = Tag.get(tag.strip()).to_alpha3()
    except (ValueError, LookupError):
        code = ""
    if not ISO_639_3.fullmatch(code):
        raise PydanticCustomError("language", "Input should be a language")
    return code


Language = Annotated[
    str,
    AfterValidator(language_code),
    Field(description="the language spoken: an ISO 639-3 or 639-1 code or a BCP 47 tag, as eng, en, en-US"),
]


class Request(BaseModel):
    """A job's `input`, by exact types. An unknown field is ignored, and null counts as absent."""

    model_config = ConfigDict(extra="ignore", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _keep_present(cls, fields: object) -> object:
        if not isinstance(fields, dict):
            raise PydanticCustomError("no_object", "the request is no object; send its fields by name")
        present = {name: value for name, value in fields.items() if value is not None}
        for mistaken in MISTAKEN_NAMES:
            if mistaken in present and "audio_uri" not in present:
                raise PydanticCustomError(
                    "mistaken_name",
                    "the field of the recording is `audio_uri`, not `{mistaken}`; send its URL or a data: URI there",
                    {"mistaken": mistaken},
                )
        return present


SomeRequest = TypeVar("SomeRequest", bound=Request)


def parse_request(fields: object, request_type: type[SomeRequest]) -> SomeRequest:
    """Returns a job's `input` as a request. Raises InvalidInputError, naming the first field that is wrong."""
    try:
        return request_type.model_validate(fields)
    except ValidationError as error:
        raise InvalidInputError(first_problem(error, request_type)) from None


def ignored_fields(fields: object, request_type: type[Request]) -> list[str]:
    """Returns the names of the fields that a request does not have, for the log.

    >>> class Greeting(Request):
    ...     text: str
    >>> ignored_fields({"text": "Hello", "voice": "us"}, Greeting)
    ['voice']
    """
    names = fields if isinstance(fields, dict) else {}
    return [str(name)[:MAX_NAME] for name in names if name not in request_type.model_fields][:MAX_NAMES]


def first_problem(error: ValidationError, model: type[BaseModel] | None = None) -> str:
    """Returns the first thing that is wrong with a request, a row or an answer, as `field: what is wrong`.

    What to send instead is the description of the field of the model.

    >>> class Greeting(Request):
    ...     text: Annotated[str, Field(description="what to say")]
    >>> try:
    ...     Greeting.model_validate({"text": 5})
    ... except ValidationError as error:
    ...     first_problem(error, Greeting)
    'text: Input should be a valid string; send what to say'
    """
    first = error.errors(include_url=False, include_input=False)[0]
    problem = ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))
    field = model.model_fields.get(str(first["loc"][0])) if model and first["loc"] else None
    return f"{problem}; send {field.description}" if field and field.description else problem
