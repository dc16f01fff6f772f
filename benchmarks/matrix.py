"""The matrix of 7,328 classes on 120 by 36 cells: how soon it is there, and drawn anew."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import numpy as np
from textual.app import App, ComposeResult

from benchmarks.rounds import interleaved, seconds
from benchmarks.setup import Setup, main
from benchmarks.table import Budget, Row
from hanzi_tui.themes import VARIABLES
from hanzi_tui.widgets.heatmap import Heatmap
from pipeline.evaluation.confusion import Confusion

CLASSES = 7_328
IMAGES = 100_000
FIRST = 0x4E00
WRONG = 0.3
SIZE = (120, 36)
KEYS = {"scale": "another scale", "order": "another order", "zoom": "a step of the zoom",
        "move": "a step of the cursor"}  # fmt: skip


class Shown(App[None]):
    """The matrix alone."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLES

    def compose(self) -> ComposeResult:
        yield Heatmap()


def rows(setup: Setup) -> Iterator[Row]:
    """Measures what a key does until every line is drawn, apart from what the terminal takes."""
    what = f"{CLASSES:,} classes"
    values = asyncio.run(_measured(setup))
    yield Row(f"show the matrix of {what}", "s", values["show"], budget=Budget("≤", 0.5, "s"))
    for name, text in KEYS.items():
        yield Row(f"{text}, {what}", "ms", values[name], budget=Budget("≤", 50, "ms"))


async def _measured(setup: Setup) -> dict[str, list[float]]:
    generator = np.random.default_rng(0)
    truth, guess = generator.integers(0, CLASSES, (2, IMAGES))
    right = generator.random(IMAGES) >= WRONG
    confusion = Confusion.of(truth, np.where(right, truth, guess), CLASSES)
    labels = [chr(FIRST + number) for number in range(CLASSES)]
    orders = iter([generator.permutation(CLASSES) for _round in range(setup.rounds + 1)])
    app = Shown()
    async with app.run_test(size=SIZE):
        heatmap = app.query_one(Heatmap)

        def drawn(call: Callable[[], object]) -> float:
            def whole() -> None:
                call()
                for y in range(heatmap.size.height):
                    heatmap.render_line(y)

            return seconds(whole)

        def in_and_out() -> None:
            heatmap.action_zoom_in()
            heatmap.action_zoom_out()

        entries = confusion.truth, confusion.guess, confusion.count
        return interleaved(setup.rounds, {
            "show": lambda: drawn(lambda: heatmap.show(labels, *entries)),
            "scale": lambda: 1000 * drawn(heatmap.action_next_mode),
            "order": lambda: 1000 * drawn(lambda: heatmap.order(next(orders))),
            "zoom": lambda: 1000 * drawn(in_and_out) / 2,
            "move": lambda: 1000 * drawn(lambda: heatmap.action_move(1, 1)),
        })  # fmt: skip


if __name__ == "__main__":
    main(rows)
