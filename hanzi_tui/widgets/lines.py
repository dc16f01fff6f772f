"""Rows of text of which only the cells that change are painted again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.geometry import Region, Size
from textual.widget import Widget

from hanzi_tui.signs import Signs


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
        changed = [
            Region(first, y, end - first, 1)
            for y, pair in enumerate(zip(before, rows, strict=True))
            for first, end in _changed(*pair)
        ]
        if changed:
            self.refresh(*changed)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._rows)

    def render(self) -> Content:
        width, height = self.size
        return Content("\n").join(row.truncate(width) for row in self._rows[:height])


def _changed(before: Content, now: Content) -> Iterator[tuple[int, int]]:
    """Yields the first cell that differs between two rows and the one behind the last, if any."""
    if before.is_same(now):
        return
    old, new = before.plain, now.plain
    if before.spans != now.spans:
        yield 0, max(before.cell_length, now.cell_length)
        return
    first = cell_len(_alike(old, new))
    if before.cell_length != now.cell_length:
        yield first, max(before.cell_length, now.cell_length)
        return
    same = cell_len(_alike(old[::-1], new[::-1]))
    yield first, max(first, now.cell_length - same)


def _alike(one: str, other: str) -> str:
    """Returns what two texts begin with, both."""
    pairs = zip(one, other, strict=False)
    return "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def between(left: Content, right: Content, width: int) -> Content:
    """Returns one row with `right` at its right edge; `left` is cut where both do not fit."""
    room = width - right.cell_length - 2
    if left.cell_length > room:
        left = left.truncate(max(0, room))
    gap = width - left.cell_length - right.cell_length
    return (left + Content(" " * max(0, gap)) + right).truncate(width)


def shortened(text: str, width: int, signs: Signs) -> str:
    """Returns a text of at most `width` cells; what is missing is shown by an ellipsis."""
    if cell_len(text) <= width:
        return text
    kept = set_cell_size(text, max(0, width - cell_len(signs.ellipsis)))
    return set_cell_size(kept.rstrip() + signs.ellipsis, width).rstrip()


def cut(text: Content, width: int, signs: Signs) -> Content:
    """Returns what `shortened` does, for a text that has styles."""
    if text.cell_length <= width:
        return text
    kept = text.truncate(max(0, width - cell_len(signs.ellipsis))).rstrip()
    return (kept + signs.ellipsis).truncate(width)
