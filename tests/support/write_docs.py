"""Writes the tables of the pages that are made from code: `make docs`.

A table stands between `<!-- NAME: written by make docs -->` and `<!-- end of NAME -->`; the rest of a page is written
by hand.
"""

import json
import shutil
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt
from pydantic.fields import FieldInfo

from shared.serving.settings import Settings
from tests.support.advice import advice_table
from tests.support.data import ROOT

DOCS = ROOT / "docs"
SCALERS = {"QUEUE_DELAY": "queue delay, {} s", "REQUEST_COUNT": "request count, {}"}


def main() -> None:
    """Writes every table into its page, and the Dockerfile that the Hub builds, which has to be a file."""
    shutil.copy(ROOT / "assessment" / "Dockerfile", ROOT / ".runpod" / "Dockerfile")
    for name in TABLES:
        page = DOCS / f"{name}.md"
        page.write_text(with_table(page.read_text(encoding="utf-8"), name), encoding="utf-8")


def with_table(page: str, name: str) -> str:
    """Returns a page with the table of a name written anew. Raises ValueError where the page has no place for it."""
    begin, end = f"<!-- {name}: written by make docs -->", f"<!-- end of {name} -->"
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"docs/{name}.md has no `{begin}` … `{end}`")
    return f"{before}{begin}\n\n{TABLES[name]()}\n\n{end}{after}"


def settings_table() -> str:
    """Returns the environment variables of a worker as a Markdown table."""
    rows = [
        f"| `{name.upper()}` | {_values(field)} | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| variable | values | default | |", "| --- | --- | --- | --- |", *rows])


def endpoints_table() -> str:
    """Returns what to enter in RunPod's console, in its words, as a Markdown table."""
    workers: dict[str, Any] = json.loads((ROOT / ".runpod" / "endpoints.json").read_text(encoding="utf-8"))
    columns = [_console(worker) for worker in workers.values()]
    header = f"| setting | {' | '.join(f'`{name}`' for name in workers)} |"
    rows = [f"| {setting} | {' | '.join(column[setting] for column in columns)} |" for setting in columns[0]]
    return "\n".join([header, "| --- " * (len(columns) + 1) + "|", *rows])


def _console(worker: dict[str, Any]) -> dict[str, str]:
    """Returns one endpoint's settings as the console names them."""
    endpoint, more = worker["endpoint"], worker["more"]
    is_cpu = endpoint["computeType"] == "CPU"
    machines = endpoint["cpuFlavorIds" if is_cpu else "gpuTypeIds"]

    def range_of(field: str) -> str:
        return f"{endpoint[field]}" + (f", up to {more[field]}" if field in more else "")

    return {
        "endpoint and template name": f"`{endpoint['name']}`",
        "endpoint type": "queue",
        "machines, best first": ", ".join(name.removeprefix("NVIDIA ") for name in machines),
        "a worker": f"{endpoint['vcpuCount']} vCPUs" if is_cpu else f"{endpoint['gpuCount']} GPU",
        "CUDA": "none" if is_cpu else f"{endpoint['minCudaVersion']} or later",
        "active workers": range_of("workersMin"),
        "max workers": range_of("workersMax"),
        "idle timeout": f"{endpoint['idleTimeout']} s",
        "execution timeout": f"{endpoint['executionTimeoutMs'] // 1000} s",
        "auto-scaling": SCALERS[endpoint["scalerType"]].format(range_of("scalerValue")),
        "FlashBoot": "on" if endpoint["flashboot"] else "off",
        "model": f"`{worker['model']}`" if "model" in worker else "none",
        "container start command": f"`{' '.join(worker['template']['dockerStartCmd'])}`",
        "container disk": f"{worker['template']['containerDiskInGb']} GB",
        "environment variables": ", ".join(f"`{k}={v}`" for k, v in worker["template"]["env"].items()) or "none",
    }


def _values(field: FieldInfo) -> str:
    """Returns the values that a setting takes: `a`, `b`; or its type with its lower bound."""
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(field.annotation))
    words: dict[Any, str] = {str: "text", int: "whole number", float: "number", float | None: "number"}
    bounds = [f" above {bound.gt}" for bound in field.metadata if isinstance(bound, Gt)]
    bounds += [f" from {bound.ge}" for bound in field.metadata if isinstance(bound, Ge)]
    return words[field.annotation] + "".join(bounds)


def _default(field: FieldInfo) -> str:
    if field.default is None:
        return "unset"
    if isinstance(field.default, str):
        return f"`{field.default}`" if field.default else "empty"
    return f"{field.default:.10g}"


TABLES = {"advice": advice_table, "configuration": settings_table, "deployment": endpoints_table}

if __name__ == "__main__":
    main()
