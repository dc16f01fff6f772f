"""What every key does here, made from the bindings themselves."""

from __future__ import annotations

from itertools import groupby
from typing import Any, ClassVar

from rich.cells import set_cell_size
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from hanzi_tui.i18n import _


class Keys(ModalScreen[None]):
    """The bindings of a screen, grouped by the widget they belong to, with their ids.

    Args:
        of: the screen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape,question_mark,q", "dismiss", _("Back"))]

    def __init__(self, of: Screen[Any]) -> None:
        super().__init__()
        self._lines = list(_lines(of))

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="keys"):
            yield Static(Content.styled(_("Keys"), "bold"))
            for line in self._lines:
                yield Static(line)
            yield Static(Content.styled(_("Other keys: interface.keys in the settings, by the id "
                                          "at the right."), "$muted"))  # fmt: skip


def _lines(of: Screen[Any]) -> list[Content]:
    entries: list[tuple[DOMNode, str, str, str, str]] = []
    seen = set()
    for active in of.active_bindings.values():
        binding = active.binding
        if not binding.description or (binding.id or binding.action) in seen:
            continue
        seen.add(binding.id or binding.action)
        entries.append((active.node, of.app.get_key_display(binding), binding.description,
                        binding.tooltip or "", binding.id or ""))  # fmt: skip
    lines = []
    for node, group in groupby(entries, key=lambda entry: entry[0]):
        title = getattr(node, "BINDING_GROUP_TITLE", None) or type(node).__name__
        lines.append(Content.assemble("\n", (title, "bold $primary")))
        for _node, key, description, tooltip, name in group:
            lines.append(
                Content.assemble(
                    (f"{key:>10}  ", "bold"), set_cell_size(description, 22), (f" {name}", "dim")
                )
            )
            if tooltip:
                lines.append(
                    Content.styled(" " * 12 + tooltip, "$muted").truncate(96, ellipsis=True)
                )
    return lines
