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
from pathlib import Path
from typing import Any

import msgspec

from pipeline.problems import word

MAX_PENDING = 10_000
PROGRESS_INTERVAL_S = 0.25

# Asked between two batches or chunks: "batch", "epoch" or "now" when the job is to stop.
StopCheck = Callable[[], "str | None"]


class Event(msgspec.Struct, frozen=True, gc=False, tag_field="kind", tag=str.lower):
    """Base of what happens in a run; `kind` is the class's name in the log."""

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)


class Started(Event, frozen=True):
    """A worker took the run up. `process_start_s` tells its pid from a later one of that number."""

    pid: int
    process_start_s: float
    host: str
    boot_id: str
    versions: dict[str, str] = {}


class Resumed(Event, frozen=True):
    """Training goes on from here: readers drop metrics beyond `step`."""

    epoch: int
    step: int


class Stage(Event, frozen=True):
    """The job entered the stage `name`."""

    name: str


class Progress(Event, frozen=True):
    """`done` of `total` units of the stage; `rate` in units a second, `eta_s` seconds left."""

    done: int
    total: int
    unit: str
    rate: float | None = None
    eta_s: float | None = None


class Metric(Event, frozen=True):
    """Values measured at `step`. Scope "step": means since the event before; "epoch": of it all.

    A value that is not a finite number is None.
    """

    scope: str
    epoch: int
    step: int
    values: dict[str, float | None]


class Log(Event, frozen=True):
    """A line for the reader: `code` and `params` for other languages, `text` in English."""

    code: str
    params: dict[str, Any]
    text: str


class Warned(Log, frozen=True, tag="warning"):
    """Something to look at; the job goes on."""


class Artifact(Event, frozen=True):
    """The job made something: a dataset, a checkpoint, a bundle, a table."""

    name: str
    path: str


class Failed(Log, frozen=True):
    """What ended the job, why, and what to do."""


class Stopped(Event, frozen=True):
    """The job stopped because somebody asked; `request` is what they asked for."""

    request: str


class Finished(Event, frozen=True):
    """The job is done; `summary` holds its result in JSON types."""

    summary: dict[str, Any] = {}


class Stamped(msgspec.Struct, frozen=True, gc=False):
    """An event with its place in the log and its time in seconds since 1970."""

    sequence: int
    time: float
    event: Event


class _Stamp(msgspec.Struct, gc=False):
    sequence: int
    time: float


_STAMP = msgspec.json.Decoder(_Stamp)
_EVENT = msgspec.json.Decoder(
    Started | Resumed | Stage | Progress | Metric | Log | Warned | Artifact | Failed | Stopped
    | Finished
)  # fmt: skip


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
    whole = content[: content.rfind(b"\n") + 1]
    try:
        # All at once: logs of long trainings are long.
        stamps, events = _STAMP.decode_lines(whole), _EVENT.decode_lines(whole)
    except (msgspec.DecodeError, UnicodeDecodeError):
        yield from _whole_ones(whole.splitlines())
        return
    for stamp, event in zip(stamps, events, strict=True):
        yield Stamped(stamp.sequence, stamp.time, event)


def _whole_ones(lines: list[bytes]) -> Iterator[Stamped]:
    for line in lines:
        try:
            stamp, event = _STAMP.decode(line), _EVENT.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        yield Stamped(stamp.sequence, stamp.time, event)


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


def to_json(stamped: Stamped) -> str:
    """Returns the event as one line of JSON."""
    record = {"sequence": stamped.sequence, "time": round(stamped.time, 3),
              "kind": stamped.event.kind, **msgspec.structs.asdict(stamped.event)}  # fmt: skip
    return json.dumps(record, ensure_ascii=False, allow_nan=False)


def _line(stamped: Stamped) -> bytes:
    # A file name that is not UTF-8 must not stop the log.
    return (to_json(stamped) + "\n").encode("utf-8", "backslashreplace")
