"""Detailed answers to make reports of."""

import json
from typing import Any

from tests.support.data import DATA

WAV = str(DATA / "librivox_0880.wav")
SAID = "hi wɑz nɑt ən ɪl dɪspoʊzd jʌŋ mæn"
NOT_SAID = "hi wɑz nɑt ən ɪl stɹdɪspoʊzd bɛɹi jʌŋ θmæən"  # phones missing: one, some in a row, and two places on


def detailed(target: str, audio: str = WAV) -> dict[str, Any]:
    """Returns a detailed answer of a worker: one that was stored, where no recording of its own is given.

    The stored ones are of another engine, so that the page's content does not change with the engine.
    """
    stored: dict[str, Any] = json.loads((DATA / "detailed_answers.json").read_text(encoding="utf-8"))
    if audio == WAV and target in stored:
        return dict(stored[target])
    # The module loads the worker, which stored answers do not need.
    from assessment import handler as worker

    return worker.handler({"id": "job", "input": {"audio_uri": audio, "target_ipa": target, "detail": True}})


def doubted(answer: dict[str, Any]) -> dict[str, Any]:
    """Returns an answer with every second error uncertain."""
    errors = [
        error | {"confidence": 0.15 + 0.5 * (k % 2), "uncertain": k % 2 == 0, "cost": 0.5}
        for k, error in enumerate(answer["errors"])
    ]
    return answer | {"errors": errors}
