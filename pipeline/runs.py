"""Run directories: made, listed, read and cleared away. A run's status is derived, never stored."""

from __future__ import annotations

import errno
import json
import mmap
import os
import random
import shutil
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from pipeline.events import (
    Event,
    EventReader,
    Failed,
    Finished,
    Metric,
    Progress,
    Resumed,
    Stamped,
    Started,
    Stopped,
)
from pipeline.events import parse as parse_events
from pipeline.files import PARTIAL, heartbeat_fresh, size_bytes, write_json, write_text
from pipeline.problems import Problem
from pipeline.processes import ProcessIdentity, is_alive, is_here
from pipeline.workspace import checked_name

STARTING_S = 20.0
ADJECTIVES = (
    "quiet", "bright", "calm", "early", "gentle", "green", "lucky", "merry", "plain", "proud",
    "rapid", "solid", "still", "warm", "wide", "young",
)  # fmt: skip
NOUNS = (
    "brook", "cedar", "cloud", "crane", "ember", "field", "heron", "lotus", "maple", "otter",
    "pearl", "pine", "plum", "reed", "river", "willow",
)  # fmt: skip
TERMINAL = (Finished, Failed, Stopped)


class Status(str, Enum):
    STARTING = "starting"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def live(self) -> bool:
        return self in (Status.STARTING, Status.RUNNING)


