"""From a source of characters to a prepared dataset, and what is in it."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import ContentSwitcher, Input

from hanzi_tui import prepared
from hanzi_tui.folder_export import export_job, made_with
from hanzi_tui.i18n import _, printable, worded_problem
from hanzi_tui.prepared import DatasetFacts
from hanzi_tui.run_state import RunState
from hanzi_tui.screens.preparing import PreparingRoom
from hanzi_tui.screens.room import Room
from hanzi_tui.widgets.ask import Ask
from hanzi_tui.widgets.dataset_browser import DatasetBrowser
from hanzi_tui.widgets.dataset_lists import DatasetList
from hanzi_tui.widgets.dataset_report import DatasetReport
from hanzi_tui.widgets.dataset_steps import DatasetSteps
from hanzi_tui.widgets.folder_form import FolderForm
from hanzi_tui.widgets.job_panel import JobPanel
from hanzi_tui.widgets.source_browser import SourceBrowser
from pipeline import jobs
from pipeline.configuration import DEFAULT
from pipeline.jobs import PrepareJob, StopRequest
from pipeline.problems import Problem
from pipeline.runs import Run, Status
from pipeline.settings import DatasetSettings


class DatasetRoom(PreparingRoom):
    """Source, settings with variants, job and report side by side; or a dataset to browse."""

    MODE = "dataset"
    OPENING = frozenset({"folder"})
    CSS_PATH = "../styles/dataset.tcss"
    BINDING_GROUP_TITLE = _("Dataset")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "stop", _("stop…"), id="dataset.stop",
                tooltip=_("Stop the job that is shown; what is packed is kept")),
        Binding("r", "resume", _("resume"), id="dataset.resume",
                tooltip=_("Go on where the job that is shown was")),
        Binding("o", "folder", _("source…"), id="dataset.folder",
                tooltip=_("The folder, archive, .gnt file or list: type or paste its path")),
        Binding("x", "scan", _("scan"), id="dataset.scan",
                tooltip=_("Look at every image of the source for what is wrong; again, stop")),
        Binding("l", "look", _("look"), id="dataset.look",
                tooltip=_("What was found in the source, and the images of any of its classes")),
        Binding("p", "prepare", _("prepare"), id="dataset.prepare",
                tooltip=_("Pack the source into a dataset, in a job of its own")),
        Binding("b", "browse", _("browse"), id="dataset.browse",
                tooltip=_("Look at the dataset that is shown: classes, images, rejected files")),
        Binding("t", "train", _("train"), id="dataset.train",
                tooltip=_("Go on to training with the dataset that is shown")),
        Binding("f", "export", _("folders…"), id="dataset.export",
                tooltip=_("Write the images of the dataset that is shown as train, val and test "
                          "folders, for other tools")),
        Binding("e", "settings", _("settings"), id="dataset.settings",
                tooltip=_("Name, size, split and distortions")),
        Binding("v", "variants", _("variants"), id="dataset.variants",
                tooltip=_("The distorted variants as large as the screen, and back")),
        Binding("i", "image", _("next image"), id="dataset.image",
                tooltip=_("Variants of an image of the next class")),
        Binding("u", "source", _("its source"), id="dataset.source",
                tooltip=_("Take source and settings of the dataset that is shown")),
        Binding("d", "starter", _("starter"), id="dataset.starter",
                tooltip=_("Twenty characters that come with the program, to begin with")),
        Binding("escape", "leave", _("Back"), id="dataset.leave", show=False,
                tooltip=_("Out of a field, or of the large variants")),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._made: DatasetFacts | None = None
        self._state: RunState | None = None
        self._asked: StopRequest | None = None

    def body(self) -> ComposeResult:
        configuration = self.dashboard.configuration
        origins = {key: o for key, o in configuration.origins.items() if o != DEFAULT}
        with ContentSwitcher(initial="steps", id="views"):
            yield DatasetSteps(self.settings.dataset, self.settings.augment, origins,
                               signs=self.signs, id="steps")  # fmt: skip
            yield DatasetBrowser(signs=self.signs, id="browser")
            yield SourceBrowser(signs=self.signs, id="looks")

    def on_mount(self) -> None:
        super().on_mount()
        self.teach()

    def refresh_room(self) -> None:
        if self.focused is None or isinstance(self.focused, Input):
            lists = {"browser": "#class-list", "looks": "#source-list"}
            shown = self.query_one(ContentSwitcher).current or ""
            self.set_focus(self.query_one(lists.get(shown, "#datasets")))
        live = [state for state in self.dashboard.live_states() if state.kind == "prepare"]
        if self._state is None and live:
            self._state, self._made = live[-1], None
            self._open_report()
        self._show_report()
        self._list_datasets()

    def run_changed(self, state: RunState) -> None:
        if state.kind != "prepare":
            return
        if state is self._state:
            if self.is_current:
                self._show_report()
            if state.status is Status.FINISHED and self._made is None:
                self._read_facts(state.about)
        elif self._state is None and state.status.live:
            self._take_run(state)
        if self.is_current and not state.status.live:
            self._list_datasets()

    def show_run(self, state: RunState) -> None:
        self._take_run(state)
        self.steps.go_to("report")

    def _take_run(self, state: RunState) -> None:
        self._state, self._made, self._asked = state, None, None
        self.view("steps")
        if state.status is Status.FINISHED:
            self._read_facts(state.about)
        self._show_report()

    def clone_run(self, state: RunState) -> None:
        if isinstance(state.job, PrepareJob):
            self.take(state.job.source, state.job.name, state.job.dataset)

    def use_source(self, source: Path, name: str, dataset: DatasetSettings) -> None:
        self.view("steps")
        self.take(source, name, dataset)

    def job_started(self, run: Run) -> None:
        self.show_run(self.dashboard.follow(run))

    def source_counted(self) -> None:
        super().source_counted()
        self._state = self._made = None
        self._show_report()

    def plan_changed(self) -> None:
        self._show_report()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        status = self._state.status if self._state is not None else None
        if action == "stop":
            return status is not None and status.live
        if action == "resume":
            return status in (Status.STOPPED, Status.FAILED, Status.INTERRUPTED)
        if action in ("browse", "train", "source", "export"):
            there = self._made is not None and self._made.problem is None
            return there and (action == "train" or not self.browsing)
        return super().check_action(action, parameters)

    @work(exclusive=True, group="list", exit_on_error=False)
    async def _list_datasets(self) -> None:
        datasets = await asyncio.to_thread(prepared.listed, self.workspace)
        self.query_one(DatasetList).show(datasets)
        if datasets and self.scan is None and self._state is None and self._made is None:
            self._read_facts(self.query_one(DatasetList).selected or datasets[0].name)
            self._open_report()

    def _open_report(self) -> None:
        """Shows what there is, where a source to come would hide it."""
        if self.steps.single and self.focused is self.query_one(DatasetList):
            self.steps.go_to("report")

    @on(DatasetList.Seen)
    def _dataset_seen(self, event: DatasetList.Seen) -> None:
        self._state = None
        self._read_facts(event.name)

    @work(exclusive=True, group="facts", exit_on_error=False)
    async def _read_facts(self, name: str) -> None:
        self._made = await asyncio.to_thread(prepared.facts, self.workspace.datasets / name)
        self._show_report()

    def _show_report(self) -> None:
        state, made = self._state, self._made
        panel, report = self.query_one(JobPanel), self.query_one(DatasetReport)
        panel.display = state is not None
        panel.set_class(state is not None and not state.status.live, "-ended")
        # Not hidden: it takes the keys of its region.
        report.set_class(state is not None and made is None, "-empty")
        panel.show(state, asked=self._asked, result="" if state is None else _result(state))
        if made is not None:
            report.show_made(made)
        elif state is None and self.scan is not None:
            name = self.steps.dataset_name
            target = self.workspace.datasets / name
            report.show_plan(self.scan, self.plan, name, target, self.steps.dataset)
        elif state is None:
            report.show_nothing()
        self.refresh_bindings()

    @on(DatasetList.Opened)
    def _dataset_opened(self, event: DatasetList.Opened) -> None:
        self._state = None
        self._browse(event.name)

    def action_browse(self) -> None:
        if self._made is not None:
            self._browse(self._made.name)

    @work(exclusive=True, group="browse", exit_on_error=False)
    async def _browse(self, name: str) -> None:
        path = self.workspace.datasets / name
        try:
            self._made = await asyncio.to_thread(prepared.facts, path)
            self._show_report()
            dataset = await asyncio.to_thread(prepared.browse, path)
        except Problem as problem:
            self.tell(worded_problem(problem), "error")
        except OSError as error:
            self.tell(f"{error.strerror}: {error.filename}", "error")
        else:
            self.view("browser")
            self.query_one(DatasetBrowser).show(dataset, self._made)

    def action_source(self) -> None:
        if self._made is not None:
            origin = self._made.described["origin"]
            dataset = made_with(origin, self.steps.dataset)
            self.take(Path(origin["source"]), self._made.name, dataset)

    async def action_train(self) -> None:
        if self._made is not None:
            name, augment = self._made.name, self.steps.augment
            await self.dashboard.action_open("training")
            if isinstance(self.dashboard.screen, Room):
                self.dashboard.screen.use_dataset(name, augment)

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_export(self) -> None:
        """Asks where to and how, then starts the job."""
        if (made := self._made) is None:
            return
        make = partial(export_job, self.workspace, made.name, made.described["origin"],
                       self.steps.dataset)  # fmt: skip
        folder = Path.cwd() / f"{made.name}-folders"
        form = FolderForm(made.name, folder, self.steps.augment, make, signs=self.signs)
        job = await self.app.push_screen_wait(form)
        after = await self.after() if job is not None else None
        if job is not None and after is not None:
            self.start_job(job.model_copy(update={"after": after or None}))

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_stop(self) -> None:
        if (state := self._state) is None:
            return
        question = _("Stop {run}? What is packed is kept; r goes on there.")
        answers = {"b": _("after the images at hand"), "k": _("kill it now")}
        answer = await self.app.push_screen_wait(Ask(question.format(run=state.run.id), answers))
        if answer is not None:
            self._asked = "batch" if answer == "b" else "kill"
            self._show_report()
            self.attempt(jobs.stop(state.run, self._asked))

    def action_resume(self) -> None:
        if self._state is not None:
            self.attempt(self._resumed(self._state.run))

    async def _resumed(self, run: Run) -> None:
        await jobs.resume(run)
        self.show_run(self.dashboard.follow(run))


def _result(state: RunState) -> str:
    """Returns in words what a job of this room has led to."""
    if isinstance(state.job, PrepareJob) and state.job.export is not None:
        folder = printable(str(state.job.export.folder))
        return _("written to {folder}").format(folder=folder)
    return _("prepared")
