"""What all places of the dashboard share: tabs above, job and keys below, runs as they change."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen

from hanzi_tui.i18n import printable, worded_problem
from hanzi_tui.run_state import RunState
from hanzi_tui.widgets.job_line import JobLine
from hanzi_tui.widgets.keys_line import KeysLine
from hanzi_tui.widgets.rule import Rule
from hanzi_tui.widgets.tab_line import TabLine, tabs
from pipeline import jobs
from pipeline.jobs import AnyJob
from pipeline.problems import Problem
from pipeline.runs import Run

if TYPE_CHECKING:
    from pathlib import Path

    from hanzi_tui.app import Dashboard
    from hanzi_tui.signs import Signs
    from pipeline.settings import AugmentSettings, DatasetSettings, Settings
    from pipeline.workspace import Workspace


class Room(Screen[None]):
    """A place of the dashboard; subclasses yield their widgets in `body`.

    A room hears of runs through `run_changed`, whether it is shown or not; what it draws it draws
    in `refresh_room`, which is called when it is shown again, too.
    """

    MODE: ClassVar[str]
    OPENING: ClassVar[frozenset[str]] = frozenset()
    """Actions by a key that open a list or a field, which takes the keys typed right after it."""
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (61, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]

    @property
    def dashboard(self) -> Dashboard:
        return cast("Dashboard", self.app)

    @property
    def workspace(self) -> Workspace:
        return self.dashboard.workspace

    @property
    def settings(self) -> Settings:
        """The settings in force now; they may be edited while the dashboard runs."""
        return self.dashboard.settings

    @property
    def signs(self) -> Signs:
        return self.dashboard.signs

    def body(self) -> ComposeResult:
        """Yields the widgets between the two rules."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield TabLine(tabs(), self.MODE)
        yield Rule(signs=self.signs)
        with Container(id="body"):
            yield from self.body()
        yield Rule(signs=self.signs)
        yield JobLine(self.signs)
        yield KeysLine(self.signs)

    def on_mount(self) -> None:
        self.dashboard.run_changed.subscribe(self, self._on_run_changed)
        self.dashboard.chip_changed.subscribe(self, self._on_chip_changed)
        self._on_chip_changed(self.dashboard.chip)

    def on_screen_resume(self) -> None:
        self._show_job()
        self.refresh_room()

    def refresh_room(self) -> None:
        """Draws what may have changed while another room was shown."""

    def run_changed(self, state: RunState) -> None:
        """Hears that a run has new events; `state` holds all of them."""

    def show_run(self, state: RunState) -> None:
        """Shows this run in place of what the room shows."""

    def clone_run(self, state: RunState) -> None:
        """Fills the room's form with the settings of this run."""

    def use_dataset(self, name: str, augment: AugmentSettings) -> None:
        """Takes a prepared dataset, and how its images are to be distorted, into the form."""

    def use_source(self, source: Path, name: str, dataset: DatasetSettings) -> None:
        """Takes what a dataset is to be made from, its name and settings, into the form."""

    def use_model(self, name: str) -> None:
        """Does with a model of the workspace what the room is for."""

    def start_job(self, job: AnyJob) -> None:
        """Starts a job and follows it; what keeps it from starting is told."""
        self.dashboard.run_worker(self._start(job), group="start", exit_on_error=False)

    def attempt(self, work: Coroutine[Any, Any, Any]) -> None:
        """Runs work that may end in a problem, which is then told."""
        self.dashboard.run_worker(self._told(work), group="attempt", exit_on_error=False)

    def tell(self, text: str, severity: str = "information") -> None:
        """Shows a passing message, literally."""
        self.notify(printable(text), severity=severity, markup=False)  # type: ignore[arg-type]

    def job_started(self, run: Run) -> None:
        """Hears that a job which this room started has become a run."""

    async def _start(self, job: AnyJob) -> None:
        async def start() -> None:
            told = {"notify": self.settings.notify.command}
            run = await jobs.start(job.model_copy(update=told))
            self.dashboard.follow(run)
            self.job_started(run)

        await self._told(start())

    async def _told(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except Problem as problem:
            self.tell(worded_problem(problem), "error")
        except OSError as error:
            self.tell(f"{error.strerror or error}: {error.filename or ''}", "error")

    def _on_run_changed(self, state: RunState) -> None:
        self.run_changed(state)
        if self.is_current:
            self._show_job()

    def _on_chip_changed(self, chip: str) -> None:
        self.query_one(TabLine).chip = chip

    def _show_job(self) -> None:
        live = self.dashboard.live_states()
        shown = live[-1] if live else self.dashboard.last_state()
        self.query_one(JobLine).show(shown, max(0, len(live) - 1))
