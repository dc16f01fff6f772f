"""Somebody is told that a run ends: the command of the setting `notify.command`.

It runs on the worker's machine just before the run's last event is written, in a session of its
own, so that nothing that happens to the worker or its terminal reaches it. What it prints goes to
the worker's log. A worker that is killed can tell nobody.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from collections.abc import Mapping

from pipeline.events import Event, Failed, Finished, Report
from pipeline.runs import Run

TIMEOUT_S = 20.0
"""Less than what a stop waits before it signals a worker."""


def tell(command: str, run: Run, kind: str, ending: Event, report: Report) -> None:
    """Runs the user's command; that it fails is a warning and nothing else.

    Args:
        command: split as a shell would, but run without one; "" for none.
        run: the run that ends.
        kind: of its job.
        ending: the event that will be its last.
        report: takes the warning.
    """
    if not command:
        return
    try:
        process = subprocess.Popen(
            shlex.split(command), stdin=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, **surroundings(run, kind, ending)},
        )  # fmt: skip
    except (OSError, ValueError) as error:
        report.warn("notify.not_started", command=command, detail=str(error))
        return
    try:
        code = process.wait(TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        report.warn("notify.too_long", command=command, seconds=round(TIMEOUT_S))
    else:
        if code:
            report.warn("notify.failed", command=command, exit_code=code)


def surroundings(run: Run, kind: str, ending: Event) -> Mapping[str, str]:
    """Returns the variables that tell the command what has ended, and how."""
    return {
        "HANZI_RUN": run.id,
        "HANZI_RUN_FOLDER": str(run.path),
        "HANZI_KIND": kind,
        "HANZI_STATUS": ending.kind,
        "HANZI_SUMMARY": json.dumps(ending.summary) if isinstance(ending, Finished) else "{}",
        "HANZI_ERROR": ending.text if isinstance(ending, Failed) else "",
    }
