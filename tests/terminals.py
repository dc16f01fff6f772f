"""A real terminal for a program under test."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Sequence


class Terminal:
    """Runs a command on a pseudo-terminal of its own.

    Args:
        command: program and arguments.
        columns, rows: size of the terminal.
    """

    def __init__(self, command: Sequence[str], columns: int = 120, rows: int = 36) -> None:
        self.drawn = b""
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            # Tests that run under nohup would hand on that a hang-up is ignored.
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            size = struct.pack("HHHH", rows, columns, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            # Readline may have put the size of another terminal into the environment.
            own = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
            os.execve(command[0], list(command), own | {"TERM": "xterm-256color"})

    def type(self, keys: bytes) -> None:
        os.write(self._descriptor, keys)

    def read_until(self, *marks: bytes, timeout_s: float = 60.0) -> bytes:
        """Reads until one of the marks was drawn, or the program ended, and returns all so far."""
        deadline = time.monotonic() + timeout_s
        while not any(mark in self.drawn for mark in marks):
            assert time.monotonic() < deadline, self.drawn
            if select.select([self._descriptor], [], [], 0.2)[0]:
                try:
                    self.drawn += os.read(self._descriptor, 65536)
                except OSError:
                    break
        return self.drawn

    def read_for(self, seconds: float) -> int:
        """Reads for so long, and returns how many bytes were drawn in it."""
        before, end = len(self.drawn), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._descriptor], [], [], left)[0]:
                self.drawn += os.read(self._descriptor, 65536)
        return len(self.drawn) - before

    def fill(self, timeout_s: float = 30.0) -> None:
        """Waits, without reading, until the terminal takes nothing more for a second."""
        deadline, before, since = time.monotonic() + timeout_s, -1, time.monotonic()
        while time.monotonic() - since < 1.0:
            assert time.monotonic() < deadline
            waiting = struct.unpack("i", fcntl.ioctl(self._descriptor, termios.FIONREAD, b"    "))
            if waiting[0] != before:
                before, since = waiting[0], time.monotonic()
            time.sleep(0.05)

    def hang_up(self, timeout_s: float = 60.0) -> int:
        """Closes the terminal, as a dropped link does, and returns the program's exit code."""
        os.close(self._descriptor)
        deadline = time.monotonic() + timeout_s
        while (ended := os.waitpid(self.pid, os.WNOHANG)) == (0, 0):
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise AssertionError("it lives on without its terminal")
            time.sleep(0.05)
        return os.waitstatus_to_exitcode(ended[1])

    def wait(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
