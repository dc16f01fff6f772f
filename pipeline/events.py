"""What a job tells the world: event types, the append-only log and its reader.

A log is one JSON object a line, each with `sequence`, `time` (seconds since 1970) and `kind`.
A writer first cuts off a torn last line; a reader ignores one.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar

from pipeline.problems import Problem, word

MAX_PENDING = 10_000
PROGRESS_INTERVAL_S = 0.25

# Asked between two batches or chunks: "batch" or "epoch" when somebody wants the job to stop.
StopCheck = Callable[[], "str | None"]


@dataclass(frozen=True)
class Event:
    """Base of what happens in a run."""

    kind: ClassVar[str]


@dataclass(frozen=True)
class Started(Event):
    """A worker took the run up. `process_start_s` tells its pid from a later one of that number."""

    kind = "started"
    pid: int
    process_start_s: float
    host: str
    boot_id: str
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Resumed(Event):
    """Training goes on from here: readers drop metrics beyond `step`."""

    kind = "resumed"
    epoch: int
    step: int


@dataclass(frozen=True)
class Stage(Event):
    """The job entered the stage `name`."""

    kind = "stage"
    name: str


@dataclass(frozen=True)
class Progress(Event):
    """`done` of `total` units of the stage; `rate` in units a second, `eta_s` seconds left."""

    kind = "progress"
    done: int
    total: int
    unit: str
    rate: float | None = None
    eta_s: float | None = None


@dataclass(frozen=True)
class Metric(Event):
    """Values measured at `step`. Scope "step": means since the event before; "epoch": of it all.

    A value that is not a finite number is None.
    """

    kind = "metric"
    scope: str
    epoch: int
    step: int
    values: dict[str, float | None]


@dataclass(frozen=True)
class Log(Event):
    """A line for the reader: `code` and `params` for other languages, `text` in English."""

    kind = "log"
    code: str
    params: dict[str, Any]
    text: str


@dataclass(frozen=True)
class Warned(Log):
    kind = "warning"


@dataclass(frozen=True)
class Artifact(Event):
    """The job made something: a dataset, a checkpoint, a bundle, a table."""

    kind = "artifact"
    name: str
    path: str


@dataclass(frozen=True)
class Failed(Log):
    kind = "failed"


@dataclass(frozen=True)
class Stopped(Event):
    """The job stopped because somebody asked; `request` is what they asked for."""

    kind = "stopped"
    request: str


@dataclass(frozen=True)
class Finished(Event):
    """The job is done; `summary` holds its result in JSON types."""

    kind = "finished"
    summary: dict[str, Any] = field(default_factory=dict)


EVENT_TYPES: dict[str, type[Event]] = {
    kind.kind: kind
    for kind in (Started, Resumed, Stage, Progress, Metric, Log, Warned, Artifact, Failed, Stopped,
                 Finished)
}  # fmt: skip


FIELDS = {kind: tuple(f.name for f in fields(kind)) for kind in EVENT_TYPES.values()}


@dataclass(frozen=True)
class Stamped:
    """An event with its place in the log and its time in seconds since 1970."""

    sequence: int
    time: float
    event: Event


class EventLog:
    """Appends events to a log file, a flushed line at a time.

    When the disk is full the events wait in memory and are written with a later one, so that a
    full disk costs history at worst, never the job.

    Attributes:
        continued: the log held events before this writer opened it.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(
            path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644
        )
        content = path.read_bytes()
        self._offset = content.rfind(b"\n") + 1
        os.ftruncate(self._descriptor, self._offset)
        self._sequence = max((stamped.sequence for stamped in parse(content)), default=0)
        self.continued = self._sequence > 0
        self._pending: deque[bytes] = deque(maxlen=MAX_PENDING)

    def append(self, event: Event) -> Stamped:
        self._sequence += 1
        stamped = Stamped(self._sequence, time.time(), event)
        self._pending.append(_line(stamped))
        while self._pending and self._write(self._pending[0]):
            self._pending.popleft()
        return stamped

    def close(self) -> None:
        os.close(self._descriptor)

    def _write(self, line: bytes) -> bool:
        try:
            written = os.pwrite(self._descriptor, line, self._offset)
            if written == len(line):
                self._offset += written
                return True
            os.ftruncate(self._descriptor, self._offset)
        except OSError:
            os.ftruncate(self._descriptor, self._offset)
        return False


