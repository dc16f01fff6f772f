"""The images behind a pair of classes, where each came from, and what is to become of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from hanzi_tui.evaluation_results import EvaluationResults
from hanzi_tui.i18n import _, printable, worded_problem
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.ask import Ask
from hanzi_tui.widgets.entry import Entry
from hanzi_tui.widgets.glyphs import GlyphGrid
from hanzi_tui.widgets.pair_samples import PairSamples
from hanzi_tui.widgets.path_line import PathLine
from hanzi_tui.widgets.rule import Rule
from pipeline.dataset.review import Mark, mark, read_review, unmark
from pipeline.problems import Problem


class PairImages(Vertical):
    """Images below their title, above the path of the selected one.

    Marks go to the review list beside the dataset; the sources stay as they are.

    Args:
        signs: Unicode or ASCII.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "mark", _("mark…"), id="evaluation.mark",
                tooltip=_("Put the selected image on the review list: leave it out, or relabel")),
    ]  # fmt: skip

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._signs = signs
        self._results: EvaluationResults | None = None
        self._rows: list[int] = []
        self._marks: Mapping[str, Mark] = {}

    def compose(self) -> ComposeResult:
        yield Rule(_("images of the pair"), signs=self._signs)
        yield PairSamples(signs=self._signs, id="samples")
        yield PathLine(id="source")

    def show(self, results: EvaluationResults, truth: int, guess: int) -> None:
        """Shows the images of class `truth` that were read as `guess`, and others of both."""
        other, self._results = results is not self._results, results
        form = _("{truth} taken for {guess}") if truth != guess else _("{truth} recognised")
        self.query_one(Rule).title = form.format(
            truth=results.label(truth), guess=results.label(guess)
        )
        self._rows = results.rows_behind(truth, guess).tolist()
        if other:
            self._marks = {}
            self.look_at_marks()
        self.query_one(PairSamples).show(results, self._rows, self._marks)
        self._show_source(0)

    def select(self, row: int) -> None:
        """Selects one of the images shown, by its row in the evaluation."""
        self.query_one(PairSamples).index = self._rows.index(row)

    @work(exclusive=True, group="marks", exit_on_error=False)
    async def look_at_marks(self) -> None:
        """Shows the images with the review list as it is now."""
        results = self._results
        if results is None:
            return
        try:
            marks = await asyncio.to_thread(read_review, results.review)
        except Problem as problem:
            self._tell(problem)
        else:
            if results is self._results:
                self._marks = marks
                samples = self.query_one(PairSamples)
                samples.tell_marks(results, self._rows, marks)
                self._show_source(samples.index or 0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return len(self._rows) > 0 if action == "mark" else True

    def action_mark(self) -> None:
        results, index = self._results, self.query_one(PairSamples).index or 0
        if results is None or index >= len(self._rows):
            return
        row = self._rows[index]
        path, truth = results.sources[row], results.label(int(results.truth[row]))
        guess = results.label(int(results.guess[row]))
        answers = {"d": _("leave it out of the next dataset")}
        if guess != truth:
            answers["t"] = _("take it as {label}").format(label=guess)
        answers["o"] = _("take it as another label…")
        if path in self._marks:
            answers["u"] = _("take the mark off")

        def relabel(label: str | None) -> None:
            if label:
                self._keep(results, path, Mark(path, truth, "relabel", label))

        def answered(answer: str | None) -> None:
            if answer == "o":
                title = _("Label of the image, which is {label} now").format(label=truth)
                self.app.push_screen(Entry(title), relabel)
            elif answer == "t":
                relabel(guess)
            elif answer is not None:
                self._keep(results, path, Mark(path, truth, "drop") if answer == "d" else None)

        question = _("What is to become of {path}, an image of {label}?")
        self.app.push_screen(Ask(question.format(path=path, label=truth), answers), answered)

    @work(group="keep", exit_on_error=False)
    async def _keep(self, results: EvaluationResults, path: str, said: Mark | None) -> None:
        """Puts a mark on the review list, or takes that of an image off it."""
        try:
            if said is None:
                await asyncio.to_thread(unmark, results.review, path)
            else:
                await asyncio.to_thread(mark, results.review, said)
        except Problem as problem:
            self._tell(problem)
        self.look_at_marks()

    def _tell(self, problem: Problem) -> None:
        self.notify(printable(worded_problem(problem)), severity="error", markup=False)

    @on(GlyphGrid.Selected)
    def _selected(self, event: GlyphGrid.Selected) -> None:
        event.stop()
        self._show_source(event.index)

    def _show_source(self, index: int) -> None:
        results = self._results
        known = results is not None and index < len(self._rows)
        path = results.sources[self._rows[index]] if known and results else ""
        self.query_one(PathLine).path = path
        said = self._marks.get(path)
        self.query_one(Rule).right = "" if said is None else mark_words(said)


def mark_words(said: Mark) -> str:
    """Returns what is to become of an image, such as "to be left out"."""
    if said.action == "drop":
        return _("to be left out")
    return _("to be taken as {label}").format(label=said.new_label)
