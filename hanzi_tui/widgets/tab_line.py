"""The first line: where one is, where one can go, and the GPU."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from hanzi_tui.i18n import _

SEAL = "汉"
NARROW = 60  # columns up to which the tabs are numbers


class TabLine(Widget):
    """Tabs to click, shortened to the width there is, and a chip at the right end.

    Args:
        tabs: mode → full and short title.
        current: the mode this line stands in; one without a tab is the settings.
    """

    auto_links = False
    DEFAULT_CSS = """
    TabLine {
        height: 1;
        color: $muted;
    }
    """
    chip: reactive[str] = reactive("")

    def __init__(self, tabs: dict[str, tuple[str, str]], current: str) -> None:
        super().__init__()
        self._tabs = tabs
        self._current = current

    def render(self) -> Content:
        width = self.size.width
        chip = f" {self.chip} " if self.chip else ""
        for brevity in (1, 2, 3) if width > NARROW else (3,):
            line = Content.assemble(*self._wordings(brevity))
            if line.cell_length + cell_len(chip) <= width:
                break
        gap = width - line.cell_length - cell_len(chip)
        if gap < 0:
            return line.truncate(width)
        return line + Content(" " * gap) + Content.styled(chip, "$foreground")

    def _wordings(self, brevity: int) -> list[Content]:
        """Returns the line's parts: 1 in full, 2 in short, 3 as numbers round the current tab."""
        name = {1: f" {SEAL} hanzi-tui  ", 2: f" {SEAL}", 3: ""}[brevity]
        parts = [Content.styled(name, "bold $primary")]
        for number, (mode, (full, short)) in enumerate(self._tabs.items(), 1):
            here = mode == self._current
            text = {1: f" {number} {full} ", 2: f" {number} {short}",
                    3: f" [{number} {full}]" if here else f" {number}"}[brevity]  # fmt: skip
            go = Style.from_meta({"@click": f"app.open('{mode}')"})
            parts.append(Content.styled(text, "bold $foreground" if here else "$muted").stylize(go))
        if self._current not in self._tabs:
            text = _("Settings")
            shown = f" [, {text}]" if brevity == 3 else f" , {text}"
            parts.append(Content.styled(shown, "bold $foreground"))
        return parts


def tabs() -> dict[str, tuple[str, str]]:
    """Returns mode → full and short title, in the order of their keys."""
    return {
        "environment": (_("Environment"), _("Env")),
        "dataset": (_("Dataset"), _("Data")),
        "training": (_("Training"), _("Train")),
        "evaluation": (_("Evaluation"), _("Eval")),
        "recognition": (_("Recognition"), _("Recog")),
        "runs": (_("Runs"), _("Runs")),
    }
