"""The async door to the work: start a job, follow it, stop it, find it again.

A job runs in a worker process of its own session. Whoever started or follows it may go away.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from pipeline import runs
from pipeline.dataset.export.links import Link
from pipeline.events import EventReader, Failed, Finished, Stamped, Stopped
from pipeline.problems import Problem
from pipeline.processes import is_alive, is_here
from pipeline.programs import program
from pipeline.resume import changed, require_unfinished
from pipeline.runs import Run
from pipeline.settings import (
    AugmentSettings,
    DatasetSettings,
    EvaluationSettings,
    TrainingSettings,
)
from pipeline.workspace import Workspace

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

POLL_S = 0.1
BATCH_BYTES = 1 << 20
STATUS_S = 1.0
STOP_GRACE_S = 30.0
START_TIMEOUT_S = 30.0

StopRequest = Literal["batch", "epoch", "now", "kill"]


class Job(BaseModel):
    """What a worker is to do: everything it needs to know, in its run's job.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    workspace: Path
    after: str | None = None
    """A run to wait for; this job begins when that one has finished."""
    notify: str = ""
    """Command to run when the run ends, see `pipeline.notify`."""


class FolderExport(BaseModel):
    """Write the dataset's images as files, too: `train`, `val`, `test`, a folder a label.

    Each training image gets `copies` distorted copies beside it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path
    link: Link = "copy"
    copies: int = Field(0, ge=0)
    augment: AugmentSettings = Field(default_factory=AugmentSettings)


class PrepareJob(Job):
    """Pack the label folders of `source` into the dataset `name`."""

    kind: Literal["prepare"] = "prepare"
    source: Path
    name: str
    replace: bool = False
    dataset: DatasetSettings
    export: FolderExport | None = None


class TrainJob(Job):
    """Train on the prepared dataset `dataset` and write the bundle `name`."""

    kind: Literal["train"] = "train"
    dataset: str
    name: str
    training: TrainingSettings
    augment: AugmentSettings


class EvaluateJob(Job):
    """Judge the bundle `model` by a split of the prepared dataset `dataset`.

    An empty `model` is the newest, an empty `dataset` the one the model was trained on. A `run`
    is a training whose checkpoint is judged in place of a bundle: "best", "last" or that of an
    epoch. A `source` is judged in place of a dataset: any folder or file of labelled images.
    """

    kind: Literal["evaluate"] = "evaluate"
    model: str = ""
    run: str = ""
    at: str = "best"
    dataset: str = ""
    source: Path | None = None
    evaluation: EvaluationSettings


AnyJob = Annotated[PrepareJob | TrainJob | EvaluateJob, Field(discriminator="kind")]


def read_job(run: Run) -> AnyJob:
    """Returns the job of a run.

    Raises:
        Problem: `job.bad` when job.toml cannot be read or understood.
    """
    try:
        values = tomllib.loads(run.job.read_text("utf-8"))
        adapter: TypeAdapter[AnyJob] = TypeAdapter(AnyJob)
        return adapter.validate_python(values)
    except (OSError, ValueError, ValidationError) as error:
        raise Problem("job.bad", path=str(run.job), detail=str(error)) from error


async def start(job: PrepareJob | TrainJob | EvaluateJob) -> Run:
    """Writes a run directory for `job` and starts its worker, detached.

    Returns once the worker has reported itself, so that the run's status is known.

    Raises:
        Problem: no job can be started on this system, or the worker did not come up.
    """
    _require_posix()
    run = runs.create(Workspace(job.workspace).runs, _written(job))
    await _spawn(run)
    return run


async def resume(run: Run, changes: Mapping[str, Any] | None = None) -> None:
    """Starts a worker again on a run that was stopped, interrupted or failed.

    Args:
        changes: training settings to go on with, from `resume.CHANGEABLE`; with more epochs a
            finished run goes on, too.

    Raises:
        Problem: the run is under way or finished, or something cannot change.
    """
    _require_posix()
    status, changes = run.status(), changes or {}
    if status.live:
        raise Problem("run.live", run=run.id)
    require_unfinished(run, status, changes)
    if changes:
        job = read_job(run)
        if not isinstance(job, TrainJob):
            raise Problem("resume.no_training", run=run.id, keys=", ".join(changes))
        training = changed(job.training, changes)
        run.rewrite_job(_written(job.model_copy(update={"training": training})))
    run.control.unlink(missing_ok=True)
    await _spawn(run)


async def follow(run: Run) -> AsyncIterator[Stamped]:
    """Yields the whole history of a run, then its events as they come.

    Ends when the run has ended: after its last event, or when its worker is found dead
    (`run.status()` then says interrupted).
    """
    async for events in follow_in_batches(run):
        for stamped in events:
            yield stamped


async def follow_in_batches(run: Run) -> AsyncIterator[list[Stamped]]:
    """Yields what `follow` does, as lists: a long history comes in a few thousand at a time.

    One empty list says that all there was has been told; what comes then is new.
    """
    reader = EventReader(run.events)
    next_status, told = 0.0, False
    while True:
        ended = False
        # In a thread: the log of a night's training takes a while to read.
        while events := await asyncio.to_thread(reader.read, BATCH_BYTES):
            ended = isinstance(events[-1].event, (Finished, Failed, Stopped))
            yield events
        if not told:
            told = True
            yield []
        now = time.monotonic()
        if ended or now >= next_status:
            next_status = now + STATUS_S
            if not run.status().live:
                if events := reader.read():
                    yield events
                return
        await asyncio.sleep(POLL_S)


async def stop(run: Run, request: StopRequest = "batch", grace_s: float = STOP_GRACE_S) -> None:
    """Stops a run.

    Args:
        request: "batch" asks the worker to stop after this batch, "epoch" after this epoch (and
            returns at once), "now" wherever it is, in the midst of a validation, too; all three
            write a checkpoint. "kill" ends it without asking; the last checkpoint stays.
        grace_s: how long "batch" waits before it sends SIGTERM, and as long again before SIGKILL;
            "now" sends SIGTERM at once.

    Raises:
        Problem: `run.not_live`, or `run.elsewhere` when only a worker on another host could be
            signalled.
    """
    if not run.status().live:
        raise Problem("run.not_live", run=run.id, status=run.status().value)
    if request == "kill":
        _signal(run, signal.SIGKILL)
        await _ended(run, grace_s)
        return
    run.request(request)
    if request == "epoch":
        return
    if (request == "batch" or not _is_here(run)) and await _ended(run, grace_s):
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        _signal(run, number)
        if await _ended(run, grace_s):
            return


def worker_command(run: Run) -> list[str]:
    """Returns the command of a run's worker: nothing is imported from its current folder."""
    return [*program("pipeline.worker"), str(run.path)]


