"""runs."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from hanzi_tui.screens.room import Room


class RunsRoom(Room):
    MODE = "runs"

    def body(self) -> ComposeResult:
        yield Static("runs")
