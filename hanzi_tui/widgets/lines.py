"""Rows of text of which only those that change are painted again."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Region, Size
from textual.widget import Widget


class Lines(Widget):
    """Shows rows, each cut at the right edge; as high as they are many, where height is auto."""

    DEFAULT_CSS = """
    Lines {
        height: auto;
        text-wrap: nowrap;
        text-overflow: clip;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._rows: list[Content] = []

    def show(self, rows: Sequence[Content]) -> None:
        """Shows other rows."""
        before, self._rows = self._rows, list(rows)
        if len(before) != len(self._rows):
            self.refresh(layout=True)
            return
        width = self.size.width
        changed = [Region(0, y, width, 1) for y, pair in enumerate(zip(before, rows, strict=True))
                   if not pair[0].is_same(pair[1])]  # fmt: skip
        if changed:
            self.refresh(*changed)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._rows)

    def render(self) -> Content:
        width, height = self.size
        return Content("\n").join(row.truncate(width) for row in self._rows[:height])


def between(left: Content, right: Content, width: int) -> Content:
    """Returns one row with `right` at its right edge; `left` is cut where both do not fit."""
    room = width - right.cell_length - 2
    if left.cell_length > room:
        left = left.truncate(max(0, room))
    gap = width - left.cell_length - right.cell_length
    return (left + Content(" " * max(0, gap)) + right).truncate(width)
