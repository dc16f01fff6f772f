"""The half of the dataset room that makes datasets: settings, variants, start."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on, work
from textual.widgets import Input

from hanzi_tui.i18n import _, worded, worded_problem
from hanzi_tui.screens.source import SourceRoom
from hanzi_tui.widgets.ask import Ask
from hanzi_tui.widgets.dataset_lists import DatasetList
from hanzi_tui.widgets.settings_form import SettingsForm
from hanzi_tui.widgets.variants import Variants
from pipeline import preview
from pipeline.jobs import PrepareJob
from pipeline.problems import Problem

PREVIEW_WAIT_S = 0.15  # settings are changed one after the other
RECOUNTED = ("label_file", "max_file_mb", "max_pixels", "kind", "near_duplicates")
"""Settings that decide what a source holds, or what a scan finds in it."""


class PreparingRoom(SourceRoom):
    """Shows variants of the images of a source, and starts the job that packs it.

    The keys of its actions are bound in the whole room.
    """

    OWN_ACTIONS: ClassVar[set[str]] = {
        "folder", "prepare", "settings", "variants", "image", "starter", "leave", "scan", "look"
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._sample = self._draw = 0

    def source_counted(self) -> None:
        self._sample = 0
        self._show_variants()

    def teach(self) -> None:
        super().teach()
        self._teach_variants()

    def _teach_variants(self) -> None:
        self.steps.show_title("", "")
        self.query_one(Variants).say(_(
            "Nine random distortions of one image of the source appear here; e changes how strong "
            "they are. u takes the source of a prepared dataset."))  # fmt: skip

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in self.OWN_ACTIONS and self.browsing:
            return False
        if action in ("image", "scan", "look"):
            return self.scan is not None
        return self.scan is None if action == "starter" else True

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
            self.set_focus(self.query_one(at.get(self.steps.current, "#datasets")))
        else:
            self.steps.go_to("source", self.query_one(DatasetList))

    @on(Input.Submitted, "#name")
    @on(Input.Blurred, "#name")
    def _name_entered(self) -> None:
        self.plan_changed()

    @on(SettingsForm.Changed)
    def _setting_entered(self, event: SettingsForm.Changed) -> None:
        self.steps.entered(event.section, event.key, event.value)
        self.plan_changed()
        self._show_variants()
        if event.section == "dataset" and self.scan is not None:
            if event.key in RECOUNTED:
                self.count(str(self.scan.root))
            else:
                self.plan_split()

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
        root, sample = self.scan.root, self.scan.sample(self._sample)
        await asyncio.sleep(PREVIEW_WAIT_S)
        steps, variants = self.steps, self.query_one(Variants)
        try:
            images = await preview.variants(str(root), steps.dataset, steps.augment, self._draw,
                                            within=sample)  # fmt: skip
        except Problem as problem:
            # An image in an archive is known there by its content only.
            variants.say(worded(problem.code, {**problem.params, "path": sample.path}))
        except OSError as error:
            variants.say(str(error))
        else:
            variants.show(list(images))
        off = "" if steps.augment.enabled else _("distortions are off")
        steps.show_title(sample.path, off or _("the first as it is"))

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_prepare(self) -> None:
        """Asks what is open, then starts the job."""
        if self.scan is None:
            self.tell(_("First a source: o takes its path."), "warning")
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
        after = await self.after()
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

    async def after(self) -> str | None:
        """Returns the run to wait for, "" for none, None when the user would rather not start."""
        live = self.dashboard.live_states()
        if not live:
            return ""
        other = live[-1].run.id
        question = _("{run} is at work.").format(run=other)
        answers = {"w": _("wait until it has finished"), "n": _("start now, beside it")}
        answer = await self.app.push_screen_wait(Ask(question, answers))
        return None if answer is None else {"w": other, "n": ""}[answer]
