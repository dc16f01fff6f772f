"""recognition."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from hanzi_tui.screens.room import Room


class RecognitionRoom(Room):
    MODE = "recognition"

    def body(self) -> ComposeResult:
        yield Static("recognition")
