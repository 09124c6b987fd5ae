"""The admins' script, as a process and its results."""

import json
import sys
from pathlib import Path
from typing import Any

SCRIPT = [sys.executable, "-m", "ipa_generation.admin"]
OUTPUT = {"ipa_phonemes": "/h//a//ɪ/", "phonemes": ["h", "a", "ɪ"]}


def answers(path: Path) -> list[dict[str, Any]]:
    """Returns the lines of a file of results."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
