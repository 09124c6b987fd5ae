"""Pronunciation assessment: `from assessment import assess`."""

from assessment.assess import Assessor as _Assessor  # noqa: F401 (see below)
from assessment.client import assess

# The module `assessment.assess` is loaded before its name is taken here: loading it later would take the name back.
__all__ = ["assess"]
