"""The last line: the keys of this place."""

from __future__ import annotations

from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from hanzi_tui.i18n import _
from hanzi_tui.signs import UNICODE, Signs, spelled


class KeysLine(Widget):
    """The bindings that work here and now; those at the right end go first when room is short.

    Bindings of the app itself come last, and `? keys` always stays.

    Args:
        signs: Unicode or ASCII.
    """

    auto_links = False
    DEFAULT_CSS = """
    KeysLine {
        height: 1;
        color: $muted;
    }
    """

    def __init__(self, signs: Signs = UNICODE) -> None:
        super().__init__()
        self._signs = signs

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _screen: self.refresh())

    def render(self) -> Content:
        width = self.size.width
        help_part = self._part("?", _("keys"), "question_mark")
        line, room = Content(" "), width - help_part.cell_length - 1
        for sign, text, key in self._shown():
            part = self._part(sign, text, key)
            if line.cell_length + part.cell_length > room:
                break
            line += part
        return line + help_part

    def _shown(self) -> list[tuple[str, str, str]]:
        """Returns sign, description and key of each binding to show, the app's own last."""
        seen = set()
        own: list[tuple[str, str, str]] = []
        apps: list[tuple[str, str, str]] = []
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if not binding.show or not active.enabled or binding.action in seen:
                continue
            seen.add(binding.action)
            entry = (self.app.get_key_display(binding), binding.description, binding.key)
            (apps if active.node is self.app else own).append(entry)
        return own + apps

    def _part(self, sign: str, text: str, key: str) -> Content:
        press = Style.from_meta({"@click": f"app.press('{key}')"})
        sign, text = spelled(sign, self._signs), spelled(text, self._signs)
        return Content.assemble((sign, "bold $foreground"), f" {text}   ").stylize(press)
