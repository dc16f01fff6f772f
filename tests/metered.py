"""A program: the dashboard on a machine whose recorded GPUs are at work, other numbers a second.

    python tests/metered.py GPUS

The minute of history is filled in a few seconds; then there is one reading a second, as always.
"""

from __future__ import annotations

import random
import sys
import threading
from typing import Any

from recorded_driver import GIB, FakeNvml, recorded_a100

from hanzi_tui import machine_watch
from hanzi_tui.launch import open_dashboard
from pipeline.configuration import resolve

FILL_S = 5.0
READINGS_BEFORE = 80


class Working(FakeNvml):
    """GPUs whose numbers differ at every look."""

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Any:  # noqa: N802
        device = super().nvmlDeviceGetHandleByIndex(index)
        device.update(
            busy=random.randrange(101),
            memory=(80 * GIB, random.randrange(80 * GIB)),
            temperature=random.randrange(40, 90),
            power_mw=random.randrange(400_000),
            clocks={1: random.randrange(1410), 2: 1593},
        )
        return device


def main() -> None:
    random.seed(0)
    gpus = [{**recorded_a100(), "uuid": f"GPU-{number}"} for number in range(int(sys.argv[1]))]
    sys.modules["pynvml"] = Working(gpus, "550.54.15", 12040, None)
    usual_s = machine_watch.CLOSE_S
    machine_watch.CLOSE_S = FILL_S / READINGS_BEFORE
    slow_down = threading.Timer(FILL_S, setattr, (machine_watch, "CLOSE_S", usual_s))
    slow_down.daemon = True
    slow_down.start()
    open_dashboard(resolve(), None)


if __name__ == "__main__":
    main()
