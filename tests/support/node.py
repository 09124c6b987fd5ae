"""Node's programs, where they are installed."""

import pytest

from tests.support.data import ROOT

NODE_PACKAGES = ROOT / ".venv/node/node_modules/.bin"
needs_node = pytest.mark.skipif(not NODE_PACKAGES.exists(), reason="needs npm's packages: make .venv/node")
