"""Pronunciation assessment. In Python: `from assessment.client import assess`."""
