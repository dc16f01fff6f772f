"""Curves on a screen of their own, for tests to look at."""

from __future__ import annotations

import numpy as np
from textual.app import App, ComposeResult
from textual.geometry import Region

from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.curves import Chart, Curves, Series

EPOCHS = list(range(1, 13))
RISING = [1 - 0.8 * 0.7**epoch for epoch in EPOCHS]
TRAIN = Series("train", EPOCHS, RISING)
VALIDATION = Series("validation", EPOCHS, [y - 0.05 for y in RISING], "validation")
ACCURACY = Chart("accuracy", (TRAIN, VALIDATION), "epoch", 40, "max")


class Recorded(Curves):
    """Curves that note which regions they ask to be painted; () is everything."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.painted: list[tuple[Region, ...]] = []
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def refresh(self, *regions: Region, **kwargs: bool) -> Recorded:
        self.painted.append(regions)
        return super().refresh(*regions, **kwargs)


class ShownCurves(App[None]):
    def __init__(self, *charts: Chart, signs: Signs = UNICODE, interval_s: float = 0.0) -> None:
        super().__init__()
        self.curves = [Recorded(chart, signs=signs, interval_s=interval_s) for chart in charts]
        self.read: list[Curves.PointRead] = []
        self.views: list[tuple[float, float] | None] = []

    def compose(self) -> ComposeResult:
        yield from self.curves

    def on_mount(self) -> None:
        self.curves[0].focus()

    def on_curves_point_read(self, message: Curves.PointRead) -> None:
        self.read.append(message)

    def on_curves_view_changed(self, message: Curves.ViewChanged) -> None:
        self.views.append(message.view)

    def lines(self) -> list[str]:
        return [strip.text for strip in self.screen._compositor.render_strips()]

    def text(self) -> str:
        return "\n".join(self.lines())


def noisy(steps: int, per_epoch: int = 100) -> Series:
    """Returns a falling loss per step, the same for the same step however many there are."""
    xs = (np.arange(steps) + 1) / per_epoch
    noise = np.random.default_rng(0).normal(size=200_000)[:steps]
    return Series("train", xs, 3 * np.exp(-xs / 5) + 0.4 + 0.1 * np.abs(noise), "train", "step")
