"""Taking times in turn: A B A B ..., so that a slow spell of the machine meets every side."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable


def interleaved(rounds: int, sides: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Calls every side once a round, after a round that does not count.

    Args:
        rounds: that count.
        sides: name → what measures it once and returns the value.

    Returns:
        Name → its values, one a round.
    """
    values: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds + 1):
        for name, measure in sides.items():
            shown = f"round {number} of {rounds}" if number else "warm-up"
            print(f"  {name}, {shown}", file=sys.stderr, flush=True)
            value = measure()
            if number:
                values[name].append(value)
    return values


def seconds(call: Callable[[], object]) -> float:
    """Returns how long `call` takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
