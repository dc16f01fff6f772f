"""English texts about those who are told of a run's end."""

from __future__ import annotations

MESSAGES = {
    "notify.not_started": (
        "The command of notify.command did not start ({detail}): {command}. "
        "Name a program; write sh -c '...' where a shell is meant."
    ),
    "notify.failed": (
        "The command of notify.command ended with {exit_code}: {command}. "
        "What it printed is in the run's worker.log."
    ),
    "notify.too_long": (
        "The command of notify.command took longer than {seconds} s and was ended: {command}"
    ),
}
