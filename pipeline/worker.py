"""The process that does a job: `python -m pipeline.worker RUN`. The only one with TensorFlow.

It reports itself before any heavy import, touches its heartbeat, and turns every way to end into
a last event.
"""

from __future__ import annotations

import importlib.metadata
import os
import signal
import sys
import threading
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.environment.devices import count_in_pci_order
from pipeline.events import EventLog, Finished, Report, Started, StopCheck, Stopped
from pipeline.files import HEARTBEAT_INTERVAL_S, locked
from pipeline.jobs import EvaluateJob, PrepareJob, TrainJob, read_job
from pipeline.problems import Problem, StopAsked
from pipeline.processes import this_process
from pipeline.runs import Run, Status, find
from pipeline.workspace import Workspace

NICENESS = 5
WAIT_S = 0.5
REPORTED_PACKAGES = (
    "hanzi-tui",
    "tensorflow",
    "keras",
    "numpy",
    "opencv-python-headless",
    "pillow",
)


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
    log.append(Started(**_renamed(asdict(this_process())), versions=_versions()))
    _beat(run.heartbeat)
    report = Report(log)
    should_stop = _stop_check(run)
    try:
        summary = _stage(run, report, should_stop)
    except StopAsked as asked:
        log.append(Stopped(asked.request))
    except Problem as problem:
        traceback.print_exc()
        report.failed(problem)
        return 1
    except MemoryError as error:
        traceback.print_exc()
        report.failed(Problem("worker.memory", detail=str(error)))
        return 1
    except Exception as error:
        # Whatever it is, the reader of the run must learn of it.
        traceback.print_exc()
        detail = f"{type(error).__name__}: {error}"
        report.failed(Problem("worker.crashed", detail=detail, log=str(run.worker_log)))
        return 1
    else:
        log.append(Finished(summary))
    return 0


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
    from pipeline.bundle import open_bundle
    from pipeline.evaluation.evaluate import evaluate

    model = workspace.require_model(job.model)
    dataset = workspace.require_dataset(job.dataset or open_bundle(model).description.dataset)
    return evaluate(model, dataset, run.path, job.evaluation, report, should_stop)


def _prepare(
    run: Run, job: PrepareJob, target: Path, report: Report, should_stop: StopCheck
) -> dict[str, Any]:
    from pipeline.dataset.export.tree import export_folders, require_free
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
        return "batch" if terminated.is_set() else run.requested()

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


def _versions() -> dict[str, str]:
    versions = {"python": sys.version.split()[0]}
    for package in REPORTED_PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


if __name__ == "__main__":
    main()
