"""What is behind the errors of a model: the most-confused pairs, and the images of one of them."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical

from hanzi_tui.evaluation_results import EvaluationResults
from hanzi_tui.i18n import _
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.glyphs import GlyphGrid
from hanzi_tui.widgets.pair_samples import PairSamples
from hanzi_tui.widgets.pair_table import PairTable
from hanzi_tui.widgets.path_line import PathLine
from hanzi_tui.widgets.rule import Rule

FEWEST_PAIRS = 5


class ConfusedPairs(Container):
    """The table of pairs, above or beside the images; the CSS of the room says which.

    Args:
        signs: Unicode or ASCII.
    """

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._signs = signs
        self._results: EvaluationResults | None = None
        self._rows: list[int] = []
        self._pair: tuple[int, int] | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="pairs-side"):
            yield Rule(_("most confused"), signs=self._signs)
            yield PairTable(id="pairs")
        with Vertical(id="samples-side"):
            yield Rule(_("images of the pair"), signs=self._signs, id="samples-rule")
            yield PairSamples(signs=self._signs, id="samples")
            yield PathLine(id="source")

    def show(self, results: EvaluationResults) -> None:
        """Shows the pairs of an evaluation, and the images of the first."""
        self._results, self._pair = results, None
        pairs = results.confused
        self.query_one(PairTable).show(pairs)
        self._share_out()
        first = pairs[0] if pairs else None
        self.show_pair(*((first.truth, first.guess) if first else (0, 0)))

    def show_pair(self, truth: int, guess: int) -> None:
        """Shows the images of class `truth` that were read as `guess`, and others of both."""
        results = self._results
        if results is None or (truth, guess) == self._pair:
            return
        self._pair = truth, guess
        labels = {"truth": results.label(truth), "guess": results.label(guess)}
        self.query_one("#samples-rule", Rule).title = (
            _("{truth} taken for {guess}") if truth != guess else _("{truth} recognised")
        ).format(**labels)
        self.query_one(PairTable).mark(truth, guess)
        self._rows = results.rows_behind(truth, guess).tolist()
        self.query_one(PairSamples).show(results, self._rows)
        self._show_source(0)

    @on(GlyphGrid.Selected)
    def _selected(self, event: GlyphGrid.Selected) -> None:
        event.stop()
        self._show_source(event.index)

    def _show_source(self, index: int) -> None:
        known = self._results is not None and index < len(self._rows)
        self.query_one(PathLine).path = (
            self._results.sources[self._rows[index]] if known and self._results else ""
        )

    def on_resize(self) -> None:
        self._share_out()

    @on(PairSamples.SizeChanged)
    def _share_out(self) -> None:
        """Gives the images whole rows of lines, and the pairs the rest."""
        table, samples = self.query_one(PairTable), self.query_one(PairSamples)
        if self.layout.name == "horizontal":
            width = self.query_one("#samples-side").size.width
            samples.styles.height = samples.lines_within(width, self.size.height)
            return
        rest = 2 + self.query_one(PathLine).display  # two rules, and the path of an image
        room = self.size.height - rest
        pairs = table.HEAD + min(table.count() or FEWEST_PAIRS, max(FEWEST_PAIRS, room // 3))
        samples.styles.height = samples.lines_within(self.size.width, room - pairs)
