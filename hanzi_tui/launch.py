"""Opening the dashboard on a terminal, safe from native libraries and from hang-ups."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from pathlib import Path

from platformdirs import user_log_path

from hanzi_tui.i18n import _
from pipeline.configuration import Configuration
from pipeline.runs import Run


def has_terminal() -> bool:
    """Says whether stdin, stdout and stderr all are a terminal."""
    return all(
        stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)
    )


def open_dashboard(
    configuration: Configuration, settings_file: Path | None, run: Run | None = None
) -> None:
    """Runs the dashboard until it is closed.

    Native libraries write to file descriptor 2, which is where Textual draws; so Textual gets a
    duplicate of the terminal, and what they write goes to a log file.
    """
    # Read when textual is imported: nothing is to move by itself, least of all over a slow line.
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    terminal = os.dup(2)
    log = user_log_path("hanzi-tui", appauthor=False, ensure_exists=True) / "dashboard.log"
    with open(log, "wb", buffering=0) as file:
        os.dup2(file.fileno(), 2)
    stderr = sys.__stderr__
    drawn_on = os.fdopen(terminal, "w", encoding="utf-8")
    sys.__stderr__ = drawn_on  # type: ignore[misc]
    try:
        from hanzi_tui.app import Dashboard

        app = Dashboard(configuration, settings_file, run)
        gc.freeze()  # what is loaded by now stays: no collection is to halt the screen for it
        gc.enable()
        app.run()
    finally:
        with contextlib.suppress(OSError):  # a terminal that has hung up takes nothing more
            drawn_on.flush()
        os.dup2(terminal, 2)
        sys.__stderr__ = stderr  # type: ignore[misc]
    if app.return_code:
        text = _("The dashboard met an error and closed; jobs go on. Its report: {log}")
        print(text.format(log=log), file=sys.stderr)
