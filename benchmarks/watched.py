"""A program on a terminal of its own, with every byte it draws counted."""

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

import psutil

COLUMNS, ROWS = 120, 36
SYNCHRONISED = b"\x1b[?2026$p"


class Watched:
    """Runs a command on a pseudo-terminal of 120 by 36 cells that answers as modern ones do."""

    def __init__(self, command: Sequence[str], folder: str | os.PathLike[str]) -> None:
        self.began = time.perf_counter()
        self.drawn = b""
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.chdir(folder)
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(command[0], list(command))

    def until(self, *marks: bytes, timeout_s: float = 60.0) -> float:
        """Reads until all marks were drawn; returns the seconds since the start."""
        while not all(mark in self.drawn for mark in marks):
            if time.perf_counter() - self.began > timeout_s:
                raise TimeoutError(f"{marks} were not drawn: {self.drawn[-2000:]!r}")
            self._read(0.05)
        return time.perf_counter() - self.began

    def bytes_in(self, seconds: float) -> int:
        """Reads for so long; returns the bytes that were drawn in it."""
        before, end = len(self.drawn), time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)
        return len(self.drawn) - before

    def type(self, keys: bytes) -> None:
        os.write(self._descriptor, keys)

    def memory_mb(self) -> float:
        """Returns its resident memory."""
        return float(psutil.Process(self.pid).memory_info().rss) / 1e6

    def cpu_s(self) -> float:
        """Returns the processor time it has taken, in seconds of one core."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    def end(self) -> None:
        """Hangs up, as a dropped link does."""
        os.close(self._descriptor)
        deadline = time.perf_counter() + 10
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            if time.perf_counter() > deadline:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.05)

    def _read(self, wait_s: float) -> None:
        if select.select([self._descriptor], [], [], wait_s)[0]:
            try:
                content = os.read(self._descriptor, 65536)
            except OSError:  # the program has ended
                time.sleep(wait_s)
                return
            if SYNCHRONISED in content:
                self.type(b"\x1b[?2026;2$y")
            self.drawn += content
