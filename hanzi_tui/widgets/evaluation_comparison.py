"""Two evaluations of the same images beside each other: who gained, who lost, and by chance?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from hanzi_tui import counts
from hanzi_tui.comparison_words import significance
from hanzi_tui.evaluation_results import EvaluationResults, subject
from hanzi_tui.i18n import _, printable
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.lines import Lines
from hanzi_tui.widgets.long_list import LongList, Part, cell
from hanzi_tui.widgets.rule import Rule
from hanzi_tui.widgets.sheet import Sheet
from pipeline.evaluation.compare import ClassChange, Comparison

FIGURE = 9
"""Columns of a number, with the space before it."""


class ChangedClasses(LongList):
    """A row for each class that changed, the worst change first; Enter goes to the class."""

    BINDING_GROUP_TITLE = _("Changed classes")
    HEAD = 1
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "turn", _("best first"), id="comparison.turn",
                tooltip=_("What became better first, or what became worse")),
    ]  # fmt: skip

    @dataclass
    class Chosen(Message):
        """A class is to be looked at."""

        label: str

    def __init__(self, changes: Sequence[ClassChange]) -> None:
        super().__init__()
        self._changes = list(changes)
        self._columns_of_label = max((cell_len(printable(c.label)) for c in changes), default=0)
        self.set_reactive(ChangedClasses.empty, " " + _("No class changed."))

    def count(self) -> int:
        return len(self._changes)

    def head_parts(self, width: int) -> list[Part]:
        words = (_("class"), _("images"), _("before"), _("now"), _("change"))
        return [(self._row(words), "muted")] if self._changes else []

    def parts(self, index: int, width: int) -> list[Part]:
        change = self._changes[index]
        difference = change.new - change.old
        words = (change.label, str(change.images), str(change.old), str(change.new))
        return [(self._row((*words, f"{difference:+d}")), "bad" if difference < 0 else "")]

    def _row(self, words: Sequence[str]) -> str:
        label = max(self._columns_of_label, cell_len(_("class")))
        columns = [max(FIGURE, cell_len(name) + 2)
                   for name in (_("images"), _("before"), _("now"), _("change"))]  # fmt: skip
        numbers = (cell(word, wide, right=True)
                   for word, wide in zip(words[1:], columns, strict=True))  # fmt: skip
        return f" {cell(words[0], label)}{''.join(numbers)}"

    def opened(self, index: int) -> None:
        self.post_message(self.Chosen(self._changes[index].label))

    def action_turn(self) -> None:
        self._changes.reverse()
        self.set_reactive(ChangedClasses.cursor, 0)
        self.scroll_to(y=0, animate=False)
        self.changed()


class EvaluationComparison(Sheet[str]):
    """Shows a comparison; the result is the label of a class to go to.

    Args:
        old, new: the evaluations.
        found: what became of their images.
        signs: Unicode or ASCII.
    """

    DEFAULT_CSS = """
    EvaluationComparison ChangedClasses { height: 1fr; }
    EvaluationComparison Rule { margin-top: 1; }
    """
    BINDING_GROUP_TITLE = _("Comparison")

    def __init__(
        self, old: EvaluationResults, new: EvaluationResults, found: Comparison,
        *, signs: Signs = UNICODE,
    ) -> None:  # fmt: skip
        super().__init__()
        self._old, self._new, self._found = old, new, found
        self._signs = signs

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Lines()
            hint = _("w turns the order, enter goes to a class")
            yield Rule(_("classes that changed"), signs=self._signs, right=hint)
            yield ChangedClasses(self._found.classes)

    def on_mount(self) -> None:
        self.query_one(Lines).show(list(self._lines()))
        self.query_one(ChangedClasses).focus()

    def _lines(self) -> Iterator[Content]:
        found = self._found
        sides = ((_("before"), self._old, found.old_right), (_("now"), self._new, found.new_right))
        width = max(cell_len(name) for name, _results, _right in sides)
        for name, results, right in sides:
            yield Content.assemble(
                (name, "$muted"), " " * (width - cell_len(name) + 2),
                (f"top-1 {right / found.images:.2%}", "bold"),
                f"   {printable(subject(results.summary))}   ", (results.run.id, "$muted"),
            )  # fmt: skip
        yield Content("")
        for form, count in (
            (_("better: {images} that only the model of now recognises"), len(found.better)),
            (_("worse:  {images} that only the model of before recognised"), len(found.worse)),
            (_("{images} that neither recognises"), found.both_wrong),
        ):
            yield Content(form.format(images=counts.images(count, ",")))
        yield Content.assemble((_("McNemar's test"), "$muted"), f"  {significance(found)}")

    @on(ChangedClasses.Chosen)
    def _chosen(self, event: ChangedClasses.Chosen) -> None:
        event.stop()
        self.dismiss(event.label)
