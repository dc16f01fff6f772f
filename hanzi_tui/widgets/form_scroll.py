"""Forms below each other that scroll, and at their foot what the field in use is about."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from hanzi_tui.widgets.settings_form import SettingsForm


class FormScroll(VerticalScroll):
    """Holds forms; the help stays at the foot, and takes no room while no field is in use."""

    DEFAULT_CSS = """
    FormScroll > .help {
        dock: bottom; display: none;
        width: 100%; height: auto; max-height: 4;
        background: $panel; color: $muted;
    }
    """

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Static(classes="help", markup=False)

    @on(SettingsForm.Attended)
    def _show_help(self, event: SettingsForm.Attended) -> None:
        event.stop()
        # The form that is left speaks of it after the one that is entered, at times.
        if not event.help and any(form.is_entered for form in self.query(SettingsForm)):
            return
        help_text = self.query_one(".help", Static)
        help_text.update(event.help)
        help_text.display = bool(event.help)
