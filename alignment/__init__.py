"""Phones compared with a target, and aligned with a recording."""
