"""Pronunciation assessment: `from assessment import assess`."""

# It loads the module `assessment.assess`, whose name in this package is the function's from here on.
from assessment.client import assess

__all__ = ["assess"]
