"""What callers are promised: the committed JSON schema and TypeScript are the code's, and fields are only added."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from assessment import handler as assessment
from assessment.answer import AssessmentAnswer, DetailedAssessmentAnswer
from ipa_generation import handler as ipa_generation
from tests.support import write_schema as write
from tests.support.data import DATA
from tests.support.node import NODE_PACKAGES, needs_node
from tests.support.process import output, run
from tests.support.write_schema import JSON_SCHEMA, TYPESCRIPT, Schema, broken_promises, make_schema, read_schema

ASSESSMENT = {"audio_uri": str(DATA / "librivox_0880.wav"), "target_ipa": "hi wəz"}


def test_the_committed_schema_is_the_codes() -> None:
    assert read_schema() == make_schema(), "make schema, and commit what it writes"


@needs_node
def test_the_committed_typescript_is_the_schemas(tmp_path: Path) -> None:
    made = tmp_path / TYPESCRIPT.name
    output(run(NODE_PACKAGES / "json2ts", "--no-additionalProperties", JSON_SCHEMA, made))
    assert TYPESCRIPT.read_text(encoding="utf-8") == made.read_text(encoding="utf-8"), "make schema, and commit"


@pytest.mark.parametrize(
    ("answer_type", "answer"),
    [
        (AssessmentAnswer, lambda: run_job(assessment, **ASSESSMENT)),
        (
            DetailedAssessmentAnswer,
            lambda: run_job(assessment, **ASSESSMENT, detail=True),
        ),
        (ipa_generation.IpaGenerationAnswer, lambda: run_job(ipa_generation, text="See you.")),
    ],
)
def test_a_real_answer_is_as_promised(answer_type: type[Any], answer: Callable[[], dict[str, Any]]) -> None:
    answered = answer()
    read = TypeAdapter(answer_type).validate_python(answered)
    promised = TypeAdapter(answer_type).dump_python(read)
    assert promised.pop("aligned_by", None) is None  # only where CTC aligned
    assert promised == answered


def run_job(worker: Any, **request: object) -> dict[str, Any]:
    answer: dict[str, Any] = worker.handler({"id": "job", "input": request})
    return answer


def remove(schema: Schema, definition: str, field: str) -> None:
    del schema["$defs"][definition]["properties"][field]


def retype(schema: Schema, definition: str, field: str) -> None:
    schema["$defs"][definition]["properties"][field] = {"type": "boolean"}


def require(schema: Schema, definition: str, field: str) -> None:
    schema["$defs"][definition]["required"].append(field)


def free(schema: Schema, definition: str, field: str) -> None:
    schema["$defs"][definition]["required"].remove(field)


@pytest.mark.parametrize(
    ("change", "definition", "field", "complaint"),
    [
        (remove, "AssessmentRequest", "detail", "AssessmentRequest.detail is gone"),
        (remove, "IpaGenerationAnswer", "phonemes", "IpaGenerationAnswer.phonemes is gone"),
        (remove, "Timestamp", "end", "AssessmentAnswer.errors[].timestamp.end is gone"),
        (retype, "AssessmentAnswer", "score", "AssessmentAnswer.score has another type"),
        (retype, "Mispronunciation", "expected", "AssessmentAnswer.errors[].expected has another type"),
        (retype, "IpaGenerationRequest", "audio_uri", "IpaGenerationRequest.audio_uri has another type"),
        (require, "IpaGenerationRequest", "audio_uri", "IpaGenerationRequest.audio_uri is now required"),
        (free, "AssessmentAnswer", "score", "AssessmentAnswer.score may now be missing"),
    ],
)
def test_a_change_that_would_break_callers_is_named(
    change: Callable[[Schema, str, str], None], definition: str, field: str, complaint: str
) -> None:
    changed = copy.deepcopy(read_schema())
    change(changed, definition, field)
    assert complaint in broken_promises(read_schema(), changed)


def test_the_one_renaming_is_from_audio_to_audio_uri() -> None:
    """Callers have always sent `audio_uri`: as `audio` the field never worked, so no caller misses that name."""
    former, renamed_further = copy.deepcopy(read_schema()), copy.deepcopy(read_schema())
    rename(former, "AssessmentRequest", "audio_uri", "audio")
    rename(former, "IpaGenerationRequest", "audio_uri", "audio")
    assert broken_promises(former, read_schema()) == []
    rename(renamed_further, "AssessmentRequest", "audio_uri", "recording")
    assert broken_promises(read_schema(), renamed_further) == [
        "AssessmentRequest.audio_uri is gone",
        "AssessmentRequest.recording is now required",
    ]


def rename(schema: Schema, definition: str, field: str, name: str) -> None:
    properties, required = (schema["$defs"][definition].get(key, ()) for key in ("properties", "required"))
    properties[name] = properties.pop(field)
    if field in required:
        required[required.index(field)] = name


def test_a_field_of_a_request_may_take_null_besides_and_one_of_an_answer_may_not() -> None:
    changed = copy.deepcopy(read_schema())
    for definition, field in (("IpaGenerationRequest", "text"), ("IpaGenerationAnswer", "ipa_phonemes")):
        properties = changed["$defs"][definition]["properties"]
        properties[field] = {"anyOf": [properties[field], {"type": "null"}]}
    assert broken_promises(read_schema(), changed) == ["IpaGenerationAnswer.ipa_phonemes has another type"]


def test_a_request_may_let_in_other_fields_and_not_shut_them_out() -> None:
    closed = copy.deepcopy(read_schema())
    closed["$defs"]["IpaGenerationRequest"]["additionalProperties"] = False
    assert broken_promises(closed, read_schema()) == []
    assert broken_promises(read_schema(), closed) == ["IpaGenerationRequest has another type"]


def test_a_choice_may_have_more_names_and_no_less() -> None:
    changed = copy.deepcopy(read_schema())
    del changed["$defs"]["Word"]["properties"]["status"]["enum"][0]
    assert broken_promises(changed, read_schema()) == []
    assert broken_promises(read_schema(), changed) == ["DetailedAssessmentAnswer.words[].status has another type"]


def test_a_message_that_is_gone_is_named() -> None:
    changed = copy.deepcopy(read_schema())
    del changed["$defs"]["DetailedAssessmentAnswer"]
    assert broken_promises(read_schema(), changed) == ["DetailedAssessmentAnswer is gone"]


def test_fields_may_be_added_and_limits_may_change() -> None:
    changed = copy.deepcopy(read_schema())
    definitions = changed["$defs"]
    definitions["AssessmentAnswer"]["properties"]["words"] = {"type": "array", "items": {"type": "string"}}
    require(changed, "AssessmentAnswer", "words")
    definitions["AssessmentRequest"]["properties"]["voice"] = {"type": "string"}
    definitions["IpaGenerationRequest"]["properties"]["text"]["maxLength"] = 5_000
    definitions["ExplainedError"] = copy.deepcopy(definitions["ScoredMispronunciation"])
    definitions["ExplainedError"]["properties"]["reason"] = {"type": "string"}
    definitions["DetailedAssessmentAnswer"]["properties"]["errors"]["items"]["$ref"] = "#/$defs/ExplainedError"
    assert broken_promises(read_schema(), changed) == []


def test_a_schema_that_would_break_callers_is_not_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    promised = read_schema()
    promised["$defs"]["IpaGenerationAnswer"]["properties"]["syllables"] = {"type": "integer"}
    committed = tmp_path / "pronunciation.json"
    committed.write_text(json.dumps(promised), encoding="utf-8")
    monkeypatch.setattr(write, "JSON_SCHEMA", committed)
    with pytest.raises(SystemExit, match=r"IpaGenerationAnswer\.syllables is gone"):
        write.main()
    assert read_schema() == promised
