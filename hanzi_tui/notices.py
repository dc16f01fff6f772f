"""What a terminal shows outside its window when a run has ended: bell and notification."""

from __future__ import annotations

import os
from collections.abc import Mapping

from hanzi_tui.i18n import _, printable
from hanzi_tui.wording import status_word
from pipeline.runs import Status

BELL = "\a"
PLAIN_TERMINALS = ("", "dumb", "linux")
"""Values of TERM of terminals that would print a notification as text."""

LONGEST = 200


def ending(run_id: str, status: Status) -> str:
    """Returns in words how a run has ended."""
    return _("{run}: {status}").format(run=run_id, status=status_word(status))


def notice(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """Returns what rings a terminal and has it tell `text`, none of which steers it.

    A notification goes by OSC 9 (iTerm2, Windows Terminal, kitty, ghostty, WezTerm) and OSC 777
    (urxvt, foot, VTE); a terminal that knows neither leaves them out. Within tmux the bell remains.
    """
    if environ.get("TERM", "") in PLAIN_TERMINALS:
        return BELL
    safe = printable(text)[:LONGEST]
    return f"{BELL}\x1b]9;{safe}\x1b\\\x1b]777;notify;hanzi-tui;{safe}\x1b\\"
