"""The images that a person found mislabelled, and what is to become of each."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from hanzi_tui.i18n import _, printable, worded_problem
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.long_list import LongList, Part, cell, path_cell
from hanzi_tui.widgets.pair_images import mark_words
from hanzi_tui.widgets.rule import Rule
from hanzi_tui.widgets.sheet import Sheet
from pipeline.dataset.review import Mark, read_review, unmark
from pipeline.problems import Problem

LABEL, ACTION = 8, 28
"""Columns of a label and of what is to become of it."""


class MarkedImages(LongList):
    """A row for each marked image."""

    BINDING_GROUP_TITLE = _("Review list")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u,delete", "unmark", _("take the mark off"), id="review.unmark", key_display="u",
                tooltip=_("The image stays as its source has it")),
    ]  # fmt: skip

    @dataclass
    class Opened(Message):
        """An image is to be shown."""

        mark: Mark

    @dataclass
    class Unmarked(Message):
        """An image is to lose its mark."""

        mark: Mark

    def __init__(self) -> None:
        super().__init__()
        self._marks: list[Mark] = []

    def show(self, marks: dict[str, Mark]) -> None:
        """Shows other marks."""
        self._marks = list(marks.values())
        self.empty = " " + _("Nothing is marked. m on an image of a pair marks it.")
        self.changed()

    def count(self) -> int:
        return len(self._marks)

    def parts(self, index: int, width: int) -> list[Part]:
        mark = self._marks[index]
        told = f" {cell(mark.label, LABEL)} {cell(mark_words(mark), ACTION)} "
        return [(told, ""), (path_cell(mark.path, max(0, width - LABEL - ACTION - 3)), "muted")]

    def opened(self, index: int) -> None:
        self.post_message(self.Opened(self._marks[index]))

    def action_unmark(self) -> None:
        if self._marks:
            self.post_message(self.Unmarked(self._marks[self.cursor]))


class ReviewList(Sheet[str]):
    """Shows a review list and takes marks off it; the result is the path of an image to show.

    Args:
        file: the list; it need not exist.
        marks: what it holds.
        signs: Unicode or ASCII.
    """

    DEFAULT_CSS = "ReviewList MarkedImages { height: 1fr; }"

    def __init__(self, file: Path, marks: dict[str, Mark], *, signs: Signs = UNICODE) -> None:
        super().__init__()
        self._file, self._marks = file, marks
        self._signs = signs

    def compose(self) -> ComposeResult:
        with Vertical():
            hint = _("enter shows the image, u takes the mark off")
            yield Rule(_("review list"), signs=self._signs, right=hint)
            yield MarkedImages()
            form = _("The sources stay as they are: {option} takes the list into a dataset.")
            option = f"hanzi-tui prepare --review-file {shlex.quote(str(self._file))}"
            yield Static(Content.styled(printable(form.format(option=option)), "$muted"))

    def on_mount(self) -> None:
        self.query_one(MarkedImages).show(self._marks)
        self.query_one(MarkedImages).focus()

    @on(MarkedImages.Opened)
    def _opened(self, event: MarkedImages.Opened) -> None:
        event.stop()
        self.dismiss(event.mark.path)

    @on(MarkedImages.Unmarked)
    def _unmarked(self, event: MarkedImages.Unmarked) -> None:
        event.stop()
        try:
            unmark(self._file, event.mark.path)
            self._marks = read_review(self._file)
        except Problem as problem:
            self.notify(printable(worded_problem(problem)), severity="error", markup=False)
        self.query_one(MarkedImages).show(self._marks)
