"""Where a model fails: the confusion matrix, the pairs behind it, and the images behind those."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import ClassVar

import numpy as np
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import DataTable, Static

from hanzi_tui.evaluation_results import EvaluationResults, read_results
from hanzi_tui.i18n import _, printable
from hanzi_tui.run_state import RunState
from hanzi_tui.screens.room import Room
from hanzi_tui.widgets.glyphs import GlyphGrid, GlyphItem
from hanzi_tui.widgets.heatmap import Heatmap
from hanzi_tui.widgets.heatmap_sight import Cell
from hanzi_tui.widgets.pick import Choice, Pick
from hanzi_tui.widgets.rule import Rule
from pipeline import runs
from pipeline.jobs import EvaluateJob
from pipeline.problems import Problem
from pipeline.runs import Run, Status
from pipeline.workspace import names_in

ORDERS = ("code point", "accuracy", "errors")


class EvaluationRoom(Room):
    """Heatmap left, the most-confused pairs right, samples of the chosen pair below them."""

    MODE = "evaluation"
    CSS_PATH = "../styles/evaluation.tcss"
    BINDING_GROUP_TITLE = _("Evaluation")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "evaluate", _("evaluate…"), id="evaluation.evaluate",
                tooltip=_("Judge a model by the test split of its dataset")),
        Binding("o", "open", _("open…"), id="evaluation.open",
                tooltip=_("Another finished evaluation")),
        Binding("slash", "search", _("class…"), id="evaluation.search", key_display="/",
                tooltip=_("Go to a class in the matrix")),
        Binding("w", "order", _("order"), id="evaluation.order",
                tooltip=_("Order the classes by code point, accuracy or errors")),
        Binding("tab", "next_region", _("pairs"), id="evaluation.next", show=False,
                tooltip=_("From the matrix to the pairs, the samples and back")),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._results: EvaluationResults | None = None
        self._order = 0
        self._wanted: Run | None = None

    def body(self) -> ComposeResult:
        with Vertical():
            yield Static(id="facts")
            with Horizontal(id="regions"):
                yield Heatmap(signs=self.signs, id="matrix")
                with Vertical(id="behind"):
                    yield Rule(_("most confused"), signs=self.signs)
                    yield DataTable(cursor_type="row", id="pairs")
                    yield Rule(_("samples"), signs=self.signs, id="samples-rule")
                    yield GlyphGrid(signs=self.signs, id="samples")

    def on_mount(self) -> None:
        super().on_mount()
        table = self.query_one(DataTable)
        for name in (_("read"), _("as"), _("images"), _("and back")):
            table.add_column(name, key=name)

    def refresh_room(self) -> None:
        if self.focused is None:
            self.query_one(Heatmap).focus()
        if self._results is None or self._wanted is not None:
            self._load(self._wanted)

    def run_changed(self, state: RunState) -> None:
        if state.kind == "evaluate" and state.status is Status.FINISHED:
            shown = self._results.run.id if self._results else ""
            if state.run.id > shown:
                self._wanted = state.run
                if self.is_current:
                    self._load(state.run)

    def show_run(self, state: RunState) -> None:
        self._wanted = state.run
        if state.status is Status.FINISHED:
            self._load(state.run)

    @work(exclusive=True, group="load", exit_on_error=False)
    async def _load(self, run: Run | None) -> None:
        """Reads an evaluation off the loop; the newest when none is named."""
        run = run or await asyncio.to_thread(self._newest)
        if run is None:
            self._show_nothing()
            return
        try:
            self._results = await asyncio.to_thread(read_results, run, self.workspace)
        except Problem as problem:
            self.tell(str(problem), "error")
        except (OSError, ValueError, KeyError) as error:
            self.tell(
                _("{run} cannot be shown: {reason}").format(run=run.id, reason=error), "error"
            )
        else:
            self._wanted = None
            self._show(self._results)

    def _newest(self) -> Run | None:
        finished = (run for run in reversed(runs.listed(self.workspace.runs))
                    if (run.path / "evaluation.json").is_file())  # fmt: skip
        return next(finished, None)

    def _show_nothing(self) -> None:
        text = _("No evaluation yet. e judges a model by images it was not trained on, in seconds "
                 "on a thousand images; train one first with F3.")  # fmt: skip
        self.query_one("#facts", Static).update(Content.styled(text, "$muted"))

    def _show(self, results: EvaluationResults) -> None:
        summary = results.summary
        place = printable(f"{summary['model']}  {summary['dataset']}/{summary['split']}")
        numbers = _("top-1 {top_1:.2%}   top-5 {top_5:.2%}   mean recall {recall:.2%}   "
                    "{images} images, {classes} classes")  # fmt: skip
        self.query_one("#facts", Static).update(Content.assemble(
            (place, "bold"), "   ",
            numbers.format(top_1=summary["top_1"], top_5=summary["top_5"],
                           recall=summary["mean_recall"], images=summary["images"],
                           classes=summary["classes"])))  # fmt: skip
        confusion = results.confusion
        self.query_one(Heatmap).show(results.labels, confusion.truth, confusion.guess,
                                     confusion.count)  # fmt: skip
        if self._order:
            self._apply_order()
        table = self.query_one(DataTable)
        table.clear()
        for number, pair in enumerate(results.pairs):
            # The more frequent direction is told first.
            there, back = pair.first_as_second, pair.second_as_first
            truth, guess = (pair.first, pair.second) if there >= back else (pair.second, pair.first)
            labels = (Text(printable(results.labels[index])) for index in (truth, guess))
            counts = (Text(str(n), justify="right") for n in sorted((there, back), reverse=True))
            table.add_row(*labels, *counts, key=f"{number} {truth} {guess}")
        if not results.pairs:
            self._show_samples(0, 0)

    @on(Heatmap.CellChosen)
    def _chosen(self, event: Heatmap.CellChosen) -> None:
        truth, guess = _single(event.cell)
        self._show_samples(truth, guess)

    @on(DataTable.RowHighlighted)
    def _pair_seen(self, event: DataTable.RowHighlighted) -> None:
        if event.row_key.value is not None:
            _number, truth, guess = map(int, event.row_key.value.split())
            self._show_samples(truth, guess)
            if event.data_table.has_focus:
                self.query_one(Heatmap).go_to(truth, guess)

    @on(DataTable.RowSelected)
    def _pair_chosen(self, event: DataTable.RowSelected) -> None:
        if event.row_key.value is not None:
            _number, truth, guess = map(int, event.row_key.value.split())
            self.query_one(Heatmap).go_to(truth, guess)

    def _show_samples(self, truth: int, guess: int) -> None:
        """Shows the misread images first, then right ones of both classes to compare with."""
        results = self._results
        if results is None:
            return
        pairs = [(truth, guess), (guess, truth), (truth, truth), (guess, guess)]
        known = [pair for pair in dict.fromkeys(pairs) if max(pair) < len(results.labels)]
        rows = np.concatenate([results.taken_for(*pair) for pair in known])
        names = (*results.labels, "?")
        items = []
        for row in rows.tolist():
            is_right = results.guess[row] == results.split.labels[row]
            sign = self.signs.done if is_right else self.signs.failed
            text = f"{names[results.split.labels[row]]} {names[results.guess[row]]} " \
                   f"{results.probability[row]:.2f} {sign}"  # fmt: skip
            image = partial(_image, results, row)
            items.append(GlyphItem(image, printable(text), "right" if is_right else "wrong"))
        rule = self.query_one("#samples-rule", Rule)
        rule.title = _("samples: truth, answer, probability")
        self.query_one(GlyphGrid).items = items

    def action_order(self) -> None:
        self._order = (self._order + 1) % len(ORDERS)
        self._apply_order()
        names = {"code point": _("code point"), "accuracy": _("accuracy"), "errors": _("errors")}
        self.tell(_("ordered by {order}").format(order=names[ORDERS[self._order]]))

    def _apply_order(self) -> None:
        if self._results is None:
            return
        confusion = self._results.confusion
        keys = {
            "code point": np.arange(confusion.classes),
            "accuracy": np.nan_to_num(confusion.recall(), nan=2.0),
            "errors": confusion.right() - confusion.images(),
        }
        order = np.argsort(keys[ORDERS[self._order]], kind="stable")
        self.query_one(Heatmap).order(order)

    def action_next_region(self) -> None:
        regions = [self.query_one(Heatmap), self.query_one(DataTable), self.query_one(GlyphGrid)]
        at = regions.index(self.focused) if self.focused in regions else -1
        region = regions[(at + 1) % len(regions)]
        self.set_class(region is not regions[0], "-behind")
        region.focus()

    @work(group="ask", exit_on_error=False)
    async def action_search(self) -> None:
        results = self._results
        if results is None:
            return
        recall = results.confusion.recall()
        choices = [Choice(label, f"{recall[i]:.1%}" if recall[i] == recall[i] else "-")
                   for i, label in enumerate(results.labels)]  # fmt: skip
        label = await self.app.push_screen_wait(Pick(_("Class"), choices))
        if label is not None:
            index = results.labels.index(label)
            confusion = results.confusion
            wrong = (confusion.truth == index) & (confusion.guess != index)
            worst = (
                confusion.guess[wrong][np.argmax(confusion.count[wrong])] if wrong.any() else index
            )
            self.query_one(Heatmap).go_to(index, int(worst))
            self._show_samples(index, int(worst))

    @work(group="ask", exit_on_error=False)
    async def action_open(self) -> None:
        found = [run for run in reversed(runs.listed(self.workspace.runs))
                 if (run.path / "evaluation.json").is_file()]  # fmt: skip
        choices = [Choice(run.id, self._about(run)) for run in found]
        name = await self.app.push_screen_wait(
            Pick(_("Evaluation"), choices, _("No evaluation yet: e makes one.")))  # fmt: skip
        if name is not None:
            self._load(Run(self.workspace.runs / name))

    def _about(self, run: Run) -> str:
        done = run.finished()
        return "" if done is None else (
            f"{done.summary['model']}  {done.summary['dataset']}/{done.summary['split']}  "
            f"top-1 {done.summary['top_1']:.2%}")  # fmt: skip

    @work(group="ask", exit_on_error=False)
    async def action_evaluate(self) -> None:
        names = names_in(self.workspace.models, "bundle.json")
        name = await self.app.push_screen_wait(
            Pick(_("Model to judge"), [Choice(name) for name in names],
                 _("No model yet: F3 trains one.")))  # fmt: skip
        if name is not None:
            self.use_model(name)

    def use_model(self, name: str) -> None:
        """Judges this model by the split that the settings name."""
        self.start_job(EvaluateJob(workspace=self.workspace.root, model=name,
                                   evaluation=self.settings.evaluation))  # fmt: skip


def _single(cell: Cell) -> tuple[int, int]:
    return int(cell.truth[0]), int(cell.guess[0])


def _image(results: EvaluationResults, row: int) -> np.ndarray:
    image = np.asarray(results.split.images[row])
    return image[..., 0] if image.shape[-1] == 1 else image
