"""The compatibility tables side by side, with this machine's rows marked."""

from __future__ import annotations

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


class BuildTables(Regions):
    """Two tables; a marked row has a sign in its first column and its note above the table.

    Args:
        tables: id → table.
        signs: Unicode or ASCII.
    """

    def __init__(self, tables: dict[str, Table], signs: Signs) -> None:
        super().__init__({name: table.title for name, table in tables.items()})
        self._tables = tables
        self._signs = signs

    def compose(self) -> ComposeResult:
        yield from super().compose()
        for name, table in self._tables.items():
            with Vertical(id=name):
                yield Rule(table.title, signs=self._signs)
                yield Static(self._legend(table), classes="legend")
                yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        for name, table in self._tables.items():
            self._fill(self.get_widget_by_id(name).query_one(DataTable), table)

    def _legend(self, table: Table) -> Content:
        notes = [f"{self._signs.running} {row.cells[0]}: {row.note}"
                 for row in table.rows if row.note]  # fmt: skip
        return Content(printable("; ".join(notes)))

    def _fill(self, shown: DataTable[Text], table: Table) -> None:
        shown.add_columns(Text(" "), *(Text(name) for name in table.header))
        marked = 0
        for number, row in enumerate(table.rows):
            sign, style = (self._signs.running, "bold") if row.note else (" ", "")
            shown.add_row(*(Text(printable(cell), style=style) for cell in (sign, *row.cells)))
            marked = marked if marked or not row.note else number
        shown.move_cursor(row=marked)
