"""The part of the training room that ends a training, and goes on with one that has ended."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from hanzi_tui import counts
from hanzi_tui.i18n import _
from hanzi_tui.remedies import remedy
from hanzi_tui.run_state import RunState
from hanzi_tui.screens.training_watch import WatchRoom
from hanzi_tui.widgets.ask import Ask
from hanzi_tui.widgets.entry import Entry
from pipeline import jobs
from pipeline.jobs import StopRequest, TrainJob
from pipeline.problems import Problem
from pipeline.runs import Status

STOPS: dict[str | None, StopRequest] = {"b": "batch", "e": "epoch", "n": "now", "k": "kill"}
RESUMABLE = {Status.STOPPED, Status.FAILED, Status.INTERRUPTED}
GOING_ON = {"stop", "resume", "mend", "more"}


class GoingOnRoom(WatchRoom):
    """Stops, resumes, mends and prolongs the training that is watched."""

    def may_go_on(self, action: str) -> bool:
        """Says whether one of the actions `GOING_ON` makes sense now."""
        state = self._watched
        if not self.watching or state is None:
            return False
        if action == "stop":
            return state.status.live
        if action == "resume":
            return state.status in RESUMABLE
        if action == "mend":
            return remedy(state) is not None
        return not state.status.live and isinstance(state.job, TrainJob)

    def action_stop(self) -> None:
        state = self._watched
        if state is not None:
            question = _("Stop the training {about}, run {run}?")
            ask = Ask(question.format(about=state.about, run=state.run.id), stop_answers())
            self.app.push_screen(ask, partial(self._stop, state))

    def _stop(self, state: RunState, answer: str | None) -> None:
        if answer in STOPS:
            self._asked[state.run.id] = STOPS[answer]
            self._plan(at_once=True)
            self.attempt(self._stopped(state, STOPS[answer]))

    async def _stopped(self, state: RunState, request: StopRequest) -> None:
        try:
            await jobs.stop(state.run, request)
        except Problem:
            self._asked.pop(state.run.id, None)
            raise

    def action_resume(self) -> None:
        if self._watched is not None:
            self.attempt(self._resumed(self._watched))

    async def _resumed(self, state: RunState, changes: Mapping[str, Any] | None = None) -> None:
        await jobs.resume(state.run, changes)
        self._asked.pop(state.run.id, None)
        self._watch(self.dashboard.follow(state.run))

    def action_mend(self) -> None:
        """Goes on with the change that mends what failed, in a new run if it takes one."""
        state = self._watched
        mending = remedy(state) if state is not None else None
        if state is None or mending is None or not isinstance(state.job, TrainJob):
            return
        if not mending.anew:
            self.attempt(self._resumed(state, mending.changes))
            return
        training = state.job.training.model_copy(update=dict(mending.changes))
        self.start_job(state.job.model_copy(update={"training": training, "after": None}))

    def action_more(self) -> None:
        state = self._watched
        if state is None:
            return
        done = len(self._course(state).epochs)
        title = _("How many epochs in all? {epochs} are done.").format(epochs=counts.epochs(done))
        if ended_by_patience(state):
            title += " " + _("Its patience had ended it; now it has none.")
        self.app.push_screen(Entry(title, str(2 * max(1, done))), partial(self._more, state, done))

    def _more(self, state: RunState, done: int, typed: str | None) -> None:
        if typed is None:
            return
        if not typed.strip().isdecimal() or int(typed) <= done:
            text = _("It takes a whole number above {done}.").format(done=done)
            self.tell(text, "error")
            return
        changes = {"epochs": int(typed)}
        if ended_by_patience(state):
            changes["patience"] = 0
        self.attempt(self._resumed(state, changes))


def ended_by_patience(state: RunState) -> bool:
    """Says whether a training ended since it had not become better for too long."""
    return state.status is Status.FINISHED and "training.stopped_early" in state.said


def stop_answers() -> dict[str, str]:
    """Returns key → what it means, of the ways to stop."""
    return {
        "b": _("after this batch: a checkpoint is kept, and it can go on exactly there"),
        "e": _("after this epoch: the same, with its validation done"),
        "n": _("now, in a validation too: a checkpoint of this moment is kept"),
        "k": _("kill it now: it can go on from its last checkpoint only"),
    }
