"""The confusion matrix below its title, as wide as it has use for."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Size

from hanzi_tui.i18n import _
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.heatmap import Heatmap
from hanzi_tui.widgets.rule import Rule

SHARE = 2 / 3
"""Of the columns of the room, at most."""
LEAST = 50
"""Columns that what is said below the matrix needs."""


class MatrixSide(Vertical):
    """Where its width is auto, columns that the matrix cannot use are left to its neighbour.

    Args:
        signs: Unicode or ASCII.
    """

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._signs = signs

    def compose(self) -> ComposeResult:
        yield Rule(_("truth down, answer across"), signs=self._signs)
        yield Heatmap(signs=self._signs)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        heatmap = self.query_one(Heatmap)
        beside = heatmap.gutter.width
        most = int(container.width * SHARE)
        used = heatmap.width_within(most - beside, container.height - 1) + beside
        return min(most, max(used, LEAST))
