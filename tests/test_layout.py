"""The direction of imports: handlers know pipelines, pipelines know alignment and shared, shared knows neither."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.data import ROOT

# The packages of this repository that each package may import, besides itself.
MAY_IMPORT = {
    "shared": set[str](),
    "alignment": {"shared"},
    "assessment": {"alignment", "shared"},
    "ipa_generation": {"alignment", "shared"},
}

DEMO = ROOT / "assessment" / "report" / "demo.py"  # shows both workers, so it imports both


def imported_packages(source: Path) -> set[str]:
    """Returns the first names of what a module imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_those_below_it(package: str) -> None:
    forbidden = set(MAY_IMPORT) - MAY_IMPORT[package] - {package}
    sources = set((ROOT / package).rglob("*.py")) - {DEMO}
    upwards = {str(source): imported_packages(source) & forbidden for source in sources}
    assert {source: names for source, names in upwards.items() if names} == {}


def test_an_assessment_loads_no_dictionary() -> None:
    assess = (
        "import sys\n"
        "from assessment import handler\n"
        "handler.assessor().warm_up()\n"
        "print('shared.phonology.dictionary' in sys.modules, 'gruut' in sys.modules)"
    )
    process = subprocess.run([sys.executable, "-c", assess], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert process.stdout.split()[-2:] == ["False", "False"]
