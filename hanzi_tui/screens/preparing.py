"""The half of the dataset room that makes datasets: source, settings, variants, start."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.widgets import Input

from hanzi_tui import source_scan
from hanzi_tui.i18n import _, worded_problem
from hanzi_tui.screens.room import Room
from hanzi_tui.source_scan import Scan, in_thread
from hanzi_tui.widgets.ask import Ask
from hanzi_tui.widgets.dataset_lists import DatasetList
from hanzi_tui.widgets.dataset_steps import DatasetSteps
from hanzi_tui.widgets.path_entry import existing_path
from hanzi_tui.widgets.settings_form import SettingsForm
from hanzi_tui.widgets.source_counts import SourceCounts
from hanzi_tui.widgets.variants import Variants
from pipeline import preview
from pipeline.jobs import PrepareJob
from pipeline.problems import Problem
from pipeline.settings import DatasetSettings
from pipeline.starter import unpack_characters

PREVIEW_WAIT_S = 0.15  # settings are changed one after the other
STARTER = "starter"


class PreparingRoom(Room):
    """Counts a folder, shows variants of its images, and starts the job that packs it.

    The keys of its actions are bound in the whole room.
    """

    OWN_ACTIONS: ClassVar[set[str]] = {
        "folder", "prepare", "settings", "variants", "image", "starter", "leave"
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.scan: Scan | None = None
        self.browsing = False
        self._sample = self._draw = 0

    @property
    def steps(self) -> DatasetSteps:
        return self.query_one(DatasetSteps)

    def source_counted(self) -> None:
        """Hears that another folder was counted."""

    def plan_changed(self) -> None:
        """Hears that the settings, or the name, are others."""

    def teach(self) -> None:
        """Says what goes where."""
        self.query_one(SourceCounts).say(_(
            "One folder a class, named by its label, the images inside: o takes the path of the "
            "folder that holds them. 100000 images are counted in seconds. No images at hand? "
            "d takes the starter characters."))  # fmt: skip
        self._teach_variants()

    def _teach_variants(self) -> None:
        self.steps.show_title("", "")
        self.query_one(Variants).say(_("Nine random distortions of one image of the source appear "
                                       "here; e changes how strong they are."))  # fmt: skip

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in self.OWN_ACTIONS and self.browsing:
            return False
        if action == "image":
            return self.scan is not None
        return self.scan is None if action == "starter" else True

    def action_folder(self) -> None:
        self.steps.go_to("source", self.query_one("#path"))

    def action_settings(self) -> None:
        self.steps.go_to("settings", self.query_one("#name"))

    def action_variants(self) -> None:
        shown = self.steps.current == "preview" and self.steps.single
        self.steps.alone = not shown
        if shown:
            self.steps.go_to("source", self.query_one(DatasetList))
        else:
            self.steps.go_to("preview")

    def action_leave(self) -> None:
        self.steps.alone = False
        at = {"settings": "#forms", "preview": "#variants", "report": "#report-text"}
        if isinstance(self.focused, Input):
            self.query_one(at.get(self.steps.current, "#datasets")).focus()
        else:
            self.steps.go_to("source", self.query_one(DatasetList))

    @on(Input.Submitted, "#path")
    def _path_entered(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.count(event.value)
            self.query_one(DatasetList).focus()

    @on(Input.Submitted, "#name")
    @on(Input.Blurred, "#name")
    def _name_entered(self) -> None:
        self.plan_changed()

    def on_paste(self, event: events.Paste) -> None:
        """Takes a path that is pasted, or dropped, anywhere but into a field."""
        if event.text.strip() and not self.browsing:
            self.query_one("#path", Input).value = event.text.strip().splitlines()[0]
            self.count(event.text)

    @work(exclusive=True, group="count", exit_on_error=False)
    async def count(self, text: str, name: str = "") -> None:
        """Counts the folder that a text means, off the loop.

        Args:
            text: a path, typed or pasted.
            name: of the dataset; without one the folder's name is proposed.
        """
        counts = self.query_one(SourceCounts)
        found: Scan | None = None
        try:
            path = await in_thread(existing_path, text)
            counts.say(_("counting {path}").format(path=path))
            found = await in_thread(source_scan.scan, path)
        except Problem as problem:
            counts.say(worded_problem(problem), bad=True)
        except OSError as error:
            counts.say(f"{error.strerror}: {error.filename}", bad=True)
        else:
            counts.show(found)
            self.steps.offer_name(name or path.name)
        self.scan, self._sample = found, 0
        self.source_counted()
        self._show_variants()

    def take(self, source: Path, name: str, dataset: DatasetSettings) -> None:
        """Fills the steps with a source, a name and settings, and counts the source."""
        self.query_one("#path", Input).value = str(source)
        self.steps.give_name(name)
        self.steps.show_settings(dataset)
        self.count(str(source), name)

    def action_starter(self) -> None:
        self.attempt(self._take_starter())

    async def _take_starter(self) -> None:
        source = await asyncio.to_thread(unpack_characters, self.workspace.root / STARTER)
        self.take(source, STARTER, self.steps.dataset)

    @on(SettingsForm.Changed)
    def _setting_entered(self, event: SettingsForm.Changed) -> None:
        self.steps.entered(event.section, event.key, event.value)
        self.plan_changed()
        self._show_variants()

    @on(Variants.Redrawn)
    def _draw_again(self) -> None:
        self._draw += 1
        self._show_variants()

    @on(Variants.Stepped)
    def _step(self, event: Variants.Stepped) -> None:
        self._sample += event.step
        self._show_variants()

    def action_image(self) -> None:
        self._sample += 1
        self._show_variants()

    @work(exclusive=True, group="preview", exit_on_error=False)
    async def _show_variants(self) -> None:
        """Has variants of the sample made in a process of their own."""
        if self.scan is None:
            self._teach_variants()
            return
        sample = self.scan.samples[self._sample % len(self.scan.samples)]
        await asyncio.sleep(PREVIEW_WAIT_S)
        steps, variants = self.steps, self.query_one(Variants)
        path = os.path.join(self.scan.root, sample)
        try:
            images = await preview.variants(path, steps.dataset, steps.augment, self._draw)
        except Problem as problem:
            variants.say(worded_problem(problem))
        except OSError as error:
            variants.say(str(error))
        else:
            variants.show(list(images))
        off = "" if steps.augment.enabled else _("distortions are off")
        steps.show_title(sample, off or _("the first as it is"))

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_prepare(self) -> None:
        """Asks what is open, then starts the job."""
        if self.scan is None:
            self.tell(_("First a folder: o takes its path."), "warning")
            return
        try:
            self.steps.check()
            target = self.workspace.dataset(self.steps.dataset_name)
        except Problem as problem:
            self.tell(worded_problem(problem), "error")
            return
        exists = await asyncio.to_thread((target / "dataset.json").is_file)
        if exists and not await self._may_replace(target.name):
            return
        after = await self._after()
        if after is not None:
            self.start_job(PrepareJob(workspace=self.workspace.root, source=self.scan.root,
                                      name=target.name, dataset=self.steps.dataset,
                                      replace=exists, after=after or None))  # fmt: skip

    async def _may_replace(self, name: str) -> bool:
        question = _("There is a dataset {name}. If its source and settings are the same, it stays "
                     "as it is.").format(name=name)  # fmt: skip
        answers = {"r": _("replace it where anything differs"), "n": _("choose another name")}
        answer = await self.app.push_screen_wait(Ask(question, answers))
        if answer == "n":
            self.action_settings()
        return answer == "r"

    async def _after(self) -> str | None:
        """Returns the run to wait for, "" for none, None when the user would rather not start."""
        live = self.dashboard.live_states()
        if not live:
            return ""
        other = live[-1].run.id
        question = _("{run} is at work.").format(run=other)
        answers = {"w": _("wait until it has finished"), "n": _("start now, beside it")}
        answer = await self.app.push_screen_wait(Ask(question, answers))
        return None if answer is None else {"w": other, "n": ""}[answer]
