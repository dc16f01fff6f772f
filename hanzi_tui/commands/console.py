"""Events and tables without a screen: a bar on a terminal, plain lines in a file, or JSON.

stdout carries data, stderr what is going on.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from hanzi_tui.i18n import _, printable, worded
from hanzi_tui.signs import Signs
from hanzi_tui.wording import duration, numbers
from pipeline import jobs
from pipeline.events import (
    Failed,
    Finished,
    Log,
    Metric,
    Resumed,
    Stage,
    Stamped,
    Stopped,
    Warned,
    to_json,
)
from pipeline.events import Progress as ProgressEvent
from pipeline.runs import Run, Status

PLAIN_INTERVAL_S = 10.0


def print_json(value: Any) -> None:
    """Prints one JSON object as a line on stdout."""
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], right: str = "") -> None:
    """Prints a table on stdout: aligned on a terminal, tab-separated elsewhere.

    Args:
        header: names of the columns.
        rows: printed literally.
        right: letters of the right-aligned columns, such as "cd" for the third and fourth.
    """
    if not sys.stdout.isatty():
        for row in (header, *rows):
            print("\t".join(map(printable, row)))
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for letter, name in zip("abcdefghijklmnop", header, strict=False):
        table.add_column(name, justify="right" if letter in right else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console().print(table)


def say(text: str) -> None:
    """Prints a line of diagnosis on stderr, literally."""
    print("\n".join(map(printable, text.split("\n"))), file=sys.stderr, flush=True)


def start(job: jobs.AnyJob) -> Run:
    """Starts a job and says which run it became."""
    run = asyncio.run(jobs.start(job))
    say(_("run {run}").format(run=run.id))
    return run


def detached(run: Run, as_json: bool) -> int:
    """Says how to come back to a run that was left to itself, and returns the exit code."""
    if as_json:
        print_json({"run": run.id})
    else:
        say(_still_running(run))
    return 0


def follow(run: Run, signs: Signs, as_json: bool) -> int:
    """Shows a run until it ends, or until Ctrl-C.

    Ctrl-C asks whether to stop the job; it goes on when there is nobody to ask.

    Returns:
        The exit code: 0 finished, 1 failed or interrupted, 130 when the user left or stopped it.
    """
    try:
        asyncio.run(_follow(run, _JsonView() if as_json else _view(signs)))
    except KeyboardInterrupt:
        return _left(run)
    status = run.status()
    if status is Status.INTERRUPTED:
        text = _(
            "run {run} was interrupted: its worker is gone. Go on: hanzi-tui train --resume {run}"
        )
        say(f"{signs.interrupted} " + text.format(run=run.id))
    return {Status.FINISHED: 0, Status.STOPPED: 130}.get(status, 1)


async def _follow(run: Run, view: _View) -> None:
    try:
        async for stamped in jobs.follow(run):
            view.show(stamped)
    finally:
        view.close()


def _left(run: Run) -> int:
    if not run.status().live:
        return 130
    if sys.stdin.isatty() and sys.stderr.isatty():
        say("\n" + _("The job runs on without this window."))
        say(_("s: stop it after this batch, Enter: leave it running"))
        try:
            if sys.stdin.readline().strip().lower() == "s":
                asyncio.run(jobs.stop(run))
                say(_("Stopped; go on later: hanzi-tui train --resume {run}").format(run=run.id))
                return 130
        except KeyboardInterrupt:
            pass
    say(_still_running(run))
    return 130


def _still_running(run: Run) -> str:
    text = _(
        "Running on its own. Follow it: hanzi-tui attach {run}   Stop it: hanzi-tui stop {run}"
    )
    return text.format(run=run.id)


class _View:
    """How events are shown. Subclasses say how progress is."""

    def __init__(self, signs: Signs) -> None:
        self._signs = signs
        self._stage = ""

    def show(self, stamped: Stamped) -> None:
        event = stamped.event
        if isinstance(event, ProgressEvent):
            self._progress(event)
        elif isinstance(event, Stage):
            self._stage = event.name
            self._new_stage()
        elif isinstance(event, Metric) and event.scope == "epoch":
            self._line(_epoch_line(event))
        elif isinstance(event, Log):
            sign = {Warned: self._signs.warning, Failed: self._signs.failed}.get(type(event), " ")
            self._line(f"{sign} {worded(event.code, event.params, event.text)}")
        elif isinstance(event, Resumed):
            self._line(_("resumed at epoch {epoch}, step {step}")
                       .format(epoch=event.epoch + 1, step=event.step))  # fmt: skip
        elif isinstance(event, Stopped):
            self._line(f"{self._signs.interrupted} " + _("stopped, as asked"))
        elif isinstance(event, Finished):
            self._line(f"{self._signs.done} " + _("done"))

    def close(self) -> None:
        """Leaves the terminal as it was."""

    def _line(self, text: str) -> None:
        say(text)

    def _new_stage(self) -> None:
        raise TypeError

    def _progress(self, event: ProgressEvent) -> None:
        raise TypeError


class _PlainView(_View):
    """Lines for a file or a pipe: a progress line every few seconds, no escape codes."""

    _next_s = 0.0

    def _new_stage(self) -> None:
        self._next_s = 0.0
        say(self._stage)

    def _progress(self, event: ProgressEvent) -> None:
        now = time.monotonic()
        if event.done == event.total or now >= self._next_s:
            self._next_s = now + PLAIN_INTERVAL_S
            say(f"{self._stage}  {event.done}/{event.total} {event.unit}{_rate(event)}")


class _BarView(_View):
    """One bar with rate and time left; other lines scroll by above it."""

    def __init__(self, signs: Signs) -> None:
        super().__init__(signs)
        self._console = Console(stderr=True, highlight=False)
        self._bar = Progress(
            TextColumn("{task.description}", markup=False), BarColumn(40),
            TextColumn("{task.fields[text]}", markup=False),
            console=self._console, auto_refresh=False, transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=None, text="")
        self._bar.start()

    def close(self) -> None:
        self._bar.stop()

    def _line(self, text: str) -> None:
        self._bar.console.print(Text(printable(text)), soft_wrap=True)

    def _new_stage(self) -> None:
        self._bar.reset(self._task, total=None, description=self._stage, text="")
        self._bar.refresh()

    def _progress(self, event: ProgressEvent) -> None:
        text = f"{event.done}/{event.total} {event.unit}{_rate(event)}"
        self._bar.update(self._task, total=event.total, completed=event.done, text=text)
        self._bar.refresh()


class _JsonView(_View):
    """The events as they stand in the log, on stdout."""

    def __init__(self) -> None:
        """Shows nothing in words, so it needs no signs."""

    def show(self, stamped: Stamped) -> None:
        print(to_json(stamped), flush=True)


def _view(signs: Signs) -> _View:
    return _BarView(signs) if sys.stderr.isatty() else _PlainView(signs)


def _rate(event: ProgressEvent) -> str:
    if event.rate is None:
        return ""
    left = f"  ETA {duration(event.eta_s)}" if event.eta_s else ""
    return f"  {event.rate:.3g}/s{left}" if event.rate < 1000 else f"  {event.rate:.0f}/s{left}"


def _epoch_line(event: Metric) -> str:
    return _("epoch {epoch}  ").format(epoch=event.epoch + 1) + numbers(event.values)
