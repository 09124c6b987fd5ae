"""The cores of the processor that this process may use."""

import os


def count_cores() -> int:
    """Returns how many there are: those that the operating system allows, where it says so, as macOS does not."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
