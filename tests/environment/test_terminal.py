"""Terminal and locale are guessed from variables; not one byte goes to the terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.environment.diagnose import diagnose
from pipeline.environment.locales import locale
from pipeline.environment.probes import Facts
from pipeline.environment.terminal import TerminalFacts, terminal


@pytest.mark.parametrize(
    ("environ", "program", "colors", "graphics"),
    [
        ({"TERM": "xterm-kitty", "COLORTERM": "truecolor"}, "kitty", "truecolor", "kitty"),
        ({"TERM": "foot"}, "foot", "truecolor", "sixel"),
        ({"TERM": "xterm-256color", "WT_SESSION": "1"}, "Windows Terminal", "truecolor", "sixel"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "iTerm2", "truecolor", "iterm"),
        (
            {"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"},
            "Apple Terminal",
            "256",
            None,
        ),
        ({"TERM": "linux"}, "Linux console", "16", None),
        ({"TERM": "xterm-256color"}, None, "256", None),
        ({"TERM": "xterm-kitty", "NO_COLOR": "1"}, "kitty", "none", "kitty"),
        ({"TERM": "dumb"}, None, "none", None),
        ({}, None, "none", None),
    ],
)
def test_a_terminal_is_known_by_its_variables(environ, program, colors, graphics) -> None:
    found = terminal(environ)
    assert (found.program, found.colors, found.graphics) == (program, colors, graphics)
    assert (found.multiplexer, found.ssh) == (None, False)


def test_a_multiplexer_hides_what_the_terminal_could_draw(tmp_path: Path) -> None:
    environ = {"TERM": "tmux-256color", "KITTY_WINDOW_ID": "1", "TMUX": "/tmp/tmux-1/default,1,0"}
    named = terminal({**environ, "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.4"})
    assert (named.multiplexer, named.multiplexer_version) == ("tmux", "3.4")
    assert (named.graphics, named.synchronized_output, named.colors) == (None, False, "256")
    newer = terminal({**environ, "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.7b"})
    assert newer.synchronized_output is True
    (tmp_path / "tmux").write_text("#!/bin/sh\necho tmux 2.9a\n")
    (tmp_path / "tmux").chmod(0o755)
    assert terminal({**environ, "PATH": str(tmp_path)}).multiplexer_version == "2.9a"
    assert terminal({**environ, "PATH": ""}).multiplexer_version is None


def test_a_link_between_is_known(tmp_path: Path) -> None:
    for pid, name, parent in (("self", "python", 7), ("7", "a (b) c", 5), ("5", "mosh-server", 1)):
        (tmp_path / "proc" / pid).mkdir(parents=True)
        (tmp_path / "proc" / pid / "stat").write_text(f"99 ({name}) S {parent} 99 99 0 -1\n")
    found = terminal({"TERM": "xterm", "SSH_CONNECTION": "10.0.0.2 1 10.0.0.1 22"}, tmp_path)
    assert (found.ssh, found.mosh) == (True, True)
    (tmp_path / "proc/5/stat").write_text("5 (sshd-session) S 1 5 5 0 -1\n")
    assert not terminal({"TERM": "xterm"}, tmp_path).mosh


def test_nothing_is_written_to_a_real_terminal() -> None:
    main, side = pty.openpty()
    script = (
        "import sys\n"
        "from pipeline.environment.terminal import terminal\n"
        "found = terminal()\n"
        "print(found.is_terminal, found.columns, found.rows, file=sys.stderr)\n"
    )
    environ = {**os.environ, "TERM": "xterm-kitty"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        stdin=side,
        stdout=side,
        stderr=subprocess.PIPE,
        env=environ,
        check=True,
        timeout=60,
    )
    os.close(side)
    assert done.stderr.split()[0] == b"True"
    try:
        assert os.read(main, 1000) == b""
    except OSError:
        # Linux tells the end of a terminal nobody holds any more by an error.
        pass
    finally:
        os.close(main)


@pytest.mark.parametrize(
    ("found", "codes", "fix"),
    [
        (TerminalFacts(True, "xterm-256color", colors="256"), [], None),
        (TerminalFacts(True, "xterm-256color", colors="none"), [], None),  # by NO_COLOR
        (TerminalFacts(True, "xterm", colors="16"), ["terminal_colors"],
         "export TERM=xterm-256color"),
        (TerminalFacts(True, "screen", colors="16", multiplexer="screen"), ["terminal_colors"],
         "export TERM=screen-256color"),
        (TerminalFacts(True, "dumb"), ["terminal_unnamed"], "export TERM=xterm-256color"),
        (TerminalFacts(False, "dumb"), [], None),  # in a pipe
        (TerminalFacts(True, "linux", colors="16"), ["terminal_console"], None),
        (TerminalFacts(True, "tmux-256color", colors="256", multiplexer="tmux",
                       multiplexer_version="3.2a"), ["tmux_old"], None),
        (TerminalFacts(True, "tmux-256color", colors="256", multiplexer="tmux",
                       multiplexer_version="next-3.8"), [], None),
    ],
)  # fmt: skip
def test_a_weak_terminal_is_told_what_to_set(found, codes, fix) -> None:
    warnings = [one for one in diagnose(Facts(terminal=found)).findings if one.severity != "ok"]
    told = [one for one in warnings if one.code != "environment.tensorflow_missing"]
    assert [one.code.removeprefix("environment.") for one in told] == codes
    assert [one.fix for one in told] == [fix] * len(codes)


@pytest.mark.parametrize(
    ("environ", "name", "variable", "utf8", "wide"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN.UTF-8", "LANG", True, True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, "C", "LC_ALL", False, False),
        ({"LANG": "ja_JP.eucJP", "LC_CTYPE": "C.UTF-8"}, "C.UTF-8", "LC_CTYPE", True, False),
        ({"LANG": "zh_CN.GB18030"}, "zh_CN.GB18030", "LANG", False, True),
        ({"LANG": "de_DE.utf8@euro", "LC_ALL": ""}, "de_DE.utf8@euro", "LANG", True, False),
        ({}, "C", "", False, False),
    ],
)
def test_the_locale_is_the_one_the_variables_choose(environ, name, variable, utf8, wide) -> None:
    found = locale(environ)
    assert (found.name, found.variable) == (name, variable)
    assert (found.utf8, found.ambiguous_wide) == (utf8, wide)


def test_a_locale_that_this_system_does_not_have_is_told(tmp_path: Path) -> None:
    chinese, german = {"LANG": "zh_CN.UTF-8"}, {"LANG": "de_DE.UTF-8"}
    assert locale(chinese, tmp_path).installed is None
    folder = tmp_path / "usr/lib/locale"
    (folder / "de_DE.utf8").mkdir(parents=True)
    assert [locale(one, tmp_path).installed for one in (chinese, german)] == [False, True]
    (folder / "locale-archive").write_bytes(b"\x09\x01\0\0en_US.utf8\0zh_CN.utf8\0\0")
    assert locale(chinese, tmp_path).installed is True
    assert locale({"LANG": "fr_FR.UTF-8"}, tmp_path).installed is False
    assert locale({}, tmp_path).installed is True
