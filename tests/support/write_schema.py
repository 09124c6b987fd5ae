"""Writes the JSON schema of both workers' requests and answers: `make schema`.

The committed schema is a promise to the apps that are out there. It is written anew where a field was added; where
one is gone or another, nothing is written.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import ModelSchema

from assessment.answer import AssessmentAnswer, DetailedAssessmentAnswer
from assessment.handler import AssessmentRequest
from ipa_generation.handler import IpaGenerationAnswer, IpaGenerationRequest
from tests.support.data import ROOT

SCHEMAS = ROOT / "shared" / "schemas"
JSON_SCHEMA = SCHEMAS / "pronunciation.json"
TYPESCRIPT = SCHEMAS / "pronunciation.d.ts"

Request = AssessmentRequest | IpaGenerationRequest
Answer = AssessmentAnswer | DetailedAssessmentAnswer | IpaGenerationAnswer

# The one field that was renamed: callers have always sent `audio_uri`, and every request of theirs was refused.
RENAMED = {"AssessmentRequest.audio": "audio_uri", "IpaGenerationRequest.audio": "audio_uri"}
NULL: dict[str, Any] = {"type": "null"}

TYPE_KEYWORDS = ("type", "enum", "additionalProperties")

Schema = dict[str, Any]


def main() -> None:
    """Writes the schema that the code makes. Exits with the promises that it breaks, if any."""
    made = make_schema()
    if JSON_SCHEMA.exists() and (broken := broken_promises(read_schema(), made)):
        sys.exit("callers would break, so nothing is written:\n" + "\n".join(broken))
    JSON_SCHEMA.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")


def read_schema() -> Schema:
    """Returns the committed schema."""
    schema: Schema = json.loads(JSON_SCHEMA.read_text(encoding="utf-8"))
    return schema


class Untitled(GenerateJsonSchema):
    """Pydantic's generator without a title for each field, of which TypeScript would make a type each.

    Optional fields of requests may be null, as these are read.
    """

    def field_title_should_be_set(self, schema: object) -> bool:
        return False

    def model_schema(self, schema: ModelSchema) -> Schema:
        made = super().model_schema(schema)
        for name in made["properties"].keys() - made["required"]:
            field = made["properties"][name]
            if "anyOf" not in field:
                value = {key: field.pop(key) for key in list(field) if key not in ("default", "description")}
                field["anyOf"] = [value, NULL]
        return made


def make_schema() -> Schema:
    """Returns the JSON schema (draft 2020-12) that the code makes: of any request or answer, by name in its `$defs`."""
    return {"title": "Message"} | TypeAdapter(Request | Answer).json_schema(schema_generator=Untitled)


def broken_promises(before: Schema, after: Schema) -> list[str]:
    """Returns what callers of one schema would miss in another, a line each.

    A field that was there is there with the same type; in a request it may take null besides. A choice of names may
    have more: a caller shows one that it does not know as it is. A request needs no field that it did not need, and may
    let in others; an answer still has the fields that it always had. Limits and descriptions may change, and `RENAMED`
    is what one field is called now.
    """
    requests = {request.__name__ for request in get_args(Request)}
    return [
        line
        for name in map(_name, before["anyOf"])
        for line in _differences(name, _inlined(before, name), _inlined(after, name), name in requests)
    ]


def _name(reference: Schema) -> str:
    name: str = reference["$ref"].rpartition("/")[2]
    return name


def _inlined(schema: Schema, name: str) -> Schema:
    """Returns a definition with what it refers to in its place; nothing where there is no such definition."""

    def inline(part: Any) -> Any:
        if isinstance(part, list):
            return [inline(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return inline(schema["$defs"][_name(part)])
        return {key: inline(value) for key, value in part.items()}

    inlined: Schema = inline(schema["$defs"].get(name, {}))
    return inlined


def _differences(path: str, before: Schema, after: Schema, is_request: bool) -> Iterator[str]:
    if is_request and before.get("additionalProperties") is False:
        before = {keyword: value for keyword, value in before.items() if keyword != "additionalProperties"}
    if set(before.get("enum", ())) < set(after.get("enum", ())):
        after = after | {"enum": before["enum"]}
    if _type(before) not in ([_type(after), _type(_without_null(after))] if is_request else [_type(after)]):
        yield f"{path} is gone" if not after else f"{path} has another type"
        return
    if "items" in before:
        yield from _differences(f"{path}[]", before["items"], after["items"], is_request)
    fields = after.get("properties", {})
    for field, definition in before.get("properties", {}).items():
        new_name = RENAMED.get(f"{path}.{field}", field)
        yield from _differences(f"{path}.{field}", definition, fields.get(new_name, {}), is_request)
    required = set(after.get("required", ()))
    once_required = {RENAMED.get(f"{path}.{field}", field) for field in before.get("required", ())}
    if is_request:
        yield from (f"{path}.{field} is now required" for field in sorted(required - once_required))
    else:
        yield from (f"{path}.{field} may now be missing" for field in sorted((once_required - required) & set(fields)))


def _without_null(definition: Schema) -> Schema:
    """Returns the one choice of a definition beside null; a definition with no such choice as it is."""
    choices = [choice for choice in definition.get("anyOf", ()) if choice != NULL]
    return choices[0] if len(choices) == 1 else definition


def _type(definition: Schema) -> Schema:
    """Returns what of a schema says the type, without limits, descriptions and fields."""
    kept = {keyword: definition[keyword] for keyword in TYPE_KEYWORDS if keyword in definition}
    return kept | {"anyOf": [_type(choice) for choice in definition.get("anyOf", ())]}


if __name__ == "__main__":
    main()
