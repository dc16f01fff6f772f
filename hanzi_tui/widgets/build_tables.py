"""The compatibility tables side by side, with this machine's rows marked."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import DataTable, Static

from hanzi_tui.compatibility import Table
from hanzi_tui.i18n import printable
from hanzi_tui.signs import Signs
from hanzi_tui.widgets.regions import Regions
from hanzi_tui.widgets.rule import Rule

GAPS = (2, 1)
"""Blanks behind a column, where there is room and where there is little."""
AROUND = 3
"""Cells of a table's margins and scroll bar."""


class BuildTables(Regions):
    """Two tables; a marked row has a sign in its first column and its note above the table.

    Args:
        tables: id → table.
        signs: Unicode or ASCII.
    """

    def __init__(self, tables: dict[str, Table], signs: Signs) -> None:
        wide = sum(_width(table, GAPS[0]) + AROUND for table in tables.values())
        super().__init__({name: table.title for name, table in tables.items()}, wide)
        self._tables = tables
        self._signs = signs
        self._gaps: dict[str, int] = {}

    def compose(self) -> ComposeResult:
        yield from super().compose()
        for name, table in self._tables.items():
            with Vertical(id=name):
                yield Rule(table.title, signs=self._signs)
                yield Static(self._legend(table), classes="legend")
                yield DataTable(cursor_type="row", cell_padding=0)

    def on_resize(self) -> None:
        super().on_resize()
        first, *_others = self._tables
        beside = _width(self._tables[first], GAPS[0]) + AROUND
        self.get_widget_by_id(first).styles.width = "100%" if self.single else beside
        room = self.size.width - AROUND
        for name, table in self._tables.items():
            gap = next((one for one in GAPS if _width(table, one) <= room), GAPS[-1])
            if gap != self._gaps.get(name):
                self._gaps[name] = gap
                self._fill(self.get_widget_by_id(name).query_one(DataTable), table, gap)

    def _legend(self, table: Table) -> Content:
        notes = [f"{self._signs.running} {row.cells[0]}: {row.note}"
                 for row in table.rows if row.note]  # fmt: skip
        return Content(printable("; ".join(notes)))

    def _fill(self, shown: DataTable[Text], table: Table, gap: int) -> None:
        marked = shown.cursor_row if shown.row_count else _first_noted(table)
        shown.clear(columns=True)
        shown.add_columns(*(Text(name + " " * gap) for name in (" ", *table.header)))
        # The name of a row stays where the columns do not all fit.
        shown.fixed_columns = 2
        for row in table.rows:
            sign, style = (self._signs.running, "bold") if row.note else (" ", "")
            cells = (printable(cell) + " " * gap for cell in (sign, *row.cells))
            shown.add_row(*(Text(cell, style=style) for cell in cells))
        shown.move_cursor(row=marked)


def _width(table: Table, gap: int) -> int:
    """Returns the cells that a table needs, its column of signs included."""
    columns = zip(table.header, *(row.cells for row in table.rows), strict=True)
    return 1 + gap + sum(max(map(cell_len, column)) + gap for column in columns)


def _first_noted(table: Table) -> int:
    return next((number for number, row in enumerate(table.rows) if row.note), 0)