def parse(content: bytes) -> Iterator[Stamped]:
    """Yields the events of whole lines; torn lines and kinds of later versions are left out."""
    for record in _records(content[: content.rfind(b"\n") + 1].splitlines()):
        try:
            kind = EVENT_TYPES[record["kind"]]
            known = {name: record[name] for name in FIELDS[kind] if name in record}
            yield Stamped(record["sequence"], record["time"], kind(**known))
        except (KeyError, TypeError):
            continue


def _records(lines: list[bytes]) -> Iterator[Any]:
    try:
        # All at once takes half the time of line by line, and logs of long trainings are long.
        yield from json.loads(b"[" + b",".join(lines) + b"]")
    except ValueError:
        for line in lines:
            try:
                yield json.loads(line)
            except ValueError:
                continue


class EventReader:
    """Reads a growing log: each `read` returns the events appended since the one before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read(self, most_bytes: int = -1) -> list[Stamped]:
        """Returns the next events.

        Args:
            most_bytes: how much of a long log to read at once, more than the longest line;
                -1 for all of it.
        """
        try:
            with open(self._path, "rb") as file:
                file.seek(self._offset)
                content = file.read(most_bytes)
        except FileNotFoundError:
            return []
        whole = content[: content.rfind(b"\n") + 1]
        self._offset += len(whole)
        return list(parse(whole))


class Report:
    """What a stage speaks through. Progress is thinned to one event in `PROGRESS_INTERVAL_S`."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._stage_began = time.monotonic()
        self._next_progress = 0.0
        self._first_done: int | None = None

    @property
    def continued(self) -> bool:
        """Whether another worker did a part of this job before."""
        return self._log.continued

    def event(self, event: Event) -> None:
        self._log.append(event)

    def stage(self, name: str) -> None:
        self._stage_began, self._next_progress, self._first_done = time.monotonic(), 0.0, None
        self.event(Stage(name))

    def progress(self, done: int, total: int, unit: str) -> None:
        """Reports how far the stage is; rate and time left follow from the calls so far."""
        now = time.monotonic()
        if self._first_done is None:
            self._first_done, self._stage_began = done, now
        if now < self._next_progress and done < total:
            return
        self._next_progress = now + PROGRESS_INTERVAL_S
        elapsed = now - self._stage_began
        rate = (
            (done - self._first_done) / elapsed if elapsed > 0 and done > self._first_done else None
        )
        eta_s = (total - done) / rate if rate else None
        self.event(Progress(done, total, unit, rate, eta_s))

    def metric(self, scope: str, epoch: int, step: int, values: Mapping[str, float]) -> None:
        finite = {k: float(v) if math.isfinite(v) else None for k, v in values.items()}
        self.event(Metric(scope, epoch, step, finite))

    def log(self, code: str, **params: Any) -> None:
        self.event(Log(code, params, word(code, params)))

    def warn(self, code: str, **params: Any) -> None:
        self.event(Warned(code, params, word(code, params)))

    def artifact(self, name: str, path: Path) -> None:
        self.event(Artifact(name, str(path)))

    def failed(self, problem: Problem) -> None:
        self.event(Failed(problem.code, problem.params, str(problem)))


def to_json(stamped: Stamped) -> str:
    """Returns the event as one line of JSON."""
    record = {"sequence": stamped.sequence, "time": round(stamped.time, 3),
              "kind": stamped.event.kind, **asdict(stamped.event)}  # fmt: skip
    return json.dumps(record, ensure_ascii=False, allow_nan=False)


def _line(stamped: Stamped) -> bytes:
    # A file name that is not UTF-8 must not stop the log.
    return (to_json(stamped) + "\n").encode("utf-8", "backslashreplace")
