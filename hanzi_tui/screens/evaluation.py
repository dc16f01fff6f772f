"""Where a model fails: the confusion matrix, the pairs behind it, and the images behind those."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import numpy as np
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from hanzi_tui.evaluation_results import EvaluationResults, read_results
from hanzi_tui.i18n import _, printable, worded_problem
from hanzi_tui.run_state import RunState
from hanzi_tui.screens.room import Room
from hanzi_tui.widgets.confused_pairs import ConfusedPairs
from hanzi_tui.widgets.heatmap import Heatmap
from hanzi_tui.widgets.matrix_side import MatrixSide
from hanzi_tui.widgets.pair_table import PairTable
from hanzi_tui.widgets.pick import Choice, Pick
from hanzi_tui.widgets.regions import Regions
from hanzi_tui.widgets.rule import Rule
from hanzi_tui.widgets.score_line import ScoreLine
from pipeline import runs
from pipeline.jobs import EvaluateJob
from pipeline.problems import Problem
from pipeline.runs import Run, Status
from pipeline.workspace import names_in

ORDERS = ("code point", "accuracy", "errors")
ROOM_FOR_ALL = 100
"""Columns that the matrix and what is behind it need side by side."""


class EvaluationRoom(Room):
    """The matrix left, the most-confused pairs right, images of the chosen pair below them."""

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
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._results: EvaluationResults | None = None
        self._order = 0
        self._wanted: Run | None = None

    def body(self) -> ComposeResult:
        regions = {"matrix": _("Matrix"), "behind": _("Most confused")}
        with Vertical():
            yield ScoreLine()
            with Regions(regions, ROOM_FOR_ALL):
                yield MatrixSide(signs=self.signs, id="matrix")
                yield ConfusedPairs(signs=self.signs, id="behind")

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
            results = await asyncio.to_thread(read_results, run, self.workspace)
            await asyncio.to_thread(lambda: results.confused)  # counted off the loop
        except Problem as problem:
            self._show_reason(run, worded_problem(problem))
        except (OSError, ValueError, KeyError) as error:
            self._show_reason(run, str(error))
        else:
            self._results, self._wanted = results, None
            self._show(results)

    def _show_reason(self, run: Run, reason: str) -> None:
        text = _("{run} cannot be shown: {reason}").format(run=run.id, reason=reason)
        self.tell(text, "error")
        self.query_one(Heatmap).empty = printable(text)

    def _newest(self) -> Run | None:
        finished = (run for run in reversed(runs.listed(self.workspace.runs))
                    if (run.path / "evaluation.json").is_file())  # fmt: skip
        return next(finished, None)

    def _show_nothing(self) -> None:
        self.query_one(Heatmap).empty = _(
            "No evaluation yet.\n\n"
            "Here you see where a model fails: a row for each character, a column for each "
            "answer, in each cell the images. Beside it the pairs that are taken for each other, "
            "and their images.\n\n"
            "e   judge a model by images it never saw, in seconds\n"
            "F3  train one first, if there is none, in minutes"
        )

    def _show(self, results: EvaluationResults) -> None:
        summary, confusion = results.summary, results.confusion
        self.query_one(ScoreLine).show(
            f"{summary['model']}  {summary['dataset']}/{summary['split']}",
            [
                _("top-1 {share:.2%}").format(share=summary["top_1"]),
                _("top-5 {share:.2%}").format(share=summary["top_5"]),
                _("mean recall {share:.2%}").format(share=summary["mean_recall"]),
                _("{images:,} images").format(images=summary["images"]),
                _("{classes:,} classes").format(classes=summary["classes"]),
            ],
        )
        worst = results.confused[0] if results.confused else None
        self.query_one(Heatmap).show(
            results.labels, confusion.truth, confusion.guess, confusion.count,
            (worst.truth, worst.guess) if worst else None,
        )  # fmt: skip
        self._show_order()
        self.query_one(MatrixSide).refresh(layout=True)
        self.query_one(ConfusedPairs).show(results)
        self.refresh_bindings()

    @on(Heatmap.CellRead)
    @on(Heatmap.CellChosen)
    def _cell_seen(self, event: Heatmap.CellRead | Heatmap.CellChosen) -> None:
        if len(event.cell.truth) == len(event.cell.guess) == 1:
            self.query_one(ConfusedPairs).show_pair(event.cell.truth[0], event.cell.guess[0])

    @on(PairTable.Chosen)
    def _pair_chosen(self, event: PairTable.Chosen) -> None:
        self._go_to(event.pair.truth, event.pair.guess)

    def _go_to(self, truth: int, guess: int) -> None:
        self.query_one(ConfusedPairs).show_pair(truth, guess)
        self.query_one(Heatmap).go_to(truth, guess)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._results is not None if action in ("search", "order") else True

    def action_order(self) -> None:
        self._order = (self._order + 1) % len(ORDERS)
        self.tell(self._show_order())

    def _show_order(self) -> str:
        """Puts the classes in the chosen order, and returns it in words."""
        names = {"code point": _("by code point"), "accuracy": _("by accuracy"),
                 "errors": _("by errors")}  # fmt: skip
        told = names[ORDERS[self._order]]
        if self._results is None:
            return told
        self.query_one(MatrixSide).query_one(Rule).right = told
        confusion = self._results.confusion
        keys = {
            "code point": np.arange(confusion.classes),
            "accuracy": np.nan_to_num(confusion.recall(), nan=2.0),
            "errors": confusion.right() - confusion.images(),
        }
        order = np.argsort(keys[ORDERS[self._order]], kind="stable")
        self.query_one(Heatmap).order(order)
        return told

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
            self._go_to(index, int(worst))

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
