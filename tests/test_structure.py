"""The direction of imports: the contracts in pyproject.toml, no test imported, no dictionary loaded without need."""

import sys
from pathlib import Path

import grimp

from tests.support.process import output, run, run_python


def test_imports_keep_their_contracts() -> None:
    output(run(Path(sys.prefix) / "bin" / "lint-imports", "--no-cache"))


def test_no_module_imports_a_test_module() -> None:
    graph = grimp.build_graph("tests", cache_dir=None)
    tests = {module for module in graph.modules if module.startswith("tests.test_")}
    assert len(tests) > 20
    assert {test: importers for test in tests if (importers := graph.find_modules_that_directly_import(test))} == {}


def test_alignment_loads_no_service_and_no_decoder() -> None:
    load = (
        "import importlib, pkgutil, sys\n"
        "import alignment\n"
        "modules = [module.name for module in pkgutil.walk_packages(alignment.__path__, 'alignment.')]\n"
        "for module in modules: importlib.import_module(module)\n"
        "print(len(modules), *{name.partition('.')[0] for name in sys.modules})"
    )
    number, *loaded = output(run_python("-c", load)).split()
    assert int(number) > 10
    assert "numpy" in loaded
    assert not {"runpod", "aiohttp", "av", "onnxruntime", "pydantic_settings", "requests", "fastapi"} & set(loaded)


def test_an_assessment_loads_no_dictionary() -> None:
    assess = (
        "import sys\n"
        "from assessment import handler\n"
        "handler.assessor().warm_up()\n"
        "print('shared.g2p.dictionary' in sys.modules, 'gruut' in sys.modules)"
    )
    assert output(run_python("-c", assess)).split()[-2:] == ["False", "False"]
