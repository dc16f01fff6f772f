"""What must be right about the terminal for the dashboard: colours, and a tmux that is not old."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.environment.builds import numbers
from pipeline.environment.findings import Finding, warning
from pipeline.environment.fixes import tools
from pipeline.environment.probes import Facts

# CHANGES of tmux: 3.4 draws combined characters anew, and knows sixel pictures and links.
GOOD_TMUX = (3, 4)
NO_TERMINAL = ("", "dumb", "unknown")
CONSOLE = "linux"
BETTER_TERM = {
    "tmux": "tmux set -g default-terminal tmux-256color",
    "screen": "export TERM=screen-256color",
}
"""By the multiplexer that draws; in tmux it counts for windows opened after it."""


def colors(facts: Facts) -> Iterator[Finding]:
    """The terminal is told to programs as one that moves the cursor and shows 256 colours."""
    found = facts.terminal
    if found is None or not found.is_terminal:
        return
    fix = BETTER_TERM.get(found.multiplexer or "", "export TERM=xterm-256color")
    if found.term in NO_TERMINAL:
        yield warning("terminal_unnamed", fix, term=found.term)
    elif found.term == CONSOLE:
        yield warning("terminal_console")
    elif found.colors == "16":
        yield warning("terminal_colors", fix, term=found.term)


def tmux(facts: Facts) -> Iterator[Finding]:
    """The tmux around the dashboard is not old; a version that is no number may be a new one."""
    found = facts.terminal
    if found is None or not found.is_terminal or found.multiplexer != "tmux":
        return
    version = found.multiplexer_version or ""
    if () < numbers(version) < GOOD_TMUX:
        conda = tools(facts).conda
        fix = f"{conda} install -c conda-forge tmux" if conda else None
        yield warning("tmux_old", fix, version=version)


TERMINAL_RULES = (colors, tmux)
