"""What the terminal can show, guessed from the environment: nothing is asked of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.environment import child
from pipeline.environment.builds import numbers
from pipeline.environment.system_files import read

TMUX_TIMEOUT_S = 1.0
# CHANGES of tmux 3.7: programs may use DEC mode 2026; before, their frames may show half drawn.
WHOLE_FRAMES_IN_TMUX = (3, 7)


@dataclass(frozen=True)
class TerminalFacts:
    """The terminal around this process, as far as variables tell. None stands for "not known".

    Args:
        is_terminal: whether standard input and output are one.
        term: the variable TERM; "" when not set.
        program: such as "kitty", "WezTerm" or "Windows Terminal".
        colors: "none", "16", "256" or "truecolor".
        graphics: "kitty", "sixel", "iterm" or None.
        synchronized_output: whether it draws a frame at once (DEC mode 2026).
        multiplexer: "tmux", "screen", "zellij" or None.
        multiplexer_version: such as "3.4".
        ssh, mosh: whether a link lies between.
        columns, rows: 0 where there is no terminal.
    """

    is_terminal: bool
    term: str
    program: str | None = None
    colors: str = "none"
    graphics: str | None = None
    synchronized_output: bool | None = None
    multiplexer: str | None = None
    multiplexer_version: str | None = None
    ssh: bool = False
    mosh: bool = False
    columns: int = 0
    rows: int = 0


@dataclass(frozen=True)
class _Program:
    """A terminal: the variables or the TERM that give it away, and what its newer versions draw."""

    name: str
    signs: tuple[str, ...]
    graphics: str | None
    synchronized: bool | None


_PROGRAMS = (
    _Program("kitty", ("KITTY_WINDOW_ID", "TERM=xterm-kitty"), "kitty", True),
    _Program("Ghostty", ("GHOSTTY_RESOURCES_DIR", "TERM=xterm-ghostty"), "kitty", True),
    _Program("WezTerm", ("WEZTERM_PANE", "TERM_PROGRAM=WezTerm"), "kitty", True),
    _Program("iTerm2", ("TERM_PROGRAM=iTerm.app", "LC_TERMINAL=iTerm2"), "iterm", True),
    _Program("foot", ("TERM=foot", "TERM=foot-extra"), "sixel", True),
    _Program("Alacritty", ("ALACRITTY_WINDOW_ID", "TERM=alacritty"), None, True),
    _Program("contour", ("TERM=contour", "TERMINAL_NAME=contour"), "sixel", True),
    _Program("mlterm", ("MLTERM", "TERM=mlterm"), "sixel", None),
    _Program("Konsole", ("KONSOLE_VERSION",), "kitty", None),
    _Program("Windows Terminal", ("WT_SESSION",), "sixel", None),
    _Program("VS Code", ("TERM_PROGRAM=vscode",), None, None),
    _Program("Apple Terminal", ("TERM_PROGRAM=Apple_Terminal",), None, False),
    _Program("VTE", ("VTE_VERSION",), None, None),
    _Program("Linux console", ("TERM=linux",), None, False),
)
_TRUECOLOR = ("kitty", "Ghostty", "WezTerm", "iTerm2", "foot", "Alacritty", "Windows Terminal")


def terminal(environ: Mapping[str, str] = os.environ, root: Path = Path("/")) -> TerminalFacts:
    """The terminal as the variables describe it, without a byte written to it.

    Args:
        root: the root of the file system that holds /proc.
    """
    multiplexer, version = _multiplexer(environ)
    program = next((one for one in _PROGRAMS if _shows(one, environ)), None)
    ancestors = list(_ancestors(root))
    columns, rows = _size()
    return TerminalFacts(
        is_terminal=os.isatty(0) and os.isatty(1),
        term=environ.get("TERM", ""),
        program=program.name if program else None,
        colors=_colors(environ, program),
        # A multiplexer draws by itself, and passes pictures on only where it is told to.
        graphics=program.graphics if program and not multiplexer else None,
        synchronized_output=_synchronized(program, multiplexer, version),
        multiplexer=multiplexer,
        multiplexer_version=version,
        ssh="SSH_CONNECTION" in environ or "SSH_TTY" in environ,
        mosh="mosh-server" in ancestors,
        columns=columns,
        rows=rows,
    )


def _shows(program: _Program, environ: Mapping[str, str]) -> bool:
    for sign in program.signs:
        name, _, value = sign.partition("=")
        if name in environ and (not value or environ[name] == value):
            return True
    return False


def _colors(environ: Mapping[str, str], program: _Program | None) -> str:
    term = environ.get("TERM", "")
    if environ.get("NO_COLOR") or term in ("", "dumb", "unknown"):
        return "none"
    if environ.get("COLORTERM") in ("truecolor", "24bit") or term.endswith("-direct"):
        return "truecolor"
    if program and program.name in _TRUECOLOR and not term.startswith(("tmux", "screen")):
        return "truecolor"
    return "256" if "256color" in term else "16"


def _synchronized(
    program: _Program | None, multiplexer: str | None, version: str | None
) -> bool | None:
    if multiplexer == "tmux" and numbers(version or ""):
        return numbers(version or "") >= WHOLE_FRAMES_IN_TMUX
    return program.synchronized if program and not multiplexer else None


def _multiplexer(environ: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Which one, and its version. tmux names itself from 3.2 on, and is asked before."""
    if "ZELLIJ" in environ:
        return "zellij", None
    if "TMUX" in environ:
        if environ.get("TERM_PROGRAM") == "tmux":
            return "tmux", environ.get("TERM_PROGRAM_VERSION")
        return "tmux", _tmux_version(environ)
    return ("screen", None) if "STY" in environ else (None, None)


def _tmux_version(environ: Mapping[str, str]) -> str | None:
    program = shutil.which("tmux", path=environ.get("PATH"))
    if program is None:
        return None
    ended = child.run([program, "-V"], environ, TMUX_TIMEOUT_S)
    return ended.out.strip().removeprefix("tmux ") or None


def _ancestors(root: Path) -> Iterator[str]:
    """The names of the processes above this one, the nearest first."""
    process = "self"
    while process not in ("0", "1"):
        text = read(root / "proc" / process / "stat")
        if text is None:
            return
        # The name, in brackets, may hold blanks and brackets itself.
        name, _, rest = text.partition("(")[2].rpartition(")")
        if process != "self":
            yield name
        process = rest.split()[1]


def _size() -> tuple[int, int]:
    try:
        size = os.get_terminal_size(1)
    except OSError:
        return 0, 0
    return size.columns, size.lines
