"""Signs of states, in Unicode and in ASCII for terminals that draw the former two cells wide."""

from __future__ import annotations

import locale
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.runs import Status


@dataclass(frozen=True)
class Signs:
    running: str
    done: str
    warning: str
    failed: str
    interrupted: str
    separator: str
    line: str
    full: str
    empty: str
    ellipsis: str

    def of(self, status: Status) -> str:
        """Returns the sign of a run's status."""
        return {
            "starting": self.running,
            "running": self.running,
            "finished": self.done,
            "stopped": self.interrupted,
            "failed": self.failed,
            "interrupted": self.interrupted,
        }[status.value]


UNICODE = Signs("●", "✓", "!", "✗", "◌", "·", "─", "█", "░", "…")
ASCII = Signs("*", "+", "!", "x", "o", "-", "-", "#", ".", "...")
_SPELLED = str.maketrans(
    {"…": "...", "↑": "up", "↓": "down", "←": "left", "→": "right", "⏎": "enter", "⌫": "backspace"}
)


def spelled(text: str, signs: Signs) -> str:
    """Returns one of our own texts, or the name of a key, in the characters of a set."""
    return text.translate(_SPELLED) if signs == ASCII else text


def signs(choice: str) -> Signs:
    """Returns the set for the setting `general.signs`; auto goes by the locale's encoding."""
    if choice == "auto":
        choice = "unicode" if locale.getpreferredencoding(False).lower() == "utf-8" else "ascii"
    return UNICODE if choice == "unicode" else ASCII