@dataclass(frozen=True)
class Run:
    """One run directory."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def job(self) -> Path:
        return self.path / "job.toml"

    @property
    def heartbeat(self) -> Path:
        return self.path / "heartbeat"

    @property
    def worker_log(self) -> Path:
        return self.path / "worker.log"

    @property
    def control(self) -> Path:
        return self.path / "control"

    @property
    def lock(self) -> Path:
        return self.path / "worker.lock"

    def status(self) -> Status:
        """Derives the status from the last event, the worker's process and the heartbeat."""
        last = _last_event(self.events, b"")
        if last is not None and isinstance(last.event, TERMINAL):
            return Status(last.event.kind)
        started = _last_event(self.events, b'"kind": "started"')
        if started is None:
            fresh = time.time() - self.job.stat().st_mtime < STARTING_S
            return Status.STARTING if fresh else Status.INTERRUPTED
        alive = worker_alive(started.event, self.heartbeat)
        return Status.RUNNING if alive else Status.INTERRUPTED

    def worker(self) -> ProcessIdentity | None:
        """Returns the process that took the run up last, None before the first."""
        started = _last_event(self.events, b'"kind": "started"')
        return None if started is None else _identity(started.event)

    def last_epoch(self) -> Metric | None:
        """Returns the newest metric of a whole epoch."""
        found = _last_event(self.events, b'"scope": "epoch"')
        return found.event if found and isinstance(found.event, Metric) else None

    def last_progress(self) -> Progress | None:
        """Returns how far the current stage is."""
        found = _last_event(self.events, b'"kind": "progress"')
        return found.event if found and isinstance(found.event, Progress) else None

    def finished(self) -> Finished | None:
        found = _last_event(self.events, b'"kind": "finished"')
        return found.event if found and isinstance(found.event, Finished) else None

    def metrics(self) -> list[Metric]:
        """Returns all metrics as one continuous history: what a resume repeats is dropped."""
        return continuous(EventReader(self.events).read())

    def began_s(self) -> float:
        """Returns when the run was made, in seconds since 1970."""
        return self.job.stat().st_mtime

    def ended_s(self) -> float | None:
        """Returns when the last event was written, in seconds since 1970."""
        last = _last_event(self.events, b"")
        return None if last is None else last.time

    def note(self) -> str:
        """Returns the user's own line about the run, "" when there is none."""
        try:
            return (self.path / "note.txt").read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def set_note(self, text: str) -> None:
        write_text(self.path / "note.txt", " ".join(text.split()) + "\n")

    def size_bytes(self) -> int:
        return size_bytes(self.path)

    def rewrite_job(self, job: str) -> None:
        """Replaces job.toml; when the run began stays the same."""
        began = self.job.stat()
        write_text(self.job, job)
        os.utime(self.job, ns=(began.st_atime_ns, began.st_mtime_ns))

    def request(self, what: str) -> None:
        """Asks the worker to stop: "batch", "epoch" or "now", see `jobs.stop`."""
        write_json(self.control, {"request": what, "time": time.time()})

    def requested(self) -> str | None:
        """Returns what has been asked of the worker, None when nothing."""
        try:
            return str(json.loads(self.control.read_text("utf-8"))["request"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


def create(folder: Path, job: str) -> Run:
    """Makes a run directory below `folder` with `job` as its job.toml; it appears whole."""
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        stamp = time.strftime("%Y%m%d-%H%M")
        name = f"{stamp}-{random.choice(ADJECTIVES)}-{random.choice(NOUNS)}"
        partial = folder / (name + PARTIAL)
        try:
            partial.mkdir()
            write_text(partial / "job.toml", job)
            partial.rename(folder / name)
            return Run(folder / name)
        except OSError as error:
            if not isinstance(error, FileExistsError):
                shutil.rmtree(partial, ignore_errors=True)
            # Renaming onto a folder that holds something is "not empty", not "exists".
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise


def listed(folder: Path) -> list[Run]:
    """Returns the runs below `folder`, oldest first."""
    if not folder.is_dir():
        return []
    found = [Run(entry) for entry in folder.iterdir()
             if not entry.name.endswith(PARTIAL) and (entry / "job.toml").is_file()]  # fmt: skip
    return sorted(found, key=lambda run: (run.began_s(), run.id))


def find(folder: Path, name: str) -> Run:
    """Returns the run that `name` means: an id, a unique part of one, or "last".

    Raises:
        Problem: `run.missing` or `run.ambiguous`.
    """
    runs = listed(folder)
    if name == "last" and runs:
        return runs[-1]
    exact = [run for run in runs if run.id == name]
    matches = exact or [run for run in runs if name in run.id]
    if not matches:
        raise Problem("run.missing", name=name, folder=str(folder))
    if len(matches) > 1:
        raise Problem("run.ambiguous", name=name, matches=", ".join(run.id for run in matches))
    return matches[0]


def remove(run: Run) -> int:
    """Deletes a run and returns the bytes freed.

    Raises:
        Problem: `run.live` while its worker runs.
    """
    if run.status().live:
        raise Problem("run.live", run=run.id)
    freed = run.size_bytes()
    hidden = run.path.with_name(run.id + PARTIAL)
    run.path.rename(hidden)
    shutil.rmtree(hidden)
    return freed


def rename(run: Run, name: str) -> Run:
    """Gives a run another id.

    Raises:
        Problem: `run.live` while its worker runs, `name.bad`, or `run.exists`.
    """
    if run.status().live:
        raise Problem("run.live", run=run.id)
    renamed = Run(run.path.with_name(checked_name(name)))
    if renamed.path.exists():
        raise Problem("run.exists", run=name)
    run.path.rename(renamed.path)
    return renamed


def prunable(folder: Path, keep: int) -> list[Run]:
    """Returns the runs that pruning would delete: all but the newest `keep`.

    Runs under way, and those that were stopped or interrupted and can go on, are never among them.
    """
    over = [run for run in listed(folder) if run.status() in (Status.FINISHED, Status.FAILED)]
    return over[: max(0, len(over) - keep)]


def continuous(events: list[Stamped]) -> list[Metric]:
    """Returns the metrics in order, those beyond the step of a later resume left out."""
    history: list[Metric] = []
    for stamped in events:
        if isinstance(stamped.event, Resumed):
            step = stamped.event.step
            history = [metric for metric in history if metric.step <= step]
        elif isinstance(stamped.event, Metric):
            history.append(stamped.event)
    return history


def worker_alive(started: Event, heartbeat: Path) -> bool:
    """Says whether the worker of a `Started` event still runs; elsewhere its heartbeat decides."""
    identity = _identity(started)
    return is_alive(identity) if is_here(identity) else heartbeat_fresh(heartbeat)


def _identity(started: Event) -> ProcessIdentity:
    assert isinstance(started, Started)
    return ProcessIdentity(started.pid, started.process_start_s, started.host, started.boot_id)


def _last_event(path: Path, mark: bytes) -> Stamped | None:
    """Returns the last event whose line holds `mark`, without reading the whole log."""
    try:
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as log:
            end = log.rfind(b"\n")
            while end > 0:
                at = log.rfind(mark, 0, end) if mark else end - 1
                if at < 0:
                    return None
                begin = log.rfind(b"\n", 0, at) + 1
                whole = log[begin : log.find(b"\n", at) + 1]
                for stamped in parse_events(whole):
                    return stamped
                end = begin - 1
    except (FileNotFoundError, ValueError):  # an empty file cannot be mapped
        return None
    return None
