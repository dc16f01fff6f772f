"""A folder's answers as they come, sorted and narrowed as one likes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from hanzi_tui import counts
from hanzi_tui import recognition_words as words
from hanzi_tui.i18n import _
from hanzi_tui.recognizing import Recognizing, free_path, images_below
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.answer_table import COLUMNS, AnswerTable, Order, Row, arranged
from hanzi_tui.widgets.long_list import path_cell
from hanzi_tui.widgets.rule import Rule
from pipeline.problems import Problem
from pipeline.recognition.answers import Answer
from pipeline.recognition.folder import write_answers

AT_ONCE = 32
DRAW_S = 0.25


class FolderPart(Vertical):
    """A table of images, with its title, a filter and the selected answer in a line.

    Args:
        recognizing: what is asked.
        signs: Unicode or ASCII.
    """

    BINDING_GROUP_TITLE = _("A folder's answers")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "narrow", _("filter"), id="recognition.filter", key_display="/",
                tooltip=_("Show only images whose name or answer holds a text")),
        Binding("s", "sort", _("sort"), id="recognition.sort",
                tooltip=_("By image, answer, probability, probability of the second")),
        Binding("r", "reverse", _("reverse"), id="recognition.reverse",
                tooltip=_("Turn the order round")),
        Binding("e", "export", _("CSV"), id="recognition.export",
                tooltip=_("Write the answers shown to a table in the current folder")),
        Binding("x", "halt", _("stop"), id="recognition.stop",
                tooltip=_("Leave out the rest of the folder")),
    ]  # fmt: skip

    @dataclass
    class Opened(Message):
        """The picture of a row was asked for."""

        path: Path

    @dataclass
    class Failed(Message):
        """The folder cannot be recognised."""

        reason: str

    @dataclass
    class Exported(Message):
        """The answers were written."""

        path: Path
        count: int

    def __init__(
        self,
        recognizing: Recognizing,
        *,
        signs: Signs = UNICODE,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._recognizing = recognizing
        self._signs = signs
        self._order = Order()
        self._arranged_all = True
        self._arranges = False
        self._at_work = 0
        self._rows: list[Row] = []
        self._shown: list[int] = []
        self.folder: Path | None = None
        """The folder shown."""

    def compose(self) -> ComposeResult:
        yield Rule(_("answers"), signs=self._signs)
        field = Input(placeholder=_("text to look for; escape: all"), compact=True, id="narrow")
        field.cursor_blink = False
        yield field
        yield Static(Content(words.choose_folder()), id="words")
        yield AnswerTable(self._signs)
        yield Static(classes="result")

    def on_mount(self) -> None:
        self.query_one("#narrow").display = False
        self.query_one(AnswerTable).display = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "halt" or self._at_work > 0

    def take_focus(self) -> None:
        table = self.query_one(AnswerTable)
        self.screen.set_focus(table if table.display else None)

    def again(self) -> None:
        """Recognises the folder anew, if there is one."""
        if self.folder is not None:
            self.look_through(self.folder)

    @work(exclusive=True, group="folder", exit_on_error=False)
    async def look_through(self, folder: Path) -> None:
        """Recognises all images in and below a folder."""
        self.folder = folder
        self._at_work += 1
        self.refresh_bindings()
        try:
            paths: list[Path] = []
            async for paths in images_below(folder):
                self._say(counts.images(len(paths)))
            self._begin(await asyncio.to_thread(_rows, folder, paths))
            async with self._recognizing.held() as client:
                start_s = time.monotonic()
                for first in range(0, len(paths), AT_ONCE):
                    some = paths[first : first + AT_ONCE]
                    self._fill(first, await client.recognize(some, self._recognizing.top))
                    given = [row.answer for row in self._rows]
                    elapsed_s = time.monotonic() - start_s
                    self._say(words.folder_line(given, self._recognizing.model_name, elapsed_s))
        except (Problem, OSError) as error:
            self.post_message(self.Failed(words.why(error)))
        finally:
            self._at_work -= 1
            self.refresh_bindings()

    def action_halt(self) -> None:
        self.workers.cancel_group(self, "folder")

    def on_resize(self) -> None:
        if self.folder is not None:
            self._say(self.query_one(Rule).right)

    def _say(self, right: str) -> None:
        """Sets the title: how far the folder is, and as much of its path as there is room for."""
        rule = self.query_one(Rule)
        rule.right = right
        rule.title = path_cell(str(self.folder), rule.size.width - cell_len(right) - 9).rstrip()

    def _begin(self, rows: list[Row]) -> None:
        """Shows images, in order, that have no answers yet."""
        self._rows = rows
        self._shown = list(range(len(self._rows)))
        self.query_one("#words").display = False
        table = self.query_one(AnswerTable)
        table.display = True
        table.empty = _("No images in this folder and below it.") if not rows else ""
        table.show(self._rows, self._shown, self._order)
        if not self._as_they_came:
            self._arrange()
        if self.display:
            self.take_focus()

    def _fill(self, first: int, answers: Sequence[Answer]) -> None:
        """Takes the answers to the images from the one at index `first` on."""
        for index, answer in enumerate(answers, first):
            row = self._rows[index]
            self._rows[index] = Row(row.path, row.name, answer)
        if self._as_they_came:
            self.query_one(AnswerTable).filled(first, len(answers))
        else:
            self._arrange()
        selected = self.query_one(AnswerTable).index
        if selected is not None and first <= selected < first + len(answers):
            self._tell(self._rows[selected])

    @property
    def _as_they_came(self) -> bool:
        return self._order == Order() and not self._text

    @property
    def _text(self) -> str:
        return self.query_one("#narrow", Input).value

    def step(self, rows: int) -> Path | None:
        """Selects another row, and returns its image."""
        table = self.query_one(AnswerTable)
        table.action_move(rows)
        return table.selected.path if table.selected else None

    def action_narrow(self) -> None:
        field = self.query_one("#narrow", Input)
        field.display = True
        self.screen.set_focus(field)

    def widen(self) -> bool:
        """Shows all rows again; returns whether they were narrowed."""
        field = self.query_one("#narrow", Input)
        was = bool(field.display)
        field.value, field.display = "", False
        return was

    def action_sort(self) -> None:
        self._sort(Order((self._order.column + 1) % len(COLUMNS)))

    def action_reverse(self) -> None:
        self._sort(Order(self._order.column, not self._order.reverse))

    @on(AnswerTable.SortAsked)
    def _sort_asked(self, event: AnswerTable.SortAsked) -> None:
        event.stop()
        again = event.column == self._order.column
        self._sort(Order(event.column, again and not self._order.reverse))

    def _sort(self, order: Order) -> None:
        self._order = order
        self._arrange()

    @on(Input.Changed, "#narrow")
    def _narrowed(self, event: Input.Changed) -> None:
        event.stop()
        self._arrange()

    @on(Input.Submitted, "#narrow")
    def _narrow_left(self, event: Input.Submitted) -> None:
        event.stop()
        self.take_focus()

    def _arrange(self) -> None:
        self._arranged_all = False
        if not self._arranges:
            self._arranges = True
            self._arranging()

    @work(group="arrange", exit_on_error=False)
    async def _arranging(self) -> None:
        """Sorts off the loop, and again when more has come meanwhile, but not all the time."""
        try:
            while not self._arranged_all:
                self._arranged_all = True
                rows, order = self._rows, self._order
                shown = await asyncio.to_thread(arranged, list(rows), order, self._text)
                if rows is self._rows:
                    self._shown = shown
                    if rows:
                        self.query_one(AnswerTable).empty = _("No image or answer holds this text.")
                    self.query_one(AnswerTable).show(rows, shown, order)
                if not self._arranged_all:
                    await asyncio.sleep(DRAW_S)
        finally:
            self._arranges = False

    @on(AnswerTable.Selected)
    def _selected(self, event: AnswerTable.Selected) -> None:
        event.stop()
        self._tell(event.row)

    def _tell(self, row: Row) -> None:
        self.query_one(".result", Static).update(words.row_line(row, self._signs))

    @on(AnswerTable.Opened)
    def _opened(self, event: AnswerTable.Opened) -> None:
        event.stop()
        self.post_message(self.Opened(event.row.path))

    @work(exclusive=True, group="export", exit_on_error=False)
    async def action_export(self) -> None:
        rows = [self._rows[index] for index in self._shown]
        answers = [(row.path, row.answer) for row in rows if row.answer is not None]
        if self.folder is None or not answers:
            return
        wanted = Path.cwd() / f"{self.folder.name or 'root'}-answers.csv"
        try:
            path = await asyncio.to_thread(free_path, wanted)
            await asyncio.to_thread(write_answers, path, answers, self._recognizing.top)
        except OSError as error:
            self.post_message(self.Failed(words.why(error)))
        else:
            self.post_message(self.Exported(path, len(answers)))


def _rows(folder: Path, paths: Sequence[Path]) -> list[Row]:
    return [Row(path, str(path.relative_to(folder))) for path in paths]
