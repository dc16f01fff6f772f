"""All that a run says of itself: stage, progress, warnings, how it ended, the tail of its log."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast, get_args

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.style import Style

from hanzi_tui.i18n import _, printable, worded
from hanzi_tui.run_state import RunState
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.lines import Lines
from hanzi_tui.widgets.log_tail import LogTail
from hanzi_tui.wording import amount, pace, stage_word, status_word
from pipeline.jobs import StopRequest
from pipeline.runs import Status

LOOK_S = 1.0


class Offer(NamedTuple):
    """What can be done with a run: an action of the room, its usual key, and what it does."""

    action: str
    key: str
    words: str


class JobPanel(Vertical):
    """Shows one run, and within a second what was asked of it elsewhere.

    The room around it has the actions that are offered, which can be clicked, too.

    Args:
        signs: Unicode or ASCII.
    """

    DEFAULT_CSS = """
    JobPanel { width: 1fr; height: 1fr; }
    """

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._signs = signs
        self._state: RunState | None = None
        self._asked: StopRequest | None = None
        self._asked_elsewhere: StopRequest | None = None
        self._result = ""
        self._notes: Sequence[Content] = ()
        self._offers: Sequence[Offer] = ()

    def compose(self) -> ComposeResult:
        yield Lines(id="job-head")
        yield LogTail(signs=self._signs, id="job-log")

    def show(
        self,
        state: RunState | None,
        *,
        asked: StopRequest | None = None,
        result: str = "",
        notes: Sequence[Content] = (),
        offers: Sequence[Offer] = (),
    ) -> None:
        """Shows a run as it is now.

        Args:
            state: None for nothing.
            asked: how the user has asked it to stop here, if so.
            result: what it led to, in words, for a run that has finished.
            notes: what else is to be known of it.
            offers: what can be done with it now; by default to resume it where it can be.
        """
        another = state is not self._state
        if another:
            self._asked_elsewhere = None
        self._state, self._asked, self._result = state, asked, result
        self._notes, self._offers = notes, offers
        self._draw_head()
        live = state is not None and state.status.live
        log = [] if state is None else list(state.log)
        self.query_one(LogTail).tell(log, at_once=another or not live)

    def on_mount(self) -> None:
        self.set_interval(LOOK_S, self._look)

    def on_resize(self) -> None:
        self._draw_head()

    def _look(self) -> None:
        """Looks whether another dashboard or `hanzi-tui stop` has asked the run to stop."""
        state = self._state
        if state is not None and state.status.live and self.screen.is_current:
            self._read_request(state)

    @work(exclusive=True, group="request", exit_on_error=False)
    async def _read_request(self, state: RunState) -> None:
        found = await asyncio.to_thread(state.run.requested)
        asked = cast(StopRequest, found) if found in get_args(StopRequest) else None
        if state is self._state and asked != self._asked_elsewhere:
            self._asked_elsewhere = asked
            self._draw_head()

    def _draw_head(self) -> None:
        width = self.size.width
        if not width:
            return
        rows = [row for part in self._head() for row in part.wrap(width)] if self._state else []
        self.query_one(Lines).show(rows)

    def _head(self) -> Iterator[Content]:
        state = self._state
        assert state is not None
        sign = self._signs.of(state.status)
        if state.status.live:
            yield from self._work(state, sign)
        elif state.status is Status.FINISHED:
            text = self._result or status_word(state.status)
            yield Content.assemble((f"{sign} ", "$success"), printable(text))
        elif state.status is Status.FAILED and state.failure is not None:
            failure = state.failure
            text = worded(failure.code, failure.params, failure.text)
            yield Content.styled(f"{sign} {text}", "$error")
        elif state.status is Status.STOPPED:
            yield Content(f"{sign} " + _("stopped, as asked"))
        else:
            yield Content.styled(f"{sign} " + self._death(state), "$error")
        yield from map(self._offered, self._offers or self._usual(state))
        yield from self._notes
        if state.warnings:
            text = _("warnings: {count}").format(count=state.warnings)
            yield Content.styled(f"{self._signs.warning} {text}", "$warning")

    def _work(self, state: RunState, sign: str) -> Iterator[Content]:
        progress = state.progress
        waits = waited_for(state)
        if waits:
            text = _("waits until run {run} has finished").format(run=waits)
            yield Content.assemble((f"{sign} ", "$primary"), printable(text))
        else:
            stage = stage_word(state.stage) or status_word(state.status)
            done = f"  {amount(progress)}" if progress else ""
            yield Content.assemble((f"{sign} ", "$primary"), printable(f"{stage}{done}"))
            share = f"{state.share:.0%}  " if state.share is not None else ""
            yield Content(share + (pace(progress) if progress else ""))
        if asked := self._asked or self._asked_elsewhere:
            yield Content.styled(f"{self._signs.warning} {asked_word(asked)}", "$warning")

    def _death(self, state: RunState) -> str:
        if self._asked == "kill":
            return _("killed, as asked")
        text = _("the worker is gone: killed, crashed, or the machine went down; its output: {log}")
        return printable(text.format(log=state.run.worker_log))

    def _usual(self, state: RunState) -> Iterator[Offer]:
        if not state.status.live and state.status is not Status.FINISHED:
            yield Offer("resume", "r", what_resuming_does(state))

    def _offered(self, offer: Offer) -> Content:
        press = Style.from_meta({"@click": f"screen.{offer.action}"})
        key = self._key(offer.action, offer.key)
        return Content.assemble((f"  {key} ", "bold"), printable(offer.words)).stylize(press)

    def _key(self, action: str, default: str) -> str:
        """Returns the key of one of the room's actions, as the user may have set it."""
        for active in self.screen.active_bindings.values():
            if active.binding.action == action:
                return self.app.get_key_display(active.binding)
        return default


def asked_word(asked: StopRequest) -> str:
    """Returns in words that a run was asked to stop."""
    return {
        "batch": _("stops after this batch, as asked"),
        "epoch": _("stops after this epoch, as asked"),
        "now": _("stops now, with a checkpoint, as asked"),
        "kill": _("is being killed, as asked"),
    }[asked]


def what_resuming_does(state: RunState) -> str:
    """Returns in words with what a run goes on that has ended before its time."""
    if state.kind == "prepare":
        return _("goes on with the images that are not packed yet")
    if state.kind == "evaluate":
        return _("judges all images again")
    if state.status is Status.STOPPED:
        return _("resumes it exactly there")
    return _("resumes it, from its last checkpoint if there is one")


def waited_for(state: RunState) -> str:
    """Returns the run that this one waits for, "" when it is not waiting."""
    if not state.status.live or state.job is None or state.stage not in ("", "wait"):
        return ""
    return state.job.after or ""
