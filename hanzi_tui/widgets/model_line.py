"""Which model answers, in as many words as there is room for."""

from __future__ import annotations

from collections.abc import Collection

from textual.content import Content
from textual.widget import Widget

from hanzi_tui.i18n import _, printable
from hanzi_tui.model_facts import ModelFacts
from hanzi_tui.widgets.long_list import path_end

LEFT_OUT = ("network", "dataset", "classes", "accuracy", "origin")
"""Details that go where there is no room for all, the first of them first."""


class ModelLine(Widget):
    """A model by its name, and what is known of it: why this one, network, dataset, accuracy."""

    DEFAULT_CSS = "ModelLine { height: 1; width: 1fr; text-align: right; }"

    def __init__(self) -> None:
        super().__init__()
        self._model = ""
        self._details: dict[str, str] = {}

    def show(self, model: ModelFacts, origin: str) -> None:
        """Shows a model; `origin` says why it is this one, "" for nothing to say."""
        self._model = printable(model.name)
        self._details = {"origin": origin, **model.details} if origin else model.details
        self.refresh()

    def show_none(self) -> None:
        """Says that there is no model."""
        self._model = ""
        self.refresh()

    def render(self) -> Content:
        width = self.size.width
        if not self._model:
            return Content.styled(_("no model yet"), "$warning")
        kept = dict(self._details)
        for detail in LEFT_OUT:
            if self._line(kept.values()).cell_length <= width:
                break
            kept.pop(detail, None)
        line = self._line(kept.values())
        return line if line.cell_length <= width else Content(path_end(self._model, width))

    def _line(self, details: Collection[str]) -> Content:
        more = f"  {printable(', '.join(details))}" if details else ""
        return Content.assemble((_("model") + " ", "$muted"), self._model, (more, "$muted"))
