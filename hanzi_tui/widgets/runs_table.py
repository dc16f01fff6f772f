"""The table of all runs, as wide as the terminal and never wider."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.widgets import DataTable

from hanzi_tui.course import short_name
from hanzi_tui.i18n import _, printable
from hanzi_tui.run_facts import result
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.lines import shortened
from hanzi_tui.widgets.sparkline import sparkline
from hanzi_tui.wording import duration, job_word, size, status_word
from pipeline.runs import Status

RIGHT = {"time", "size"}
PADDING = 1  # on either side of a cell
SPARK, SHORT_SPARK = 16, 8
MARK = 2
SIGN = 1
SHORT = -1
"""Of the column of runs: as wide as their names need without the time they began."""

ECONOMIES = (
    ("note", 16), ("accuracy", SHORT_SPARK), ("size", 0), ("note", 0), ("run", SHORT), ("time", 0),
    ("status", SIGN), ("about", 14), ("accuracy", 0), ("about", 0),
)  # fmt: skip
"""What is given up as room gets less: column and the width that is left of it."""


class RunsTable(DataTable[Text]):
    """Shows a row for each run; what there is no room for is left out by `ECONOMIES`.

    Args:
        signs: Unicode or ASCII.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"runs-table--curve"}
    DEFAULT_CSS = """
    RunsTable {
        overflow-x: hidden;
        scrollbar-gutter: stable;
        .runs-table--curve { color: $foreground; }
    }
    """

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(
            cursor_type="row", cell_padding=PADDING, cursor_foreground_priority="renderable", id=id
        )
        self._signs = signs
        self._runs: Sequence[Mapping[str, Any]] = ()
        self._marked: Collection[str] = ()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self._recolour)

    def on_resize(self) -> None:
        self._draw()

    def _recolour(self, _theme: object) -> None:
        self._draw()

    def show(self, rows: Sequence[Mapping[str, Any]], marked: Collection[str]) -> None:
        """Shows runs.

        Args:
            rows: what `run_facts.facts` tells of each, and as "curve" its accuracy by epoch.
            marked: ids of those with a mark.
        """
        self._runs, self._marked = rows, marked
        self._draw()

    @property
    def selected(self) -> str | None:
        """The id of the run under the cursor."""
        if not self.is_valid_row_index(self.cursor_row):
            return None
        return str(self.coordinate_to_cell_key((self.cursor_row, 0)).row_key.value)  # type: ignore[arg-type]

    def _draw(self) -> None:
        room = self.scrollable_content_region.width
        if not room:
            return
        selected = self.selected
        texts = {row["run"]: self._texts(row) for row in self._runs}
        widths = _widths(list(texts.values()), room)
        self.clear(columns=True)
        for name, width in widths.items():
            title = "" if width == SIGN else titles()[name]
            justify = "right" if name in RIGHT else "left"
            self.add_column(Text(title, justify=justify), width=width, key=name)  # type: ignore[arg-type]
        for row in self._runs:
            self.add_row(*(self._cell(row, name, texts[row["run"]][name], width)
                           for name, width in widths.items()), key=row["run"])  # fmt: skip
        if selected in texts:
            self.move_cursor(row=list(texts).index(selected))

    def _texts(self, row: Mapping[str, Any]) -> dict[str, str]:
        """Returns what a run's cells hold where there is room."""
        status = Status(row["status"])
        mark = self._signs.done if row["run"] in self._marked else " "
        texts = {
            "run": f"{mark} {row['run']}",
            "status": f"{self._signs.of(status)} {status_word(status)}",
            "about": f"{job_word(row['kind'])} {row['about']}",
            "result": result(dict(row)),
            "time": duration(row["seconds"]),
            "size": size(row["size"]),
            "note": row["note"],
            "accuracy": " " * SPARK if row["curve"] else "",
        }
        return {name: printable(text) for name, text in texts.items()}

    def _cell(self, row: Mapping[str, Any], name: str, text: str, width: int) -> Text:
        if name == "accuracy":
            curve = self.get_component_rich_style("runs-table--curve", partial=True)
            return Text(sparkline(row["curve"], width, self._signs), Style(color=curve.color))
        if name == "run" and cell_len(text) > width:
            text = text[:MARK] + short_name(text[MARK:])
        elif name == "status" and width == SIGN:
            text = text[:SIGN]
        justify = "right" if name in RIGHT else "left"
        return Text(shortened(text, width, self._signs), justify=justify, no_wrap=True)  # type: ignore[arg-type]


def titles() -> dict[str, str]:
    """Returns the columns' titles, from left to right."""
    return {
        "run": f"{' ' * MARK}{_('run')}", "status": _("status"), "about": _("about"),
        "result": _("result"), "time": _("time"), "size": _("size"), "note": _("note"),
        "accuracy": _("accuracy"),
    }  # fmt: skip


def _widths(rows: Sequence[Mapping[str, str]], room: int) -> dict[str, int]:
    """Returns how wide each column is in `room` cells; those without room are missing."""
    widths = {name: max([cell_len(title), *(cell_len(row[name]) for row in rows)])
              for name, title in titles().items()}  # fmt: skip
    if not any(row["note"] for row in rows):
        widths["note"] = 0
    whole = dict(widths)
    short = max((cell_len(short_name(row["run"][MARK:])) for row in rows), default=0)
    for name, width in ECONOMIES:
        if _total(widths) <= room:
            break
        widths[name] = min(widths[name], MARK + short if width == SHORT else width)
    left = room - _total(widths)
    if left < 0:
        widths["result"] = max(1, widths["result"] + left)
    for name in ("note", "accuracy"):
        if widths[name]:
            grown = min(max(left, 0), whole[name] - widths[name])
            widths[name], left = widths[name] + grown, left - grown
    return {name: width for name, width in widths.items() if width}


def _total(widths: Mapping[str, int]) -> int:
    return sum(width + 2 * PADDING for width in widths.values() if width)
