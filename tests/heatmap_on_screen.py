"""A confusion heatmap alone on a screen, and matrices to show in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from textual.app import App, ComposeResult

from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.themes import VARIABLES
from hanzi_tui.widgets.heatmap import Heatmap
from pipeline.evaluation.confusion import Confusion

HANZI = [chr(0x4E00 + i) for i in range(10_000)]


class Shown(App[None]):
    def __init__(self, confusion: Confusion, labels: Sequence[str], signs: Signs = UNICODE) -> None:
        super().__init__()
        known = labels[: confusion.classes]
        self.heatmap = Heatmap(
            known, confusion.truth, confusion.guess, confusion.count, signs=signs
        )
        self.read: list[Heatmap.CellRead] = []
        self.chosen: list[Heatmap.CellChosen] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLES

    def compose(self) -> ComposeResult:
        yield self.heatmap

    def on_mount(self) -> None:
        self.heatmap.focus()

    def on_heatmap_cell_read(self, message: Heatmap.CellRead) -> None:
        self.read.append(message)

    def on_heatmap_cell_chosen(self, message: Heatmap.CellChosen) -> None:
        self.chosen.append(message)

    def lines(self) -> list[str]:
        return [strip.text for strip in self.screen._compositor.render_strips()]

    @property
    def reading(self) -> str:
        """The sentence about the cursor's cell, above the legend."""
        return self._written[-2]

    @property
    def legend(self) -> str:
        return self._written[-1]

    @property
    def _written(self) -> list[str]:
        return [line.strip() for line in self.lines() if line.strip()]

    def row(self, label: str) -> list[str]:
        """Returns what is printed in the row of a class, its label first."""
        return next(line.split() for line in self.lines()[1:] if line.split()[:1] == [label])

    @property
    def zoom(self) -> int:
        """Classes along the side of a cell; 0 for single ones with room for labels."""
        picture = self.heatmap._sight.picture
        assert picture is not None
        return picture.view.zoom


def diagonal(classes: int, errors: Sequence[tuple[int, int, int]] = (), each: int = 9) -> Confusion:
    """Returns `each` images recognised in each class, and (truth, guess, count) errors."""
    truth = [*range(classes), *(e[0] for e in errors)]
    guess = [*range(classes), *(e[1] for e in errors)]
    count = [each] * classes + [e[2] for e in errors]
    return Confusion.of(np.repeat(truth, count), np.repeat(guess, count), classes)


def scattered(classes: int, images: int, seed: int = 0) -> Confusion:
    random = np.random.default_rng(seed)
    truth, guess = random.integers(0, classes, (2, images))
    return Confusion.of(truth, np.where(random.random(images) < 0.3, truth, guess), classes)
