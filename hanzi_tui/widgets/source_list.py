"""The findings of a source, and below them its classes, as one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.message import Message

from hanzi_tui.i18n import _
from hanzi_tui.scan_findings import sign_of
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.source_look import ShownFinding
from hanzi_tui.widgets.long_list import LongList, Part, cell

COUNT = 8
PARTS = {"failed": "bad", "warning": "doubtful", "done": "muted", "note": "muted"}


class SourceList(LongList):
    """Findings first, each with its sign; then classes with the number of their images.

    Args:
        signs: Unicode or ASCII.
    """

    BINDING_GROUP_TITLE = _("Findings and classes")
    HEAD = 1

    @dataclass
    class FindingSeen(Message):
        """A finding is selected."""

        finding: ShownFinding

    @dataclass
    class ClassSeen(Message):
        """A class is selected, by its label; None where nothing is left to select."""

        label: str | None

    class Opened(Message):
        """The images of what is selected are to be looked at."""

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._signs = signs
        self._findings: Sequence[ShownFinding] = ()
        self._sizes: Sequence[tuple[str, int]] = ()

    def show(self, findings: Sequence[ShownFinding], classes: Sequence[tuple[str, int]]) -> None:
        """Shows findings, and classes with their numbers of images, from the first on."""
        self._findings, self._sizes = findings, classes
        self.set_reactive(LongList.cursor, 0)
        self.changed()
        self.scroll_to(y=0, animate=False, force=True, immediate=True)
        self.moved(0)

    def count(self) -> int:
        return len(self._findings) + len(self._sizes)

    def head_parts(self, width: int) -> list[Part]:
        return [(cell(" " + _("findings, then classes"), width - COUNT - 1), "muted"),
                (cell(_("images"), COUNT, right=True), "muted")]  # fmt: skip

    def parts(self, index: int, width: int) -> list[Part]:
        if index < len(self._findings):
            finding = self._findings[index]
            sign = sign_of(finding.weight, self._signs)
            return [(cell(f" {sign} {finding.text}", width), PARTS[finding.weight])]
        label, size = self._sizes[index - len(self._findings)]
        return [(cell(f" {label}", width - COUNT - 1), ""),
                (cell(str(size), COUNT, right=True), "muted")]  # fmt: skip

    def moved(self, index: int) -> None:
        if index < len(self._findings):
            self.post_message(self.FindingSeen(self._findings[index]))
        else:
            classes = self._sizes[index - len(self._findings) :]
            self.post_message(self.ClassSeen(classes[0][0] if classes else None))

    def opened(self, index: int) -> None:
        self.post_message(self.Opened())