def _written(job: Job) -> str:
    import tomlkit

    return tomlkit.dumps(job.model_dump(mode="json", exclude_none=True))


async def _spawn(run: Run) -> None:
    before = run.worker()
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    with open(run.worker_log, "ab") as log:
        process = subprocess.Popen(
            worker_command(run), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            cwd=run.path, env=environment, start_new_session=True,
        )  # fmt: skip
    # The spawner reaps: a dead worker must not linger as a zombie.
    threading.Thread(target=process.wait, name=f"reap {run.id}", daemon=True).start()
    deadline = time.monotonic() + START_TIMEOUT_S
    while run.worker() == before:
        if process.poll() is not None or time.monotonic() > deadline:
            raise Problem("job.no_worker", run=run.id, log=str(run.worker_log))
        await asyncio.sleep(POLL_S / 5)


async def _ended(run: Run, timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while run.status().live:
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(POLL_S)
    return True


def _is_here(run: Run) -> bool:
    worker = run.worker()
    return worker is None or is_here(worker)


def _signal(run: Run, number: signal.Signals) -> None:
    worker = run.worker()
    if worker is None or not is_alive(worker):
        if worker is not None and not is_here(worker):
            raise Problem("run.elsewhere", run=run.id, host=worker.host)
        return
    # The worker leads its session, so its helpers go with it.
    os.killpg(worker.pid, number)


def _require_posix() -> None:
    if sys.platform not in ("linux", "darwin"):
        raise Problem("job.no_windows")
