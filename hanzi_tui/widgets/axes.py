"""The axes of a plot: a range that holds what was measured, and round numbers along it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hanzi_tui.widgets.chart import Trace, cells

ROUND = (1.0, 2.0, 5.0)
ROUND_OR_QUARTERS = (1.0, 2.0, 2.5, 5.0)
TICK_EVERY_COLUMNS = 14
BEST_ROWS_APART = 3  # ticks further apart, or closer, are worth some rows that stay empty
PENALTY = 0.05
MOST_DIGITS = 7
ROUNDING = 1e-9


@dataclass(frozen=True)
class Axis:
    """A range and its ticks."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]


def x_axis(low: float, high: float, columns: int) -> Axis:
    """Returns the axis from `low` to `high`; a number that would begin before it is left out."""
    first, last, step = _enclosing(low, high, max(3, columns // TICK_EVERY_COLUMNS))
    ticks = [n * step for n in range(first, last + 1) if low <= n * step <= high]
    numbers = [
        label if tick else "0" for tick, label in zip(ticks, _labels(ticks, step), strict=True)
    ]
    middles = cells(np.array(ticks), low, high, columns)
    labels = (number if middle >= len(number) // 2 else ""
              for number, middle in zip(numbers, middles, strict=True))  # fmt: skip
    return Axis(low, high, tuple(ticks), tuple(labels))


def y_axis(traces: Sequence[Trace], rows: int, log: bool) -> Axis:
    """Returns an axis of `rows` rows that encloses the traces, its ticks equally far apart.

    With `log`, traces and axis are log10 of values; below one power of ten its ticks are round
    values, which logarithms set apart unequally.
    """
    values = np.concatenate([v for t in traces for v in (t.ys, t.lows, t.highs)] or [np.zeros(0)])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    if high - low <= ROUNDING * max(abs(low), abs(high)):
        low, high = low - 0.1 * (abs(low) or 1), high + 0.1 * (abs(high) or 1)
    if not log:
        return _even(low, high, rows, _steps((high - low) / rows, ROUND_OR_QUARTERS))
    if high - low >= 1:
        powers = _even(low, high, rows, _steps(1.0))
        return replace(powers, labels=tuple(f"{10.0**power:g}" for power in powers.ticks))
    first, last, step = _enclosing(10**low, 10**high, rows // BEST_ROWS_APART or 1)
    ticks = [n * step for n in range(first, last + 1) if n > 0]
    logs = tuple(math.log10(tick) for tick in ticks)
    return Axis(min(low, logs[0]), max(high, logs[-1]), logs, _labels(ticks, step))


def _even(low: float, high: float, rows: int, steps: Iterable[float]) -> Axis:
    """Returns the axis whose ticks are whole rows apart and which leaves the fewest rows empty.

    Another range means another axis only where it crosses a row's round value, so that a curve
    that grows seldom moves the axis.
    """
    gaps = max(1, rows - 1)
    closest = range(min(2, gaps), max(2, gaps // 2) + 1)
    best: tuple[float, float, float] | None = None
    for step in steps:
        if best is not None and step / closest[-1] > best[0]:
            break
        for apart in closest:
            row = step / apart
            cost = row * (1 + PENALTY * abs(apart - BEST_ROWS_APART))
            rows_below = math.floor(low / row + ROUNDING) + gaps
            if rows_below >= high / row - ROUNDING and (best is None or cost < best[0]):
                best = cost, step, row
    assert best is not None  # the steps grow without end
    _cost, step, row = best
    bottom = math.floor(low / row + ROUNDING) * row
    top = bottom + gaps * row
    numbers = range(math.ceil(bottom / step - ROUNDING), math.floor(top / step + ROUNDING) + 1)
    ticks = [number * step for number in numbers]
    return Axis(bottom, top, tuple(ticks), _labels(ticks, step))


def _steps(least: float, multiples: Sequence[float] = ROUND) -> Iterator[float]:
    """Yields multiples of powers of ten from about `least` on, without end."""
    power = math.floor(math.log10(least))
    while True:
        yield from (multiple * 10.0**power for multiple in multiples)
        power += 1


def _enclosing(low: float, high: float, count: int) -> tuple[int, int, float]:
    """Returns a round step, and which multiples of it enclose the range by about `count` parts."""
    rough = (high - low) / count
    step = next(step for step in _steps(rough) if step >= rough * (1 - ROUNDING))
    return math.floor(low / step + ROUNDING), math.ceil(high / step - ROUNDING), step


def _labels(ticks: Sequence[float], step: float) -> tuple[str, ...]:
    """Returns the ticks as numbers of equally many decimals."""
    shifted = (step * 10**digits for digits in range(MOST_DIGITS + 1))
    digits = next((n for n, s in enumerate(shifted) if abs(s - round(s)) < 1e-6 and s > 0.5), None)
    short = digits is not None and max(map(abs, ticks), default=0.0) < 1e6
    return tuple(format(tick, f".{digits}f" if short else ".3g") for tick in ticks)
