"""The first step of the dataset room: a source is counted, looked at, and planned with."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from textual import events, on, work
from textual.widgets import ContentSwitcher, Input

from hanzi_tui import source_scan
from hanzi_tui.i18n import _, worded_problem
from hanzi_tui.screens.room import Room
from hanzi_tui.source_look import Look, look_of, quick_look
from hanzi_tui.source_scan import Scan, in_thread
from hanzi_tui.split_plan import SplitPlan, split_plan
from hanzi_tui.widgets.class_browser import ClassBrowser
from hanzi_tui.widgets.dataset_lists import DatasetList
from hanzi_tui.widgets.dataset_steps import DatasetSteps
from hanzi_tui.widgets.path_entry import existing_path
from hanzi_tui.widgets.source_browser import SourceBrowser
from hanzi_tui.widgets.source_counts import SourceCounts
from pipeline.dataset.sources import name_of
from pipeline.problems import Problem
from pipeline.scanning import scanned
from pipeline.settings import DatasetSettings
from pipeline.starter import unpack_characters

STARTER = "starter"


class SourceRoom(Room):
    """Counts a source at once, looks at each of its images when asked, tells how it would split.

    The keys of its actions are bound in the whole room.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scan: Scan | None = None
        self.plan: SplitPlan | None = None
        self.browsing = False
        self._look: Look | None = None
        self._scanning = False

    @property
    def steps(self) -> DatasetSteps:
        return self.query_one(DatasetSteps)

    def source_counted(self) -> None:
        """Hears that another source was counted, or none could be."""

    def plan_changed(self) -> None:
        """Hears that the settings, the name, or the split they make are others."""

    def view(self, name: str) -> None:
        """Shows the steps, a dataset to browse ("browser"), or the source ("looks")."""
        self.browsing = name != "steps"
        self.query_one(ContentSwitcher).current = name
        self.refresh_bindings()

    def teach(self) -> None:
        """Says what goes where."""
        self.query_one(SourceCounts).say(_(
            "o takes the path of a folder with one folder a class, named by its label; of a .zip "
            "or .tar of such; of .gnt files; or of a list of paths and labels. 100000 images are "
            "counted in seconds. No images at hand? d takes the starter characters."))  # fmt: skip

    def action_folder(self) -> None:
        self.steps.go_to("source", self.query_one("#path"))

    @on(Input.Submitted, "#path")
    def _path_entered(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.count(event.value)
            self.set_focus(self.query_one(DatasetList))

    def on_paste(self, event: events.Paste) -> None:
        """Takes a path that is pasted, or dropped, anywhere but into a field."""
        if event.text.strip() and not self.browsing:
            self.query_one("#path", Input).value = event.text.strip().splitlines()[0]
            self.count(event.text)

    @work(exclusive=True, group="count", exit_on_error=False)
    async def count(self, text: str, name: str = "") -> None:
        """Counts the source that a text means, off the loop.

        Args:
            text: a path, typed or pasted.
            name: of the dataset; without one the source's name is proposed.
        """
        counts = self.query_one(SourceCounts)
        found: Scan | None = None
        self.workers.cancel_group(self, "scan")
        try:
            path = await in_thread(existing_path, text)
            counts.say(_("counting {path}").format(path=path))
            found = await in_thread(source_scan.scan, path, self.steps.dataset)
        except Problem as problem:
            counts.say(worded_problem(problem), bad=True)
        except OSError as error:
            counts.say(f"{error.strerror}: {error.filename}", bad=True)
        else:
            counts.show(found, quick_look(found))
            self.steps.offer_name(name or await in_thread(name_of, path))
        self.scan, self.plan, self._look = found, None, None
        self.source_counted()
        self.plan_split()

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

    @work(exclusive=True, group="plan", exit_on_error=False)
    async def plan_split(self) -> None:
        """Splits the listing as prepare would, off the loop, and tells what comes of it."""
        if self.scan is None:
            self.steps.show_group_hint("")
            return
        dataset = self.steps.dataset
        self.plan = await in_thread(split_plan, self.scan.listing, dataset)
        self.steps.show_plan(self.plan, self.scan.source.kind)
        self.plan_changed()

    def action_scan(self) -> None:
        """Looks at every image of the source, or stops doing so."""
        if self._scanning:
            self.workers.cancel_group(self, "scan")
        elif self.scan is not None:
            self._scan_fully(self.scan)

    @work(exclusive=True, group="scan", exit_on_error=False)
    async def _scan_fully(self, scan: Scan) -> None:
        """Has every image looked at in processes of their own; cancelled, they end."""
        counts = self.query_one(SourceCounts)
        self._scanning = True
        counts.show_progress(0, scan.images)
        try:
            found: dict[str, Any] = await scanned(scan.root, self.steps.dataset,
                                                  counts.show_progress)  # fmt: skip
            look = await in_thread(look_of, scan, found)
        except Problem as problem:
            self.tell(worded_problem(problem), "error")
        else:
            self._look = look
            counts.show(scan, look)
        finally:
            self._scanning = False
            counts.end_progress()

    @on(SourceCounts.Asked)
    def _finding_asked(self, event: SourceCounts.Asked) -> None:
        self.action_look(event.number)

    def action_look(self, number: int = 0) -> None:
        """Shows the source from the finding of this number on."""
        if self.scan is None:
            return
        look = self._look or quick_look(self.scan)
        self.view("looks")
        self.query_one(SourceBrowser).show(self.scan, look, self.steps.dataset.max_pixels,
                                              number)  # fmt: skip

    @on(ClassBrowser.Closed)
    def _looked(self) -> None:
        self.view("steps")
        self.steps.go_to("source", self.query_one(DatasetList))
