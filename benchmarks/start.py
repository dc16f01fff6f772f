"""How long people wait for the program to say what it can do."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.rounds import interleaved, seconds
from benchmarks.setup import Setup, main
from benchmarks.table import Budget, Row

BARE = [sys.executable, "-c", "pass"]
PROGRAM = str(Path(sysconfig.get_path("scripts")) / "hanzi-tui")


def rows(setup: Setup) -> Iterator[Row]:
    """Measures `--help` of the program and of all its commands."""
    from hanzi_tui.cli import command_line

    commands = [name for name in command_line() if not name.startswith("-")]
    arguments = [["--help"], *([name, "--help"] for name in commands)]
    sides: dict[str, Callable[[], float]] = {"python -c pass": lambda: _to_end(BARE, setup.folder)}
    for words in arguments:
        sides[" ".join(["hanzi-tui", *words])] = partial(_to_end, [PROGRAM, *words], setup.folder)
    values = interleaved(setup.rounds, sides)
    bare = values.pop("python -c pass")
    for name, taken in values.items():
        budget = Budget("≤", 0.3 if name == "hanzi-tui --help" else 0.4, "s")
        yield Row(name, "s", taken, "python -c pass", bare, budget)


def _to_end(command: Sequence[str], folder: Path) -> float:
    def call() -> None:
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)

    return seconds(call)


if __name__ == "__main__":
    main(rows)
