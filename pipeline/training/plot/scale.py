"""From values to pixels along one axis, and where its ticks stand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LOGARITHMIC_FROM = 50.0
"""Values whose largest is so many times the smallest are drawn by their powers of ten."""


@dataclass(frozen=True)
class Scale:
    """Maps `low` to `low_px` and `high` to `high_px`."""

    low: float
    high: float
    low_px: float
    high_px: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        low, high, at = self.low, self.high, value
        if self.logarithmic:
            low, high, at = math.log(low), math.log(high), math.log(max(value, low))
        return self.low_px + (at - low) / (high - low) * (self.high_px - self.low_px)

    def ticks(self, most: int = 6) -> list[float]:
        """Returns round values within the scale, some `most` at the most."""
        if self.logarithmic:
            return _powers(self.low, self.high)
        step = _round_step((self.high - self.low) / most)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


def accuracies(values: Sequence[float], low_px: float, high_px: float) -> Scale:
    """Returns a scale that ends at 1, where a curve of accuracy wants to go."""
    low = min(values, default=0.0)
    step = _round_step((1.0 - low) / 6 or 0.01)
    return Scale(max(0.0, math.floor(low / step) * step) if low < 1 else 0.99, 1.0, low_px, high_px)


def losses(values: Sequence[float], low_px: float, high_px: float) -> Scale:
    """Returns a scale from 0, or a logarithmic one where the values differ by magnitudes."""
    high = max(values, default=1.0) or 1.0
    low = min((value for value in values if value > 0), default=high)
    if high / low > LOGARITHMIC_FROM:
        return Scale(low * 0.8, high * 1.2, low_px, high_px, logarithmic=True)
    step = _round_step(high / 6)
    return Scale(0.0, math.ceil(high / step) * step, low_px, high_px)


def epochs(last: float, low_px: float, high_px: float) -> Scale:
    """Returns the scale of epochs 1 to `last`, with some room where there is only one."""
    return Scale(1, max(last, 2), low_px, high_px)


def minutes(last: float, low_px: float, high_px: float) -> Scale:
    """Returns the scale of minutes 0 to `last`."""
    return Scale(0.0, max(last, 1.0), low_px, high_px)


def _round_step(least: float) -> float:
    """Returns the smallest of 1, 2 and 5 times a power of ten that is no less."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9))


def _powers(low: float, high: float) -> list[float]:
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [10.0**exponent * factor for exponent in exponents for factor in (1, 2, 5)]
    return [value for value in found if low <= value <= high]
