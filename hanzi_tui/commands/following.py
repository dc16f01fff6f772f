"""A run without a screen: started, and shown by a bar on a terminal, plain lines or JSON."""

from __future__ import annotations

import asyncio
import sys
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from hanzi_tui.commands.console import print_json, say
from hanzi_tui.commands.options import Context
from hanzi_tui.i18n import _, printable
from hanzi_tui.notices import ending, notice
from hanzi_tui.signs import Signs
from hanzi_tui.wording import amount, pace, stage_word, told
from pipeline import jobs
from pipeline.events import Failed, Finished, Log, Stage, Stamped, Stopped, Warned, to_json
from pipeline.events import Progress as ProgressEvent
from pipeline.runs import Run, Status

PLAIN_INTERVAL_S = 10.0


def start(job: jobs.AnyJob, given: Context) -> Run:
    """Starts a job, which is to tell its end as the settings say, and says which run it became."""
    told = {"notify": given.settings.notify.command}
    run = asyncio.run(jobs.start(job.model_copy(update=told)))
    say(_("run {run}").format(run=run.id))
    return run


def detached(run: Run, as_json: bool) -> int:
    """Says how to come back to a run that was left to itself, and returns the exit code."""
    if as_json:
        print_json({"run": run.id})
    else:
        say(_still_running(run))
    return 0


def follow(run: Run, given: Context) -> int:
    """Shows a run until it ends, or until Ctrl-C; a terminal rings when one under way has ended.

    Ctrl-C asks whether to stop the job; it goes on when there is nobody to ask.

    Returns:
        The exit code: 0 finished, 1 failed or interrupted, 130 when the user left or stopped it.
    """
    signs, live = given.signs, run.status().live
    try:
        asyncio.run(_follow(run, _JsonView() if given.json else _view(signs)))
    except KeyboardInterrupt:
        return _left(run)
    status = run.status()
    if live and given.settings.notify.bell and sys.stderr.isatty():
        sys.stderr.write(notice(ending(run.id, status)))
        sys.stderr.flush()
    if status is Status.INTERRUPTED:
        text = _(
            "run {run} was interrupted: its worker is gone. "
            "Go on: hanzi-tui {command} --resume {run}"
        )
        say(f"{signs.interrupted} " + text.format(run=run.id, command=_resuming(run)))
    return {Status.FINISHED: 0, Status.STOPPED: 130}.get(status, 1)


async def _follow(run: Run, view: _View) -> None:
    try:
        async for stamped in jobs.follow(run):
            view.show(stamped)
    finally:
        view.close()


def _resuming(run: Run) -> str:
    """Returns the command that takes a run up again."""
    return "evaluate" if jobs.read_job(run).kind == "evaluate" else "train"


def _left(run: Run) -> int:
    if not run.status().live:
        return 130
    if sys.stdin.isatty() and sys.stderr.isatty():
        say("\n" + _("The job runs on without this window."))
        say(_("s: stop it after this batch, Enter: leave it running"))
        try:
            if sys.stdin.readline().strip().lower() == "s":
                asyncio.run(jobs.stop(run))
                text = _("Stopped; go on later: hanzi-tui {command} --resume {run}")
                say(text.format(run=run.id, command=_resuming(run)))
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
            self._stage = stage_word(event.name)
            self._new_stage()
        elif line := told(event):
            signs = {Warned: self._signs.warning, Failed: self._signs.failed, Log: " ",
                     Stopped: self._signs.interrupted, Finished: self._signs.done}  # fmt: skip
            sign = signs.get(type(event))
            self._line(f"{sign} {line}" if sign else line)

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
            say(f"{self._stage}  {_amount(event)}")


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
        self._bar.update(self._task, total=event.total, completed=event.done, text=_amount(event))
        self._bar.refresh()


class _JsonView(_View):
    """The events as they stand in the log, on stdout."""

    def __init__(self) -> None:
        """Shows nothing in words, so it needs no signs."""

    def show(self, stamped: Stamped) -> None:
        print(to_json(stamped), flush=True)


def _view(signs: Signs) -> _View:
    return _BarView(signs) if sys.stderr.isatty() else _PlainView(signs)


def _amount(event: ProgressEvent) -> str:
    return f"{amount(event)}  {pace(event)}".rstrip()
