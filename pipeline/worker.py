"""The process that does a job: `python -m pipeline.worker RUN`. The only one with TensorFlow.

It reports itself before any heavy import, touches its heartbeat, and turns every way to end into
a last event.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import threading
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import notify
from pipeline.environment.devices import count_in_pci_order
from pipeline.events import (
    Event,
    EventLog,
    Failed,
    Finished,
    Report,
    Started,
    StopCheck,
    Stopped,
)
from pipeline.files import HEARTBEAT_INTERVAL_S, locked
from pipeline.jobs import EvaluateJob, PrepareJob, TrainJob, read_job
from pipeline.problems import Problem, StopAsked
from pipeline.processes import this_process
from pipeline.runs import Run, Status, find
from pipeline.versions import versions
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from pipeline.evaluation.model import JudgedModel

NICENESS = 5
WAIT_S = 0.5
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def main() -> None:
    """Does the job of the run directory named by the first argument."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    count_in_pci_order()
    run = Run(Path(sys.argv[1]).resolve())
    os.nice(NICENESS)
    try:
        with locked(run.lock, run.id, run.heartbeat):
            sys.exit(work(run))
    except Problem as problem:
        sys.exit(str(problem))


def work(run: Run) -> int:
    """Does the job of `run` and returns the process's exit code."""
    log = EventLog(run.events)
    log.append(Started(**_renamed(asdict(this_process())), versions=versions()))
    _beat(run.heartbeat)
    report = Report(log)
    ending = _ending(run, report, _stop_check(run))
    with contextlib.suppress(Problem):  # of a job that cannot be read, nobody can be told
        job = read_job(run)
        notify.tell(job.notify, run, job.kind, ending, report)
    log.append(ending)
    return 1 if isinstance(ending, Failed) else 0


def _ending(run: Run, report: Report, should_stop: StopCheck) -> Event:
    """Does the job and returns what is to be its last event, whichever way it ends."""
    try:
        return Finished(_stage(run, report, should_stop))
    except StopAsked as asked:
        return Stopped(asked.request)
    except Problem as error:
        traceback.print_exc()
        problem = error
    except MemoryError as error:
        traceback.print_exc()
        problem = Problem("worker.memory", detail=str(error))
    except Exception as error:
        # Whatever it is, the reader of the run must learn of it.
        traceback.print_exc()
        detail = f"{type(error).__name__}: {error}"
        if isinstance(error, OSError) and error.errno in DISK_FULL:
            problem = Problem("disk.no_space", path=str(run.path.parent.parent), detail=detail)
        else:
            problem = Problem("worker.crashed", detail=detail, log=str(run.worker_log))
    return Failed(problem.code, problem.params, str(problem))


def _stage(run: Run, report: Report, should_stop: StopCheck) -> dict[str, Any]:
    job = read_job(run)
    workspace = Workspace(job.workspace)
    if job.after is not None:
        _wait(find(workspace.runs, job.after), report, should_stop)
    if isinstance(job, PrepareJob):
        return _prepare(run, job, workspace.dataset(job.name), report, should_stop)
    if isinstance(job, TrainJob):
        from pipeline.training.train import train

        return train(workspace.require_dataset(job.dataset), workspace.model(job.name), run.path,
                     job.training, job.augment, report, should_stop)  # fmt: skip
    assert isinstance(job, EvaluateJob)
    return _evaluate(run, job, workspace, report, should_stop)


def _evaluate(
    run: Run, job: EvaluateJob, workspace: Workspace, report: Report, should_stop: StopCheck
) -> dict[str, Any]:
    from pipeline.evaluation.evaluate import evaluate
    from pipeline.evaluation.model import bundle_at

    # Read when TensorFlow is loaded, if it is.
    os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
    if job.run:
        model = _at_checkpoint(find(workspace.runs, job.run), job.at, workspace)
    else:
        model = bundle_at(workspace.require_model(job.model), job.evaluation.runtime,
                          job.evaluation.precision)  # fmt: skip
    name = job.dataset or model.dataset
    if not name and job.source is None:
        raise Problem("evaluation.no_dataset", model=model.name)
    what = job.source or workspace.require_dataset(name)
    return evaluate(model, what, workspace, run.path, job.evaluation, report, should_stop)


def _at_checkpoint(training: Run, at: str, workspace: Workspace) -> JudgedModel:
    """Returns the network of a training run's checkpoint, to be judged."""
    from pipeline.evaluation.model import of_keras
    from pipeline.training.restored import restored

    job = read_job(training)
    if not isinstance(job, TrainJob):
        raise Problem("evaluation.not_a_training", run=training.id)
    found = restored(training, at, job.training, workspace.require_dataset(job.dataset))
    dataset = found.dataset
    return of_keras(
        found.model, training.id, dataset.labels, dataset.spec,
        dataset=dataset.name, dataset_hash=dataset.content_hash,
        checkpoint={"run": training.id, "step": found.step, "epoch": found.epoch},
    )  # fmt: skip


def _prepare(
    run: Run, job: PrepareJob, target: Path, report: Report, should_stop: StopCheck
) -> dict[str, Any]:
    from pipeline.dataset.export.target import require_free
    from pipeline.dataset.export.tree import export_folders
    from pipeline.dataset.export.writing import copies_for
    from pipeline.dataset.prepare import prepare, source_of

    wanted, copies = job.export, None
    if wanted is not None:  # what cannot be done is told before the long work
        require_free(wanted.folder, job.source)
        copies = copies_for(wanted.copies, job.dataset, wanted.augment)
    summary = prepare(job.source, target, job.dataset, report, should_stop, owner=run.id,
                      heartbeat=run.heartbeat, replace=job.replace)  # fmt: skip
    if wanted is not None:
        summary["export"] = export_folders(
            target, source_of(job.source, job.dataset), wanted.folder, wanted.link, copies,
            report, should_stop, owner=run.id, heartbeat=run.heartbeat,
            processes=job.dataset.processes,
        )  # fmt: skip
    return summary


def _wait(other: Run, report: Report, should_stop: StopCheck) -> None:
    """Waits until another run has finished; fails when it ends in any other way."""
    report.stage("wait")
    report.log("job.waits", run=other.id)
    while (status := other.status()).live:
        if (request := should_stop()) is not None:
            raise StopAsked(request)
        time.sleep(WAIT_S)
    if status is not Status.FINISHED:
        raise Problem("job.awaited", run=other.id, status=status.value)


def _stop_check(run: Run) -> StopCheck:
    terminated = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: terminated.set())

    def should_stop() -> str | None:
        return "now" if terminated.is_set() else run.requested()

    return should_stop


def _beat(heartbeat: Path) -> None:
    def touch() -> None:
        while True:
            try:
                heartbeat.touch()
            except OSError as error:
                print(f"heartbeat: {error}", file=sys.stderr)
            if ended.wait(HEARTBEAT_INTERVAL_S):
                return

    ended = threading.Event()
    threading.Thread(target=touch, name="heartbeat", daemon=True).start()


def _renamed(identity: dict[str, Any]) -> dict[str, Any]:
    return {**{k: v for k, v in identity.items() if k != "start_s"},
            "process_start_s": identity["start_s"]}  # fmt: skip


if __name__ == "__main__":
    main()
