"""The line above the keys: what is at work, wherever one looks."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from hanzi_tui.i18n import _, printable
from hanzi_tui.run_state import RunState
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.lines import cut
from hanzi_tui.wording import doing, duration, stage_word, status_word

BAR_WIDTH = 30


class JobLine(Widget):
    """Sign, job, bar, share, time left; and that closing the window is safe.

    Args:
        signs: Unicode or ASCII.
    """

    DEFAULT_CSS = """
    JobLine {
        height: 1;
    }
    """
    text: reactive[Content] = reactive(Content(""))

    def __init__(self, signs: Signs = UNICODE) -> None:
        super().__init__()
        self._signs = signs
        self._state: RunState | None = None
        self._others = 0

    def show(self, state: RunState | None, others: int = 0) -> None:
        """Shows a run and how many others are live; None for nothing at work."""
        self._state, self._others = state, others
        self.text = self._line()

    def on_resize(self) -> None:
        self.text = self._line()

    def render(self) -> Content:
        return self.text

    def _line(self) -> Content:
        state, width = self._state, self.size.width
        if state is None:
            return Content.styled(" " + _("nothing is running"), "$muted").truncate(width)
        sign = self._signs.of(state.status)
        colour = "$primary" if state.status.live else "$muted"
        job = printable(f"{doing(state.kind)} {state.about}")
        parts = [(f" {sign} ", colour), (f"{job}  ", "$foreground")]
        if state.status.live and state.share is not None:
            if width >= 100:
                full = round(BAR_WIDTH * state.share)
                parts.append((self._signs.full * full, "$primary"))
                parts.append((self._signs.empty * (BAR_WIDTH - full) + "  ", "$rule"))
            eta = state.progress.eta_s if state.progress else None
            left = f"   ETA {duration(eta)}" if eta else ""
            parts.append((f"{state.share:.0%}{left}", "$foreground"))
        else:
            stage = stage_word(state.stage) if state.status.live else ""
            words = stage or status_word(state.status)
            parts.append((printable(words), "$muted"))
        if self._others:
            parts.append((f"   +{self._others}", "$muted"))
        line = Content.assemble(*parts)
        for note in (_("runs outside this window: closing it is safe"), _("closing is safe")):
            gap = width - line.cell_length - cell_len(note) - 1
            if state.status.live and gap > 1:
                return line + Content(" " * gap) + Content.styled(f"{note} ", "$muted")
        return cut(line, width, self._signs)
