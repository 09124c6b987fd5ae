"""The file of results: a line of JSON for each item that has its answer, appended to as they come."""

import json
import os
from pathlib import Path

from ipa_generation.admin.items import Item
from shared.serving.rows import InputError


def read_results(path: Path) -> set[Item]:
    """Returns the items that a file of results has answers of. Raises InputError where it is another file.

    A last line without its end was being written when the machine stopped, and counts for nothing.
    """
    if not path.exists():
        return set()
    try:
        whole, _, unfinished = path.read_bytes().rpartition(b"\n")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    if unfinished and not unfinished.startswith(b"{"):
        raise InputError(f"the last line of {path.name} is no result")
    done = set()
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            result = json.loads(line)
            del result["output"]
            done.add(Item.model_validate(result))
        except (ValueError, TypeError, KeyError):
            raise InputError(f"line {number} of {path.name} is no result") from None
    return done


def prepare_results(path: Path) -> None:
    """Makes a file that results can be appended to, and its folder; cuts off a last line that has no end.

    Raises InputError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.truncate(path, path.read_bytes().rfind(b"\n") + 1)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
