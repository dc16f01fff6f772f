"""Where a model fails: the confusion matrix, the pairs behind it, and the images behind those."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from hanzi_tui import counts
from hanzi_tui.evaluation_results import EvaluationResults, read_results, seen_before, subject
from hanzi_tui.i18n import _, printable, worded_problem
from hanzi_tui.report_process import write_report
from hanzi_tui.run_state import RunState
from hanzi_tui.screens import evaluation_choices as choices
from hanzi_tui.screens.room import Room
from hanzi_tui.widgets.confused_pairs import ConfusedPairs
from hanzi_tui.widgets.entry import Entry
from hanzi_tui.widgets.evaluation_comparison import EvaluationComparison
from hanzi_tui.widgets.evaluation_numbers import EvaluationNumbers, seen_words
from hanzi_tui.widgets.heatmap import Heatmap
from hanzi_tui.widgets.lines import Lines
from hanzi_tui.widgets.matrix_side import MatrixSide
from hanzi_tui.widgets.pair_images import PairImages
from hanzi_tui.widgets.pair_table import PairTable
from hanzi_tui.widgets.pick import Choice, Pick
from hanzi_tui.widgets.regions import Regions
from hanzi_tui.widgets.review_list import ReviewList
from hanzi_tui.widgets.rule import Rule
from hanzi_tui.widgets.score_line import ScoreLine
from pipeline.dataset.review import read_review
from pipeline.evaluation.compare import compare
from pipeline.evaluation.orders import ORDERS
from pipeline.problems import Problem
from pipeline.runs import Run, Status

ROOM_FOR_ALL = 100
"""Columns that the matrix and what is behind it need side by side."""
NEEDS_RESULTS = frozenset({"search", "order", "rank", "compare", "numbers", "review", "report"})


class EvaluationRoom(Room):
    """The matrix left, the most-confused pairs right, images of the chosen pair below them."""

    MODE = "evaluation"
    OPENING = frozenset({"evaluate", "open", "search", "compare", "numbers", "review", "report",
                         "mark"})  # fmt: skip
    CSS_PATH = "../styles/evaluation.tcss"
    BINDING_GROUP_TITLE = _("Evaluation")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "evaluate", _("evaluate…"), id="evaluation.evaluate",
                tooltip=_("Judge a model by a dataset, or by any folder of labelled images")),
        Binding("o", "open", _("open…"), id="evaluation.open",
                tooltip=_("Another finished evaluation")),
        Binding("slash", "search", _("class…"), id="evaluation.search", key_display="/",
                tooltip=_("Go to a class, and see what it is taken for")),
        Binding("p", "rank", _("pairs"), id="evaluation.rank",
                tooltip=_("Pairs by count, by rate, or those of the class under the cursor")),
        Binding("i", "numbers", _("numbers"), id="evaluation.numbers",
                tooltip=_("Averages, calibration, coverage, accuracy by class size and group")),
        Binding("c", "compare", _("compare…"), id="evaluation.compare",
                tooltip=_("What became better, what worse, since another evaluation")),
        Binding("w", "order", _("order"), id="evaluation.order",
                tooltip=_("Classes by code point, by radical and strokes, by accuracy with the "
                          "worst first, or by confusion with look-alikes together")),
        Binding("l", "review", _("marks…"), id="evaluation.review",
                tooltip=_("The images marked as mislabelled")),
        Binding("r", "report", _("report…"), id="evaluation.report",
                tooltip=_("Write a page to send: numbers, matrix, pairs with their images")),
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
            yield Lines(id="seen")
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
        run = run or next(iter(await asyncio.to_thread(choices.evaluations, self.workspace)), None)
        if run is None:
            self._show_nothing()
            return
        try:
            results = await asyncio.to_thread(read_results, run, self.workspace)
        except (OSError, ValueError, KeyError) as error:
            self._show_reason(run, str(error))
            return
        self._results, self._wanted = results, None
        self._show(results)

    def _show_reason(self, run: Run, reason: str) -> None:
        text = _("{run} cannot be shown: {reason}").format(run=run.id, reason=reason)
        self.tell(text, "error")
        self.query_one(Heatmap).empty = printable(text)

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
            subject(summary),
            [
                _("top-1 {share:.2%}").format(share=summary["top_1"]),
                _("top-5 {share:.2%}").format(share=summary["top_5"]),
                _("mean recall {share:.2%}").format(share=summary["mean_recall"]),
                counts.images(summary["images"], ","),
                counts.classes(summary["classes"], ","),
            ],
        )
        seen, sign = seen_before(summary), self.signs.warning
        warning = Content.styled(f"{sign} {seen_words(seen)}", "bold $warning")
        self.query_one("#seen", Lines).show([warning] if seen else [])
        worst = results.confused[0] if results.confused else None
        self.query_one(Heatmap).show(
            results.labels, confusion.truth, confusion.guess, confusion.count,
            (worst.truth, worst.guess) if worst else None,
        )  # fmt: skip
        self._show_order()
        self.query_one(MatrixSide).refresh(layout=True)
        self.query_one(ConfusedPairs).show(results)
        if results.no_images:
            self.tell(results.no_images, "warning")
        self.refresh_bindings()

    @on(Heatmap.CellRead)
    @on(Heatmap.CellChosen)
    def _cell_seen(self, event: Heatmap.CellRead | Heatmap.CellChosen) -> None:
        self.query_one(ConfusedPairs).show_pair(*event.cell.peak)

    @on(PairTable.Chosen)
    def _pair_chosen(self, event: PairTable.Chosen) -> None:
        self._go_to(event.pair.truth, event.pair.guess)

    def _go_to(self, truth: int, guess: int) -> None:
        self.query_one(ConfusedPairs).show_pair(truth, guess)
        self.query_one(Heatmap).go_to(truth, guess)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._results is not None if action in NEEDS_RESULTS else True

    def action_order(self) -> None:
        self._order = (self._order + 1) % len(ORDERS)
        self._tell_where_no_rule_does(self._show_order())

    def _show_order(self) -> str:
        """Puts the classes in the chosen order, and returns it in words."""
        told = {
            "code_point": _("by code point"), "radical": _("by radical"),
            "accuracy": _("by accuracy"), "confusion": _("by confusion"),
        }[ORDERS[self._order]]  # fmt: skip
        if self._results is not None:
            self.query_one(MatrixSide).query_one(Rule).right = told
            self.query_one(Heatmap).order(self._results.answers.orders[ORDERS[self._order]])
        return told

    def action_rank(self) -> None:
        self._tell_where_no_rule_does(self.query_one(ConfusedPairs).rank_next())

    def _tell_where_no_rule_does(self, text: str) -> None:
        if self.query_one(Regions).single:
            self.tell(text)

    def action_search(self) -> None:
        if self._results is None:
            return
        recall = self._results.confusion.recall()
        classes = [Choice(label, f"{recall[i]:.1%}" if recall[i] == recall[i] else "-")
                   for i, label in enumerate(self._results.labels)]  # fmt: skip
        self.app.push_screen(Pick(_("Class"), classes), self._find)

    def _find(self, label: str | None) -> None:
        """Goes to a class of what is shown now, and shows what it is taken for."""
        results = self._results
        if results is not None and label in results.labels:
            truth = results.labels.index(label)
            self._go_to(truth, results.worst(truth))
            self.query_one(ConfusedPairs).rank_class()

    def action_open(self) -> None:
        choices.pick_evaluation(self, _("Evaluation"), self._open)

    def _open(self, run: Run) -> None:
        self._load(run)

    def action_evaluate(self) -> None:
        choices.pick_what_to_judge(self)

    def use_model(self, name: str) -> None:
        """Judges this model by the split that the settings name."""
        choices.judge(self, name)

    def action_numbers(self) -> None:
        if self._results is not None:
            self.app.push_screen(EvaluationNumbers(self._results.summary, signs=self.signs))

    def action_compare(self) -> None:
        if self._results is not None:
            shown = self._results
            choices.pick_evaluation(self, _("Compare with"), self._compare_with,
                                    like=shown.summary, but=shown.run.id)  # fmt: skip

    def _compare_with(self, run: Run) -> None:
        if self._results is not None:
            self._compare(self._results, run)

    @work(exclusive=True, group="compare", exit_on_error=False)
    async def _compare(self, new: EvaluationResults, run: Run) -> None:
        """Compares what is shown with an evaluation of the same images."""
        try:
            old = await asyncio.to_thread(read_results, run, self.workspace)
            found = await asyncio.to_thread(compare, old.answers, new.answers)
        except Problem as problem:
            self.tell(worded_problem(problem), "error")
        except (OSError, ValueError, KeyError) as error:
            self.tell(f"{run.id}: {error}", "error")
        else:
            self.app.push_screen(EvaluationComparison(old, new, found, signs=self.signs),
                                 self._find)  # fmt: skip

    def action_review(self) -> None:
        results = self._results
        if results is None:
            return
        try:
            sheet = ReviewList(results.review, read_review(results.review), signs=self.signs)
        except Problem as problem:
            self.tell(worded_problem(problem), "error")
        else:
            self.app.push_screen(sheet, partial(self._reviewed, results))

    def _reviewed(self, results: EvaluationResults, path: str | None) -> None:
        self.query_one(PairImages).look_at_marks()
        if path is not None and results is self._results and path in results.sources:
            row = results.sources.index(path)
            self._go_to(int(results.truth[row]), int(results.guess[row]))
            self.query_one(ConfusedPairs).show_image(row)

    def action_report(self) -> None:
        if self._results is not None:
            run, title = self._results.run, _("Report: .html, .png, .json, or a folder of all")
            path = str(Path.cwd() / f"{run.id}.html")
            self.app.push_screen(Entry(title, path), partial(self._report_to, run))

    def _report_to(self, run: Run, text: str | None) -> None:
        if text and text.strip():
            self._report(run, Path(text.strip()).expanduser().absolute())

    @work(group="report", exit_on_error=False)
    async def _report(self, run: Run, path: Path) -> None:
        self.tell(_("writing {path}…").format(path=path))
        language = self.settings.general.language
        outcome = await write_report(self.workspace, run, path, language)
        done = _("written: {path}").format(path="  ".join(outcome.files))
        self.tell(outcome.reason or done, "error" if outcome.reason else "information")
