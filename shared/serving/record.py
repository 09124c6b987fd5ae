"""The record of a job: its stages, and what the log names of it."""

import json
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from shared.errors import TimedOutError


@dataclass
class JobRecord:
    """Seconds by stage in the order they were run, and what the log names of a job; filled in as the job goes on."""

    limit_seconds: float = math.inf
    stages: dict[str, float] = field(default_factory=dict)
    audio_seconds: float | None = None
    recognizer: str | None = None
    aligner: str | None = None
    ignored: list[str] = field(default_factory=list)
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

    def log_line(self, job_id: str, code: str) -> str:
        """Returns what the log has of a job, as JSON: nothing of the learner, and no URL."""
        more = {name: getattr(self, name) for name in ("audio_seconds", "recognizer", "aligner", "ignored")}
        seconds = {**self.stages, "total": self.total_seconds}
        return json.dumps({"job": job_id, "code": code, "seconds": seconds, **more})


_current: ContextVar[JobRecord] = ContextVar("current job")


@contextmanager
def job_context(limit_seconds: float) -> Iterator[JobRecord]:
    """Makes a new record that of the current job."""
    token = _current.set(JobRecord(limit_seconds))
    try:
        yield _current.get()
    finally:
        _current.reset(token)


def job_record() -> JobRecord:
    """Returns the record of the current job, or, outside a job, one that is not read."""
    return _current.get(None) or JobRecord()
