"""What is known of the job at hand: the seconds of its stages, their limit, and what its line in the log says."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from shared.errors import TimedOutError


@dataclass
class JobRecord:
    """Seconds by stage in the order they were run, and what was heard by what; filled in as the job goes on."""

    limit_seconds: float = math.inf
    stages: dict[str, float] = field(default_factory=dict)
    audio_seconds: float | None = None
    recognizer: str | None = None
    aligner: str | None = None
    started: float = field(default_factory=time.perf_counter)

    @property
    def total_seconds(self) -> float:
        """Seconds since the job began."""
        return round(time.perf_counter() - self.started, 4)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times what runs inside, a failure too.

        Raises TimedOutError, naming the stage before, where the job has no time left to begin this one: a stage is
        a call into a library, which nothing can interrupt.
        """
        if self.total_seconds > self.limit_seconds:
            slow = next(reversed(self.stages), "start")
            raise TimedOutError(f"the time of {self.limit_seconds:g} s ran out in the stage `{slow}`; send less")
        start = time.perf_counter()
        try:
            yield
        finally:
            self.stages[name] = round(time.perf_counter() - start, 4)


_at_hand: ContextVar[JobRecord] = ContextVar("job at hand")


@contextmanager
def job_context(limit_seconds: float) -> Iterator[JobRecord]:
    """Makes a new record that of the job at hand."""
    token = _at_hand.set(JobRecord(limit_seconds))
    try:
        yield _at_hand.get()
    finally:
        _at_hand.reset(token)


def job_record() -> JobRecord:
    """Returns the record of the job at hand, or, outside a job, one that nobody reads."""
    return _at_hand.get(None) or JobRecord()
