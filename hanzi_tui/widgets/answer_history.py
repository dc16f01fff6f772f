"""The last answers, the newest first, to see them again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from textual.message import Message

from hanzi_tui.i18n import _
from hanzi_tui.widgets.long_list import LongList, Part, cell, path_cell

KEPT = 50
ANSWER_WIDTH = 9


@dataclass(frozen=True)
class Subject:
    """What was recognised: a file, or the content of one, and what it is called."""

    picture: Path | bytes
    name: str


@dataclass(frozen=True)
class Remembered:
    """An answer in a word or two, and how sure it is."""

    subject: Subject
    words: str
    mark: Literal["", "doubtful", "bad"] = ""


class AnswerHistory(LongList):
    """Answers and what they were given to."""

    BINDING_GROUP_TITLE = _("Last answers")

    @dataclass
    class Chosen(Message):
        """Something is to be seen again."""

        subject: Subject

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._entries: list[Remembered] = []

    def remember(self, subject: Subject, words: str, mark: Literal["", "doubtful", "bad"]) -> None:
        """Keeps an answer; a new one to the same takes the place of the one before."""
        entry = Remembered(subject, words, mark)
        known = [index for index, e in enumerate(self._entries) if e.subject == subject]
        if known:
            self._entries[known[0]] = entry
        else:
            self._entries = [entry, *self._entries[: KEPT - 1]]
        self.set_reactive(AnswerHistory.cursor, known[0] if known else 0)
        self.changed()
        self.call_after_refresh(self._reveal)

    def count(self) -> int:
        return len(self._entries)

    def parts(self, index: int, width: int) -> list[Part]:
        entry = self._entries[index]
        name = path_cell(entry.subject.name, max(0, width - ANSWER_WIDTH - 1))
        return [(cell(entry.words, ANSWER_WIDTH) + " ", entry.mark), (name, "muted")]

    def moved(self, index: int) -> None:
        self.post_message(self.Chosen(self._entries[index].subject))

    opened = moved
