"""Training: set one up, watch it, stop it, go on with it, compare it with others."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from hanzi_tui.course import steps_per_epoch, table
from hanzi_tui.i18n import _, ngettext
from hanzi_tui.plotting import write_plot
from hanzi_tui.run_state import RunState
from hanzi_tui.screens.training_going_on import GOING_ON, GoingOnRoom
from hanzi_tui.training_runs import trainings
from hanzi_tui.widgets.ask import Ask
from hanzi_tui.widgets.pick import Choice, Pick
from hanzi_tui.widgets.places import Places
from hanzi_tui.widgets.sample_grid import SampleGrid
from hanzi_tui.widgets.training_board import Page
from pipeline.files import write_table
from pipeline.runs import Run

POINTS = "metrics.csv"
PLOTS = {"p": "png", "s": "svg", "c": "csv"}
SETUP = {"start", "trial", "dataset", "recipe"}
WATCH = {"new", "clone", "compare", "export", "log", "smooth", "zoom", "read"}


class TrainingRoom(GoingOnRoom):
    """Shows a training, or the form of a new one."""

    MODE = "training"
    OPENING = frozenset({"compare", "dataset", "export", "more", "recipe", "stop", "switch"})
    CSS_PATH = "../styles/training.tcss"
    BINDING_GROUP_TITLE = _("Training")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "start", _("start"), id="training.start",
                tooltip=_("Start the training that stands in the form")),
        Binding("d", "dataset", _("dataset…"), id="training.dataset",
                tooltip=_("Pick the dataset to train on")),
        Binding("p", "recipe", _("recipe…"), id="training.recipe",
                tooltip=_("Fill the form with the values of a named recipe")),
        Binding("P", "larger", _("larger pictures"), id="training.larger",
                tooltip=_("Prepare the pictures that the recipe wants: fills the dataset's form")),
        Binding("t", "trial", _("trial"), id="training.trial",
                tooltip=_("Measure memory and time by training for a few seconds; again: end it")),
        Binding("s", "stop", _("stop…"), id="training.stop",
                tooltip=_("After this batch, after this epoch, now, or by force")),
        Binding("f", "mend", _("mend"), id="training.mend",
                tooltip=_("Do what mends the failure: a lower learning rate, a smaller batch")),
        Binding("r", "resume", _("resume"), id="training.resume",
                tooltip=_("Go on where the training was stopped or broke off")),
        Binding("g", "more", _("more epochs…"), id="training.more",
                tooltip=_("Go on with more epochs than were planned, also where it is finished")),
        Binding("n", "new", _("new run"), id="training.new",
                tooltip=_("To the form of a new training")),
        Binding("N", "clone", _("clone"), id="training.clone", show=False,
                tooltip=_("A new training with the settings of this one, to change first")),
        Binding("c", "compare", _("compare"), id="training.compare",
                tooltip=_("Draw the validation curves of other trainings over this one's")),
        Binding("l", "log", _("log scale"), id="training.log",
                tooltip=_("Draw the loss on a logarithmic axis, and back")),
        Binding("z,plus", "zoom(0.5)", _("zoom"), id="training.zoom",
                tooltip=_("Show half as many epochs, about the reading line")),
        Binding("Z,minus", "zoom(2.0)", _("zoom out"), id="training.zoom_out", show=False,
                tooltip=_("Show twice as many epochs")),
        Binding("m", "smooth", _("smooth"), id="training.smooth",
                tooltip=_("Smooth what was measured per step: not at all, 0.6, 0.9, 0.99")),
        Binding("e", "export", _("export…"), id="training.export",
                tooltip=_("Write the curves as PNG, SVG or CSV into the folder of the run")),
        Binding("w", "switch", _("other run"), id="training.switch",
                tooltip=_("Watch another training")),
        Binding("left", "read(-1)", _("read left"), id="training.read_left", show=False,
                tooltip=_("Read off the point on the left in both charts")),
        Binding("right", "read(1)", _("read right"), id="training.read_right", show=False,
                tooltip=_("Read off the point on the right in both charts")),
        Binding("escape", "back", _("back"), id="training.back",
                tooltip=_("Leave a field, show all epochs again, or back to the curves")),
        Binding("tab", "page(1)", _("next"), id="training.page", show=False,
                tooltip=_("The next page, or the next field")),
        Binding("shift+tab", "page(-1)", _("previous"), id="training.page_back", show=False,
                tooltip=_("The page before, or the field before")),
    ]  # fmt: skip

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in SETUP:
            return not self.watching
        if action == "larger":
            return not self.watching and self.offer is not None
        if action in WATCH:
            return self.watching
        if action in GOING_ON:
            return self.may_go_on(action)
        if action == "back":
            return self._has_way_back()
        return True

    def _has_way_back(self) -> bool:
        if self.watching:
            return self.board.is_moved
        return self._watched is not None or isinstance(self.focused, Input)

    def action_new(self) -> None:
        self._form_wanted = True
        self._show_half()
        self.focus_form()

    def action_clone(self) -> None:
        if self._watched is not None:
            self.clone_run(self._watched)

    def action_back(self) -> None:
        if isinstance(self.focused, Input):
            self.set_focus(None)
        elif self.watching:
            self.board.reset()
        elif self._watched is not None:
            self._watch(self._watched)

    def action_switch(self) -> None:
        choices = asyncio.to_thread(trainings, self.workspace, self.signs)
        self.app.push_screen(Pick(_("Training to watch"), choices), self._switch)

    def _switch(self, name: str | None) -> None:
        if name is not None:
            self._watch(self.dashboard.follow(Run(self.workspace.runs / name)))

    def action_compare(self) -> None:
        title = _("Training to draw over this one; once more takes it away")
        empty = _("There is no other training yet.")
        self.app.push_screen(Pick(title, self._to_compare(), empty), self._compare)

    async def _to_compare(self) -> list[Choice]:
        found = await asyncio.to_thread(trainings, self.workspace, self.signs)
        choices = [self._marked(each) for each in found
                   if self._watched is None or each.value != self._watched.run.id]  # fmt: skip
        alone = [Choice("", _("none: this training alone"))] if self._compared else []
        return [*alone, *choices]

    def _marked(self, choice: Choice) -> Choice:
        drawn = choice.value in self._compared
        return Choice(choice.value, f"{self.signs.done} {choice.note}") if drawn else choice

    def _compare(self, name: str | None) -> None:
        if name is None:
            return
        if not name:
            self._compared.clear()
        elif name in self._compared:
            self._compared.remove(name)
        else:
            self._compared.append(name)
            self.dashboard.follow(Run(self.workspace.runs / name))
        self._drawn = None
        self._plan(at_once=True)

    def action_export(self) -> None:
        if (state := self._watched) is not None:
            text = _("Write the curves of {run}? TensorBoard shows them in a browser: {command}")
            command = f"hanzi-tui tensorboard {state.run.id}"
            ask = Ask(text.format(run=state.run.id, command=command), export_answers())
            self.app.push_screen(ask, partial(self._export, state))

    def _export(self, state: RunState, answer: str | None) -> None:
        if answer in PLOTS:
            self.attempt(self._plotted(state, PLOTS[answer]))
        elif answer is not None:
            self.attempt(self._exported(state))

    async def _plotted(self, state: RunState, suffix: str) -> None:
        """Writes the picture, with the trainings in it that are drawn over this one."""
        others = [Run(self.workspace.runs / name) for name in self._compared]
        name = "curves-compared" if others else "curves"
        path = state.run.path / f"{name}.{suffix}"
        await asyncio.to_thread(write_plot, path, [state.run, *others])
        self.tell(_("written: {path}").format(path=path))

    async def _exported(self, state: RunState) -> None:
        header, rows = table(state.metrics, steps_per_epoch(state))
        path = state.run.path / POINTS
        await asyncio.to_thread(write_table, path, header, rows)
        text = ngettext("{count} point written to {path}", "{count} points written to {path}",
                        len(rows))  # fmt: skip
        self.tell(text.format(count=len(rows), path=path))

    def action_log(self) -> None:
        self.board.switch_log_scale()

    def action_smooth(self) -> None:
        self.board.smooth()

    def action_zoom(self, factor: float) -> None:
        self.board.zoom(factor)

    def action_read(self, steps: int) -> None:
        self.board.read(steps)

    def action_page(self, step: int) -> None:
        pages = self._pages()
        if not pages:
            (self.focus_next if step > 0 else self.focus_previous)()
            return
        at = pages.index(self.board.page) if self.board.page in pages else 0
        self._turn_to(pages[(at + step) % len(pages)])

    @on(Places.Chosen)
    def _chosen(self, event: Places.Chosen) -> None:
        self._turn_to(event.name)  # type: ignore[arg-type]

    def _turn_to(self, page: Page) -> None:
        self.board.turn_to(page)
        if page == "samples":
            self.board.query_one(SampleGrid).focus()
        else:
            self.set_focus(None)

    def _pages(self) -> list[Page]:
        """Returns the pages to go round by tab; none where everything is shown."""
        if not self.watching:
            return []
        if self.has_class("-tiny"):
            return ["accuracy", "loss", "samples", "job"]
        return ["accuracy", "samples"] if self.has_class("-short") else []


def export_answers() -> dict[str, str]:
    """Returns key → what it means, of the files that curves can become."""
    return {
        "p": _("picture, PNG"),
        "s": _("picture, SVG"),
        "c": _("table of the epochs, CSV"),
        "a": _("table of every point, CSV"),
    }
