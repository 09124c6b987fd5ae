"""Phones compared with phones, and phones placed in time."""
