"""settings."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from hanzi_tui.screens.room import Room


class SettingsRoom(Room):
    MODE = "settings"

    def body(self) -> ComposeResult:
        yield Static("settings")
