"""A line for the path of a source of images, completed as in a shell."""

from __future__ import annotations

import os
from typing import ClassVar

from textual import work
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.widgets import Input

from hanzi_tui.i18n import _
from hanzi_tui.widgets.path_suggester import PathSuggester

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".gnt",
            ".csv", ".tsv", ".txt", ".lst")  # fmt: skip
"""Of files that are suggested; what a file is its content decides."""


class SourceInput(Input):
    """Takes the path of a source. Tab completes a name that was begun, else it goes on."""

    BINDING_GROUP_TITLE = _("Source")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", _("complete"), id="source.complete", show=False,
                tooltip=_("Complete the name that was begun")),
    ]  # fmt: skip

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002
        self._paths = PathSuggester(wanted=lambda name: name.lower().endswith(SUFFIXES))
        super().__init__(placeholder=placeholder, compact=True, suggester=self._paths,
                         select_on_focus=False, id=id)  # fmt: skip
        self.cursor_blink = False
        self._came_with = ""

    def on_focus(self) -> None:
        self._came_with = self.value

    def action_complete(self) -> None:
        if self.value == self._came_with or self.value.endswith(os.sep):
            raise SkipAction
        self._complete(self.value)

    @work(exclusive=True, group="complete", exit_on_error=False)
    async def _complete(self, begun: str) -> None:
        """Completes what was begun, also where typing was faster than the suggestion."""
        self._came_with = begun  # so that tab goes on where there is nothing to complete
        completed = await self._paths.get_suggestion(begun)
        if completed is not None and self.value == begun:
            self.value = self._came_with = completed
            self.cursor_position = len(completed)
