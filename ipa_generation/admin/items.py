"""The rows of a file as requests, and what is wrong with the others."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, ValidationError

from ipa_generation.handler import IpaGenerationRequest
from shared.phonology.languages import TextAccent
from shared.serving.endpoint import data_uri, is_remote
from shared.serving.request import first_problem
from shared.serving.rows import BadRow, read_rows


class Item(IpaGenerationRequest):
    """A row of the input: a request, and its own name if it has one."""

    model_config = ConfigDict(frozen=True)

    id: str | int | None = None

    @property
    def name(self) -> str:
        """What a table of failures calls the item."""
        return self.text if self.id is None else str(self.id)


@dataclass
class Rows:
    """The items of a file, each once; what is wrong with other rows, by their place; the names that no item has."""

    items: list[Item] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)


def read_items(path: Path, form: str, accent: TextAccent | None = None) -> Rows:
    """Returns the rows of a file of a form of `read_rows`, by default in the accent given. Raises InputError."""
    rows = Rows()
    for place, row in read_rows(path, form, "text"):
        if isinstance(row, BadRow):
            rows.problems[place] = row
            continue
        fields = {"text": row} if isinstance(row, str) else row
        if isinstance(fields, dict):
            rows.ignored |= fields.keys() - Item.model_fields
        try:
            item = Item.model_validate(fields)
        except ValidationError as error:
            rows.problems[place] = first_problem(error)
            continue
        given = "accent" in item.model_fields_set or not accent
        rows.items.append(item if given else item.model_copy(update={"accent": accent}))
    rows.items = list(dict.fromkeys(rows.items))
    return rows


def to_request(item: Item) -> dict[str, Any]:
    """Returns the `input` of an item's job, a recording on this machine as a `data:` URI. Raises JobError.

    Asks for the words that are guessed, too, unless the item says otherwise.
    """
    request = item.model_dump(exclude={"id"}, exclude_unset=True)
    request.setdefault("detail", True)
    if item.audio_uri and not is_remote(item.audio_uri):
        request["audio_uri"] = data_uri(item.audio_uri)
    return request
