"""All runs in one table: what they did, how they went, and what can be done with them."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import DataTable, Input

from hanzi_tui.i18n import _, printable
from hanzi_tui.run_facts import facts, result
from hanzi_tui.run_state import RunState
from hanzi_tui.screens.room import Room
from hanzi_tui.widgets.ask import Ask
from hanzi_tui.widgets.chart import Chart, Series
from hanzi_tui.widgets.curves import Curves
from hanzi_tui.widgets.entry import Entry
from hanzi_tui.widgets.rule import Rule
from hanzi_tui.widgets.sparkline import sparkline
from hanzi_tui.wording import duration, size, status_word
from pipeline import jobs, runs
from pipeline.runs import Run, Status

SPARK_WIDTH = 16
SORTS = ("began", "result", "seconds", "size", "about")


class RunsRoom(Room):
    """The table, and below it the validation accuracy of the marked runs."""

    MODE = "runs"
    CSS_PATH = "../styles/runs.tcss"
    BINDING_GROUP_TITLE = _("Runs")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open_run", _("open"), id="runs.open", key_display="enter",
                tooltip=_("Show the run in the room of its kind")),
        Binding("space", "mark", _("mark"), id="runs.mark",
                tooltip=_("Draw its curve beside those of the other marked runs")),
        Binding("slash", "filter", _("filter"), id="runs.filter", key_display="/",
                tooltip=_("Show only runs that hold a text")),
        Binding("o", "sort", _("order"), id="runs.sort",
                tooltip=_("By time, result, duration, size, name")),
        Binding("r", "resume", _("resume"), id="runs.resume",
                tooltip=_("Go on where a stopped, failed or interrupted run was")),
        Binding("n", "clone", _("clone"), id="runs.clone",
                tooltip=_("A new run with the same settings, to change before it starts")),
        Binding("e", "note", _("note"), id="runs.note", tooltip=_("A line of your own about it")),
        Binding("R", "rename", _("rename"), id="runs.rename", tooltip=_("Give it another name")),
        Binding("x,delete", "delete", _("delete"), id="runs.delete", key_display="x",
                tooltip=_("Delete it with its checkpoints; its model stays")),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._known: list[dict[str, Any]] = []
        self._marked: set[str] = set()
        self._order = 0

    def body(self) -> ComposeResult:
        with Vertical():
            yield Input(placeholder=_("text to look for; escape: all"), compact=True, id="filter")
            yield DataTable(cursor_type="row", zebra_stripes=False, id="table")
            yield Rule(
                _("validation accuracy of the marked runs"), signs=self.signs, id="overlay-rule"
            )
            yield Curves(signs=self.signs, id="overlay")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#filter", Input).display = False
        self.query_one("#filter", Input).cursor_blink = False
        table = self.query_one(DataTable)
        for name in (_("run"), _("status"), _("about"), _("result"), _("accuracy"),
                     _("time"), _("size"), _("note")):  # fmt: skip
            table.add_column(name, key=name)
        self._show_overlay()

    def refresh_room(self) -> None:
        if not isinstance(self.focused, Input):
            self.query_one(DataTable).focus()
        self._read()

    def run_changed(self, state: RunState) -> None:
        ended = not state.status.live
        if self.is_current and (ended or state.run.id not in {k["run"] for k in self._known}):
            self._read()

    @work(exclusive=True, group="runs", exit_on_error=False)
    async def _read(self) -> None:
        """Reads the rows of all runs, off the loop."""
        self._known = await asyncio.to_thread(self._rows)
        self._show()

    def _rows(self) -> list[dict[str, Any]]:
        rows = []
        for run in runs.listed(self.workspace.runs):
            try:
                curve = [m.values.get("val_accuracy", m.values.get("accuracy"))
                         for m in run.metrics() if m.scope == "epoch"]  # fmt: skip
                rows.append(facts(run) | {"curve": curve})
            except FileNotFoundError:
                continue
        return rows

    def _show(self) -> None:
        table = self.query_one(DataTable)
        selected = self._selected()
        text = self.query_one("#filter", Input).value.lower()
        shown = [row for row in self._known if text in " ".join(map(str, self._words(row))).lower()]
        key = SORTS[self._order]
        shown.sort(key=lambda row: _rank(row, key), reverse=key != "about")
        table.clear()
        for row in shown:
            table.add_row(*self._cells(row), key=row["run"])
        names = [row["run"] for row in shown]
        if selected in names:
            table.move_cursor(row=names.index(selected))
        self._show_overlay()

    def _words(self, row: dict[str, Any]) -> tuple[str, ...]:
        return (row["run"], row["status"], row["kind"], row["about"], result(row), row["note"])

    def _cells(self, row: dict[str, Any]) -> list[Text]:
        status = Status(row["status"])
        mark = self.signs.done if row["run"] in self._marked else " "
        left = (f"{mark} {row['run']}", f"{self.signs.of(status)} {status_word(status)}",
                f"{row['kind']} {row['about']}", result(row),
                sparkline(row["curve"], SPARK_WIDTH, self.signs))  # fmt: skip
        right = (duration(row["seconds"]), size(row["size"]))
        return [
            *(Text(printable(text), no_wrap=True) for text in left),
            *(Text(text, justify="right") for text in right),
            Text(printable(row["note"]), no_wrap=True),
        ]

    def _show_overlay(self) -> None:
        marked = [row for row in self._known if row["run"] in self._marked and row["curve"]]
        series = [Series(row["run"], range(1, len(row["curve"]) + 1), row["curve"], "other")
                  for row in marked]  # fmt: skip
        self.query_one(Curves).display = bool(series)
        rule = self.query_one("#overlay-rule", Rule)
        rule.display = bool(series) or not self._known
        rule.title = _("validation accuracy of the marked runs")
        if not self._known:
            rule.title = _("no runs yet: F2 prepares a dataset, F3 trains on it")
        self.query_one(Curves).chart = Chart(_("accuracy"), tuple(series), _("epoch"))

    def _selected(self) -> str | None:
        table = self.query_one(DataTable)
        if not table.is_valid_row_index(table.cursor_row):
            return None
        return str(table.coordinate_to_cell_key((table.cursor_row, 0)).row_key.value)  # type: ignore[arg-type]

    def _run(self) -> Run | None:
        name = self._selected()
        return None if name is None else Run(self.workspace.runs / name)

    @on(DataTable.RowSelected)
    async def action_open_run(self) -> None:
        if (run := self._run()) is not None:
            await self.dashboard.open_run(run)

    def action_mark(self) -> None:
        if (name := self._selected()) is not None:
            self._marked ^= {name}
            self._show()
            self.query_one(DataTable).action_cursor_down()

    def action_filter(self) -> None:
        field = self.query_one("#filter", Input)
        field.display = True
        field.focus()

    @on(Input.Changed, "#filter")
    def _filtered(self) -> None:
        self._show()

    @on(Input.Submitted, "#filter")
    def _filter_left(self) -> None:
        self.query_one(DataTable).focus()

    def key_escape(self) -> None:
        field = self.query_one("#filter", Input)
        field.value, field.display = "", False
        self.query_one(DataTable).focus()

    def action_sort(self) -> None:
        self._order = (self._order + 1) % len(SORTS)
        self._show()
        self.tell(_("ordered by {key}").format(key=SORTS[self._order]))

    def action_resume(self) -> None:
        if (run := self._run()) is not None:
            self.attempt(self._resumed(run))

    async def _resumed(self, run: Run) -> None:
        await jobs.resume(run)
        await self.dashboard.open_run(run)

    async def action_clone(self) -> None:
        if (run := self._run()) is not None:
            await self.dashboard.clone_run(run)

    @work(group="ask", exit_on_error=False)
    async def action_note(self) -> None:
        if (run := self._run()) is None:
            return
        text = await self.app.push_screen_wait(
            Entry(_("Note on {run}").format(run=run.id), run.note())
        )
        if text is not None:
            run.set_note(text)
            self._read()

    @work(group="ask", exit_on_error=False)
    async def action_rename(self) -> None:
        if (run := self._run()) is None:
            return
        name = await self.app.push_screen_wait(
            Entry(_("New name of {run}").format(run=run.id), run.id)
        )
        if name is not None and name != run.id:
            self.attempt(self._renamed(run, name))

    async def _renamed(self, run: Run, name: str) -> None:
        runs.rename(run, name)
        self.dashboard.forget(run)
        self._read()

    @work(group="ask", exit_on_error=False)
    async def action_delete(self) -> None:
        if (run := self._run()) is None:
            return
        freed = size(await asyncio.to_thread(run.size_bytes))
        question = _("Delete {run} with its checkpoints, {size}? Its model stays.")
        answers = {"d": _("delete it"), "k": _("keep it")}
        ask = Ask(question.format(run=run.id, size=freed), answers)
        answer = await self.app.push_screen_wait(ask)
        if answer == "d":
            self.attempt(self._deleted(run))

    async def _deleted(self, run: Run) -> None:
        await asyncio.to_thread(runs.remove, run)
        self.dashboard.forget(run)
        self._marked.discard(run.id)
        self._read()


def _rank(row: dict[str, Any], key: str) -> Any:
    if key == "result":
        summary = row["summary"] or {}
        values = summary.get("metrics") or (row["epoch"] or {}).get("values") or {}
        accuracy = summary.get("top_1", values.get("val_accuracy", values.get("accuracy")))
        return accuracy if accuracy is not None else -1.0
    return row[key] if row[key] is not None else -1
