"""The half of the training room where a training is watched: what is drawn, and when."""

from __future__ import annotations

import asyncio
import time

from textual import work
from textual.app import ComposeResult
from textual.timer import Timer

from hanzi_tui.course import Course
from hanzi_tui.run_state import RunState
from hanzi_tui.screens.training_start import StartRoom
from hanzi_tui.widgets.job_panel import waited_for
from hanzi_tui.widgets.training_board import TrainingBoard
from pipeline.jobs import StopRequest, TrainJob
from pipeline.runs import Run, Status
from pipeline.settings import AugmentSettings
from pipeline.training import sample_sheet

DRAW_S = 1.0
SAMPLES_S = 2.0
BEHIND_S = 0.01
ENDED = {status for status in Status if not status.live}


class WatchRoom(StartRoom):
    """Shows either the form or a training, which it draws at most once in `DRAW_S` seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._watched: RunState | None = None
        self._form_wanted = False
        self._left = True
        self._courses: dict[str, Course] = {}
        self._compared: list[str] = []
        self._asked: dict[str, StopRequest] = {}
        self._timer: Timer | None = None
        self._due_s = 0.0
        self._drawn: object = None
        self._stale = True
        self._sheets = -1
        self._sheet_due_s = 0.0

    def body(self) -> ComposeResult:
        yield from self.setup()
        yield TrainingBoard(signs=self.signs, id="board")

    @property
    def board(self) -> TrainingBoard:
        return self.query_one(TrainingBoard)

    @property
    def watching(self) -> bool:
        """Whether a training is shown, and not the form."""
        return self._watched is not None and not self._form_wanted

    def refresh_room(self) -> None:
        if self._watched is not None and self._watched.run.id not in self.dashboard.states:
            self._watched = None
        # Closing a question resumes the screen, too: it must not take the eye off a run.
        ended = self._watched is None or not self._watched.status.live
        if self._left and not self._form_wanted and ended:
            self._watched = next(reversed(self._live()), self._watched)
        self._left = False
        self._show_half()

    def on_screen_suspend(self) -> None:
        self._left = self._left or self.dashboard.current_mode != self.MODE

    def run_changed(self, state: RunState) -> None:
        untouched = not self._form_wanted and not self.form.touched
        if self.is_current and self._watched is None and untouched and state in self._live():
            self._watch(state)
        elif self.is_current and self.watching:
            self._plan(at_once=state is self._watched and state.status is not self._drawn)

    def show_run(self, state: RunState) -> None:
        self._watch(state)

    def clone_run(self, state: RunState) -> None:
        if isinstance(state.job, TrainJob):
            self._form_wanted = True
            self._show_half()
            self.fill_from(state.job, state.run.id)

    def use_dataset(self, name: str, augment: AugmentSettings) -> None:
        self._form_wanted = True
        self._show_half()
        self.take_dataset(name, augment)

    def job_started(self, run: Run) -> None:
        self.form.touched = False
        self.form.wait_for("")
        self._watch(self.dashboard.follow(run))

    def _live(self) -> list[RunState]:
        """Returns the trainings under way, those that work behind those that wait."""
        live = [state for state in self.dashboard.live_states() if state.kind == "train"]
        return sorted(live, key=lambda state: not waited_for(state))

    def _watch(self, state: RunState) -> None:
        if state is not self._watched:
            self._compared.clear()
        self._watched, self._form_wanted = state, False
        self._show_half()

    def _show_half(self) -> None:
        """Shows the form or the training, whichever is wanted."""
        self.set_class(self.watching, "-watching")
        self.refresh_bindings()
        if not self.watching:
            self.refresh_setup()
            if self.focused is None:
                self.focus_form()
            return
        if self.focused is not None and self.board not in self.focused.ancestors:
            self.set_focus(None)
        self._sheets, self._drawn = -1, None
        self._plan(at_once=True)

    def _plan(self, at_once: bool = False, wait_s: float | None = None) -> None:
        """Draws when it is due: many events make one drawing."""
        if wait_s is None:
            wait_s = 0.0 if at_once else self._due_s - time.monotonic()
        if wait_s <= 0:
            self._draw()
        elif self._timer is None:
            self._timer = self.set_timer(wait_s, self._draw)

    def _draw(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        state = self._watched
        if state is None or not self.watching or not self.is_current:
            return
        self._due_s = time.monotonic() + DRAW_S
        if state.status.live and self._drawn in ENDED:
            self._asked.pop(state.run.id, None)  # somebody has resumed it
        courses = [self._course(state), *self._others(state)]
        taken = [course.take() for course in courses]
        self._stale = self._stale or self._drawn is None or any(taken)
        behind = not all(course.complete for course in courses)
        self.board.show(
            courses[0],
            compared=courses[1:],
            curves_changed=self._stale and not behind,
            asked=self._asked.get(state.run.id),
            others=len([each for each in self._live() if each is not state]),
        )
        if self._drawn is not state.status:
            self._drawn = state.status
            self.refresh_bindings()
        self._stale = self._stale and behind
        if behind:
            self._plan(wait_s=BEHIND_S)
        self._look_at_samples(state)

    def _course(self, state: RunState) -> Course:
        course = self._courses.get(state.run.id)
        if course is None or course.state is not state:
            course = self._courses[state.run.id] = Course(state)
        return course

    def _others(self, state: RunState) -> list[Course]:
        known = self.dashboard.states
        return [self._course(known[name]) for name in self._compared
                if name in known and name != state.run.id]  # fmt: skip

    def _look_at_samples(self, state: RunState) -> None:
        count = sum(artifact.name == "samples" for artifact in state.artifacts)
        if count == self._sheets:
            return
        wait_s = self._sheet_due_s - time.monotonic() if self._sheets >= 0 else 0.0
        if wait_s > 0:
            self._plan(wait_s=wait_s)
            return
        self._sheets, self._sheet_due_s = count, time.monotonic() + SAMPLES_S
        self._read_samples(state)

    @work(exclusive=True, group="samples", exit_on_error=False)
    async def _read_samples(self, state: RunState) -> None:
        sheet = await asyncio.to_thread(sample_sheet.read, state.run.path / sample_sheet.FILE)
        if state is self._watched:
            self.board.show_samples(sheet)
