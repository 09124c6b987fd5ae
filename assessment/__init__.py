"""Pronunciation assessment: `from assessment import assess`."""

# It loads the module `assessment.assess`, whose name in this package is the function's from here on.
from assessment.client import assess, assess_many

__all__ = ["assess", "assess_many"]
