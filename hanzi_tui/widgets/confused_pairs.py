"""What is behind the errors of a model: the most-confused pairs, and the images of one of them."""

from __future__ import annotations

from enum import Enum

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical

from hanzi_tui.evaluation_results import EvaluationResults
from hanzi_tui.i18n import _
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.pair_images import PairImages
from hanzi_tui.widgets.pair_samples import PairSamples
from hanzi_tui.widgets.pair_table import PairTable
from hanzi_tui.widgets.path_line import PathLine
from hanzi_tui.widgets.rule import Rule

FEWEST_PAIRS = 5


class Ranking(Enum):
    """Which pairs the table has, and in what order."""

    COUNT = "count"
    RATE = "rate"
    CLASS = "class"

    @property
    def next(self) -> Ranking:
        rankings = list(Ranking)
        return rankings[(rankings.index(self) + 1) % len(rankings)]


class ConfusedPairs(Container):
    """The table of pairs, above or beside the images; the CSS of the room says which.

    Args:
        signs: Unicode or ASCII.
    """

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._signs = signs
        self._results: EvaluationResults | None = None
        self._pair: tuple[int, int] | None = None
        self._ranking = Ranking.COUNT

    def compose(self) -> ComposeResult:
        with Vertical(id="pairs-side"):
            yield Rule(_("most confused"), signs=self._signs, id="pairs-rule")
            yield PairTable(id="pairs")
        yield PairImages(signs=self._signs, id="samples-side")

    def show(self, results: EvaluationResults) -> None:
        """Shows the pairs of an evaluation, and the images of the first."""
        self._results, self._pair = results, None
        if self._ranking is Ranking.CLASS:
            self._ranking = Ranking.COUNT
        self._rank()
        first = results.confused[0] if results.confused else None
        self.show_pair(*((first.truth, first.guess) if first else (0, 0)))

    def show_pair(self, truth: int, guess: int) -> None:
        """Shows the images of class `truth` that were read as `guess`, and others of both."""
        results = self._results
        if results is None or (truth, guess) == self._pair:
            return
        other_class = self._pair is None or self._pair[0] != truth
        self._pair = truth, guess
        if other_class and self._ranking is Ranking.CLASS:
            self._rank()
        self.query_one(PairTable).mark(truth, guess)
        self.query_one(PairImages).show(results, truth, guess)

    def show_image(self, row: int) -> None:
        """Shows the pair of an image, and selects it there."""
        if self._results is not None:
            self.show_pair(int(self._results.truth[row]), int(self._results.guess[row]))
            self.query_one(PairImages).select(row)

    def rank_next(self) -> str:
        """Shows the pairs of the next ranking, and returns it in words."""
        self._ranking = self._ranking.next
        return self._rank()

    def rank_class(self) -> None:
        """Shows what the class of the pair shown is taken for."""
        self._ranking = Ranking.CLASS
        self._rank()

    def _rank(self) -> str:
        """Fills the table, and returns the ranking in words."""
        results, rule = self._results, self.query_one("#pairs-rule", Rule)
        if results is None:
            return ""
        rule.title, empty = _("most confused"), ""
        if self._ranking is Ranking.CLASS:
            truth = self._pair[0] if self._pair else 0
            label = results.label(truth)
            rule.right = ""
            rule.title = told = _("what {label} is taken for").format(label=label)
            empty = _("{label} is taken for nothing else.").format(label=label)
            pairs = results.taken_for(truth)
        else:
            by_count = self._ranking is Ranking.COUNT
            pairs = results.confused if by_count else results.confused_by_rate
            rule.right = told = _("by count") if by_count else _("by rate")
        self.query_one(PairTable).show(pairs, empty)
        if self._pair is not None:
            self.query_one(PairTable).mark(*self._pair)
        self._share_out()
        return told

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
