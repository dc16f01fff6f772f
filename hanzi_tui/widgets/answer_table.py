"""The answers to the images of a folder: image, answer, probability, second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.message import Message

from hanzi_tui.i18n import _, worded
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.long_list import LongList, Part, cell, path_cell
from hanzi_tui.wording import doubt, probability
from pipeline.recognition.answers import Answer

COLUMNS = ("image", "answer", "probability", "second")
ANSWER_WIDTH, NUMBER_WIDTH, SECOND_WIDTH = 10, 13, 16
ROOM_FOR_SECOND = 50
MOST_NAME = 48
"""Cells of a name, or a third of the line: an answer stands near what it is of."""
EDGE, GAP = " ", "  "


@dataclass(frozen=True)
class Row:
    """An image, by its path below the folder, and its answer once there is one."""

    path: Path
    name: str
    answer: Answer | None = None


@dataclass(frozen=True)
class Order:
    """What the rows are sorted by: the index of a column, and whether the other way round."""

    column: int = 0
    reverse: bool = False


def arranged(rows: Sequence[Row], order: Order, text: str) -> list[int]:
    """Returns the indexes of the rows that hold `text`, sorted; those without answer come last.

    Args:
        rows: in the order of the first column.
        order: to put them in.
        text: in an image's name, one of its two answers, how far they can be trusted, or the reason
            why there are none.
    """
    wanted = text.lower()
    found = [i for i, row in enumerate(rows) if wanted in _searched(row)] if wanted else [
        *range(len(rows))]  # fmt: skip
    if order.column == 0:
        return found[::-1] if order.reverse else found
    answered = [i for i in found if _candidates(rows[i])]
    answered.sort(key=lambda i: _rank(rows[i], order.column), reverse=order.reverse)
    return answered + [i for i in found if not _candidates(rows[i])]


class AnswerTable(LongList):
    """A table of any number of answers.

    Args:
        signs: Unicode or ASCII.
    """

    BINDING_GROUP_TITLE = _("Answers")
    HEAD = 1
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", _("picture"), id="list.open",
                tooltip=_("Show the picture and all its candidates")),
    ]  # fmt: skip

    @dataclass
    class Selected(Message):
        """The cursor came to a row."""

        row: Row

    @dataclass
    class Opened(Message):
        """The picture of a row was asked for."""

        row: Row

    @dataclass
    class SortAsked(Message):
        """The head of a column was clicked."""

        column: int

    def __init__(self, signs: Signs = UNICODE) -> None:
        super().__init__()
        self._signs = signs
        self._rows: Sequence[Row] = ()
        self._shown: list[int] = []
        self._order = Order()

    def show(self, rows: Sequence[Row], shown: list[int], order: Order) -> None:
        """Shows some of the rows, in an order; the selected one stays so, where it is shown."""
        before = self.selected
        index = self.index if rows is self._rows else None
        self._rows, self._shown, self._order = rows, shown, order
        # The first row is where one is before choosing one: another may come to stand there.
        kept = self.cursor and index is not None and index in shown
        self.cursor = shown.index(index) if kept and index is not None else 0
        self.changed()
        if self.selected is not before:
            self.moved(self.cursor)

    def filled(self, first: int, count: int) -> None:
        """Draws rows that got their answers, where they stand as they came."""
        self.refresh_lines(first + self.HEAD, count)

    @property
    def index(self) -> int | None:
        """Which of the rows is selected."""
        return self._shown[self.cursor] if self._shown else None

    @property
    def selected(self) -> Row | None:
        return None if self.index is None else self._rows[self.index]

    def count(self) -> int:
        return len(self._shown)

    def moved(self, index: int) -> None:
        if self.selected is not None:
            self.post_message(self.Selected(self.selected))

    def opened(self, index: int) -> None:
        if self.selected is not None:
            self.post_message(self.Opened(self.selected))

    def head_parts(self, width: int) -> list[Part]:
        words = [_("image"), _("answer"), _("probability"), _("second")]
        words[self._order.column] += " v" if self._order.reverse else " ^"
        texts = [cell(word, columns, right) for word, (columns, right) in
                 zip(words, _widths(width), strict=False)]  # fmt: skip
        return [(EDGE + GAP.join(texts), "muted")]

    def head_clicked(self, x: int) -> None:
        left = len(EDGE)
        for column, (columns, _right) in enumerate(_widths(self._columns)):
            left += columns + len(GAP)
            if x < left:
                self.post_message(self.SortAsked(column))
                return

    def parts(self, index: int, width: int) -> list[Part]:
        row = self._rows[self._shown[index]]
        widths = _widths(width)
        name = EDGE + path_cell(row.name, widths[0][0]) + GAP
        if row.answer is None:
            return [(name, "")]
        if row.answer.problem is not None:
            why = f"{self._signs.failed} {reason(row)}"
            return [(name, ""), (cell(why, max(0, width - cell_len(name))), "bad")]
        if not row.answer.candidates:
            none = f"{self._signs.warning} {doubt(row.answer.verdict)}"
            return [(name, ""), (cell(none, max(0, width - cell_len(name))), "doubtful")]
        sure = row.answer.verdict == "sure"
        label, share = _words(row.answer, 0)
        first = label if sure else f"{self._signs.warning} {label}"
        cells = [first, share, " ".join(_words(row.answer, 1))]
        texts = [cell(text, columns, right) for text, (columns, right) in
                 zip(cells, widths[1:], strict=False)]  # fmt: skip
        return [(name, ""), (GAP.join(texts[:2]), "" if sure else "doubtful"),
                (GAP + "".join(texts[2:]), "muted")]  # fmt: skip


def reason(row: Row) -> str:
    """Returns why a row has no answer, with the file's name for its path."""
    problem = row.answer.problem if row.answer else None
    if problem is None:
        return ""
    return worded(problem.code, problem.params | {"path": row.path.name})


def _widths(width: int) -> list[tuple[int, bool]]:
    """Returns columns in cells, and whether each is right-aligned; the first takes what is left."""
    rest = [(ANSWER_WIDTH, False), (NUMBER_WIDTH, True)]
    if width >= ROOM_FOR_SECOND:
        rest.append((SECOND_WIDTH, False))
    taken = len(EDGE) + sum(columns + len(GAP) for columns, _right in rest)
    name = min(width - taken, max(MOST_NAME, width // 3))
    return [(max(8, name), False), *rest]


def _words(answer: Answer, rank: int) -> tuple[str, str]:
    if rank >= len(answer.candidates):
        return "", ""
    candidate = answer.candidates[rank]
    return candidate.label, probability(candidate.probability)


def _candidates(row: Row) -> int:
    return 0 if row.answer is None else len(row.answer.candidates)


def _rank(row: Row, column: int) -> tuple[str, float]:
    assert row.answer is not None
    first, *others = row.answer.candidates
    if column == 1:
        return first.label, first.probability
    if column == 2:
        return "", first.probability
    return "", others[0].probability if others else 0.0


def _searched(row: Row) -> str:
    said = [c.label for c in row.answer.candidates[:2]] if row.answer else []
    if row.answer is not None:
        said.append(doubt(row.answer.verdict))
    return " ".join([row.name, *said, reason(row)]).lower()
