"""All runs in one table: what they did, how they went, and what can be done with them."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input

from hanzi_tui.i18n import _, printable
from hanzi_tui.run_facts import facts, result
from hanzi_tui.run_state import RunState
from hanzi_tui.screens.room import Room
from hanzi_tui.widgets.ask import Ask
from hanzi_tui.widgets.chart import Chart, Series
from hanzi_tui.widgets.curves import Curves
from hanzi_tui.widgets.entry import Entry
from hanzi_tui.widgets.lines import Lines, cut
from hanzi_tui.widgets.rule import Rule
from hanzi_tui.widgets.runs_table import RunsTable
from hanzi_tui.wording import duration, job_word, size, status_word
from pipeline import jobs, runs
from pipeline.runs import Run, Status

READ_S = 2.0
SORTS = ("began", "result", "seconds", "size", "about")


class RunsRoom(Room):
    """The table, and below it the validation accuracy of the marked runs."""

    MODE = "runs"
    OPENING = frozenset({"filter", "note", "rename"})
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
        self._seen: dict[str, tuple[Status, int]] = {}
        self._timer: Timer | None = None
        self._curves: dict[str, tuple[int, list[float | None]]] = {}
        """Run → size of its log in bytes, and what that says of its accuracy by epoch."""

    def body(self) -> ComposeResult:
        with Vertical():
            yield Input(placeholder=_("text to look for; escape: all"), compact=True, id="filter")
            yield RunsTable(signs=self.signs, id="table")
            yield Lines(id="selected")
            yield Rule(
                _("validation accuracy of the marked runs"), signs=self.signs, id="overlay-rule"
            )
            yield Curves(signs=self.signs, id="overlay")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#filter", Input).display = False
        self.query_one("#filter", Input).cursor_blink = False
        self._show_overlay()

    def refresh_room(self) -> None:
        if not isinstance(self.focused, Input):
            self.query_one(RunsTable).focus()
        self._read()

    def run_changed(self, state: RunState) -> None:
        before = self._seen.get(state.run.id)
        now = self._seen[state.run.id] = (state.status, len(state.artifacts))
        if not self.is_current or now == before:
            return
        if before is None or state.status is not before[0]:
            self._read()
        elif self._timer is None:
            # A training saves something at the end of each epoch, which its row then tells of.
            self._timer = self.set_timer(READ_S, self._read_again)

    def _read_again(self) -> None:
        self._timer = None
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
                rows.append(facts(run) | {"curve": self._curve(run)})
            except FileNotFoundError:
                continue
        return rows

    def _curve(self, run: Run) -> list[float | None]:
        size_bytes = run.events.stat().st_size
        known = self._curves.get(run.id)
        if known is None or known[0] != size_bytes:
            curve = [m.values.get("val_accuracy", m.values.get("accuracy"))
                     for m in run.metrics() if m.scope == "epoch"]  # fmt: skip
            known = self._curves[run.id] = (size_bytes, curve)
        return known[1]

    def _show(self) -> None:
        text = self.query_one("#filter", Input).value.lower()
        shown = [row for row in self._known if text in " ".join(self._words(row)).lower()]
        key = SORTS[self._order]
        shown.sort(key=lambda row: _rank(row, key), reverse=key != "about")
        self.query_one(RunsTable).show(shown, self._marked)
        self._tell_selected()
        self._show_overlay()

    def _words(self, row: dict[str, Any]) -> tuple[str, ...]:
        """Returns what a filter looks for in a run."""
        words = (status_word(Status(row["status"])), job_word(row["kind"]))
        return (row["run"], *words, row["about"], result(row), row["note"])

    @on(RunsTable.RowHighlighted)
    def _tell_selected(self) -> None:
        """Tells of the selected run what its row may have no room for."""
        name = self.query_one(RunsTable).selected
        facts = [printable(self._fact(row)) for row in self._known if row["run"] == name]
        line = Content.styled(f" {facts[0]}", "$muted") if facts else Content("")
        selected = self.query_one("#selected", Lines)
        selected.show([cut(line, selected.size.width, self.signs)])

    def _fact(self, row: dict[str, Any]) -> str:
        words = (row["run"], status_word(Status(row["status"])), duration(row["seconds"]),
                 size(row["size"]), row["note"])  # fmt: skip
        return f" {self.signs.separator} ".join(filter(None, words))

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

    def _run(self) -> Run | None:
        name = self.query_one(RunsTable).selected
        return None if name is None else Run(self.workspace.runs / name)

    @on(RunsTable.RowSelected)
    async def action_open_run(self) -> None:
        if (run := self._run()) is not None:
            await self.dashboard.open_run(run)

    def action_mark(self) -> None:
        if (name := self.query_one(RunsTable).selected) is not None:
            self._marked ^= {name}
            self._show()
            self.query_one(RunsTable).action_cursor_down()

    def action_filter(self) -> None:
        field = self.query_one("#filter", Input)
        field.display = True
        self.set_focus(field)

    @on(Input.Changed, "#filter")
    def _filtered(self) -> None:
        self._show()

    @on(Input.Submitted, "#filter")
    def _filter_left(self) -> None:
        self.query_one(RunsTable).focus()

    def key_escape(self) -> None:
        field = self.query_one("#filter", Input)
        field.value, field.display = "", False
        self.query_one(RunsTable).focus()

    def action_sort(self) -> None:
        self._order = (self._order + 1) % len(SORTS)
        self._show()
        self.tell(_("ordered by {key}").format(key=_order_words()[SORTS[self._order]]))

    def action_resume(self) -> None:
        if (run := self._run()) is not None:
            self.attempt(self._resumed(run))

    async def _resumed(self, run: Run) -> None:
        await jobs.resume(run)
        await self.dashboard.open_run(run)

    async def action_clone(self) -> None:
        if (run := self._run()) is not None:
            await self.dashboard.clone_run(run)

    def action_note(self) -> None:
        if (run := self._run()) is not None:
            entry = Entry(_("Note on {run}").format(run=run.id), run.note())
            self.app.push_screen(entry, partial(self._noted, run))

    def _noted(self, run: Run, text: str | None) -> None:
        if text is not None:
            run.set_note(text)
            self._read()

    def action_rename(self) -> None:
        if (run := self._run()) is not None:
            entry = Entry(_("New name of {run}").format(run=run.id), run.id)
            self.app.push_screen(entry, partial(self._named, run))

    def _named(self, run: Run, name: str | None) -> None:
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


def _order_words() -> dict[str, str]:
    return {"began": _("age"), "result": _("result"), "seconds": _("time"), "size": _("size"),
            "about": _("about")}  # fmt: skip


def _rank(row: dict[str, Any], key: str) -> Any:
    if key == "result":
        summary = row["summary"] or {}
        values = summary.get("metrics") or (row["epoch"] or {}).get("values") or {}
        accuracy = summary.get("top_1", values.get("val_accuracy", values.get("accuracy")))
        return accuracy if accuracy is not None else -1.0
    return row[key] if row[key] is not None else -1
