"""Runs a program that may crash or hang, and tells how it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# A process that waits inside a driver cannot be killed; it is left behind after this long.
KILL_WAIT_S = 1.0


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Args:
        code: its exit code; negative for the number of the signal that ended it; None when it
            was killed at the time limit.
        out, err: what it wrote, also when it was killed.
        seconds: how long it ran.
    """

    code: int | None
    out: str
    err: str
    seconds: float

    @property
    def signal(self) -> str | None:
        """The name of the signal that ended it, such as "SIGSEGV"."""
        if self.code is None or self.code >= 0:
            return None
        try:
            return signal.Signals(-self.code).name
        except ValueError:
            return f"signal {-self.code}"


def run(command: Sequence[str], environ: Mapping[str, str], timeout_s: float) -> Ended:
    """Runs `command` in a session of its own, with nothing on its standard input.

    Raises:
        OSError: the program cannot be started.
    """
    start = time.monotonic()
    # Files and no pipes: a grandchild that holds a pipe open would keep its reader waiting.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            command,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        code: int | None
        try:
            code = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            code = None
            _kill(process)
        seconds = time.monotonic() - start
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    return Ended(code, texts[0], texts[1], seconds)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    try:
        process.wait(KILL_WAIT_S)
    except subprocess.TimeoutExpired:
        return
