"""The structure that the imports draw: the contracts in pyproject.toml, and tests that import no test."""

import sys
from pathlib import Path

import grimp

from tests.support.process import output, run


def test_imports_keep_their_contracts() -> None:
    output(run(Path(sys.prefix) / "bin" / "lint-imports", "--no-cache"))


def test_no_module_imports_a_test_module() -> None:
    graph = grimp.build_graph("tests", cache_dir=None)
    tests = {module for module in graph.modules if module.startswith("tests.test_")}
    assert len(tests) > 20
    assert {test: importers for test in tests if (importers := graph.find_modules_that_directly_import(test))} == {}
