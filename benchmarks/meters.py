"""What the meters of the GPUs cost, with recorded answers of the driver that change each second."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.setup import Setup, main
from benchmarks.table import Budget, Row
from benchmarks.watched import Watched

FILLED_S = 10.0
"""After this long the history is full, and every reading moves the curves."""
MEASURED_S = 30.0
GPUS = (1, 8)
METERED = Path(__file__).resolve().parents[1] / "tests/metered.py"


def rows(setup: Setup) -> Iterator[Row]:
    """Watches the meters of one GPU and of eight; processor time includes all of the dashboard."""
    folder = setup.folder / "meters"
    folder.mkdir()
    for count in GPUS:
        program = Watched([sys.executable, str(METERED), str(count)], folder)
        try:
            program.until(f"GPU {count - 1}".encode())
            program.bytes_in(FILLED_S)
            before_s = program.cpu_s()
            rate = program.bytes_in(MEASURED_S) / MEASURED_S / 1000
            taken_ms = 1000 * (program.cpu_s() - before_s) / MEASURED_S
        finally:
            program.end()
        what = f"meters of {count} GPU{'s' if count > 1 else ''}"
        yield Row(what, "kB/s", [rate], budget=Budget("≤", 2, "kB/s"))
        yield Row(f"{what}: of a core", "ms/s", [taken_ms], budget=Budget("≤", 10, "ms/s"))


if __name__ == "__main__":
    main(rows)
