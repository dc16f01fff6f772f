"""What a chart holds: series of measured values, smoothed and reduced to the columns of a plot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
LARGEST = 1e30  # what is beyond is no measurement, and NaN is not below it
ROUNDING = 5e-9  # plotext rounds places to 8 digits


@dataclass(frozen=True, eq=False)
class Series:
    """One curve.

    Args:
        name: shown literally.
        xs: where it was measured, in epochs, say.
        ys: what was measured there; None, NaN and infinities are gaps.
        role: how it is drawn; each "other" has a colour and a letter of its own.
        scope: "step" values can be smoothed, those of whole epochs are shown as they are.
    """

    name: str
    xs: Sequence[float] | Floats
    ys: Sequence[float | None] | Floats
    role: Literal["train", "validation", "other"] = "train"
    scope: Literal["step", "epoch"] = "epoch"

    @cached_property
    def points(self) -> tuple[Floats, Floats, Indices]:
        """The finite points by ascending x, and how many gaps precede each."""
        count = min(len(self.xs), len(self.ys))
        xs = np.asarray(self.xs[:count], dtype=np.float64)
        ys: Floats = np.asarray(self.ys[:count], dtype=np.float64)
        if np.any(np.diff(xs) < 0):
            order = np.argsort(xs, kind="stable")
            xs, ys = xs[order], ys[order]
        known = (np.abs(xs) < LARGEST) & (np.abs(ys) < LARGEST)
        if known.all():
            return xs, ys, np.zeros(len(xs), dtype=np.intp)
        return xs[known], ys[known], np.cumsum(~known, dtype=np.intp)[known]


@dataclass(frozen=True, eq=False)
class Chart:
    """One metric of one or several runs.

    Args:
        title: name of the metric.
        series: drawn in this order, the last on top.
        x_label: what `xs` count.
        x_end: where the x axis will end, such as the epochs planned; it grows there in strides.
        best: which extreme of the first validation series is marked.
    """

    title: str = ""
    series: tuple[Series, ...] = ()
    x_label: str = ""
    x_end: float | None = None
    best: Literal["max", "min"] | None = None

    @cached_property
    def best_point(self) -> tuple[float, float] | None:
        """The best (x, y), the earliest of equals; None while there is none."""
        for series in self.series if self.best else ():
            xs, ys, _gaps = series.points
            if series.role == "validation" and len(ys):
                at = int(ys.argmax() if self.best == "max" else ys.argmin())
                return float(xs[at]), float(ys[at])
        return None

    @cached_property
    def extent(self) -> tuple[float, float]:
        """The whole x range; it grows in strides, so that most updates leave the axis alone."""
        known = [series.points[0] for series in self.series if len(series.points[0])]
        low = float(min((xs[0] for xs in known), default=0.0))
        high = float(max((xs[-1] for xs in known), default=1.0))
        low = 0.0 if 0 <= low <= max(high / 2, 1) else low
        span = (high - low) or 1.0
        power = 10.0 ** math.floor(math.log10(span))
        strides = (stride * power for stride in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15))
        end = low + next(stride for stride in strides if stride >= span)
        return low, min(end, self.x_end) if self.x_end and self.x_end >= high else end

    def nearest(self, number: int, x: float, near: float) -> int | None:
        """Returns the index of the point of a series nearest to `x`; None beyond its ends."""
        xs = self.series[number].points[0]
        if not len(xs) or not xs[0] - near <= x <= xs[-1] + near:
            return None
        return int(np.abs(xs - x).argmin())


@dataclass(frozen=True)
class Trace:
    """A series reduced to columns: a line, and what its raw values span in each column."""

    xs: Floats
    ys: Floats
    columns: Indices
    lows: Floats
    highs: Floats
    lasts: Floats  # x of the last point in each column


def smoothed(values: Floats, weight: float, at: Indices) -> Floats:
    """Returns the exponential moving average of `values` at the indices `at`.

    Debiased as in TensorBoard (vz_line_chart2/line-chart.ts, `resmoothDataset`):
    s[i] = sum(weight**k * values[i - k]) * (1 - weight) / (1 - weight**(i + 1)).
    Terms below 1e-12 are left out, so that a few values of many cost little.
    """
    if not weight or not len(at):
        return values[at]
    reach = min(len(values), math.ceil(math.log(1e-12) / math.log(weight)))
    windows = sliding_window_view(np.concatenate([np.zeros(reach - 1), values]), reach)
    weights = weight ** np.arange(reach - 1, -1, -1.0)
    return np.asarray(windows[at] @ weights * (1 - weight) / (1 - weight ** (at + 1.0)))


def cells(values: Floats, low: float, high: float, count: int) -> Indices:
    """Returns at which of `count` cells plotext puts values of an axis from `low` to `high`."""
    share = (values - low) / (high - low)
    return np.floor(0.5 + ROUNDING + (count - 1) * share).astype(np.intp)


def trace(series: Series, low: float, high: float, columns: int, smoothing: float) -> Trace:
    """Reduces what a series has from `low` to `high` to at most two points a column.

    Long series keep the minimum and maximum of each column (column-wise aggregation: Jugel et
    al., M4, VLDB 2014) or, where smoothed, the last value. Columns depend on x alone, so that
    new points never move old ones.
    """
    xs, ys, gaps = series.points
    weight = smoothing if series.scope == "step" else 0.0
    begin, end = (int(at) for at in (xs.searchsorted(low), xs.searchsorted(high, "right")))
    # The inverse of `cells`: where each column begins.
    edges = low + (np.arange(columns + 1) - 0.5 - ROUNDING) / (columns - 1) * (high - low)
    bounds = xs.searchsorted(edges).clip(begin, end)
    filled = np.flatnonzero(np.diff(bounds))
    starts, lasts = bounds[filled], bounds[filled + 1] - 1
    lows = np.minimum.reduceat(ys[:end], starts) if len(starts) else ys[:0]
    highs = np.maximum.reduceat(ys[:end], starts) if len(starts) else ys[:0]
    long = end - begin > 2 * columns
    # One point beyond each end, for the line to go on to the edge.
    before, after = np.arange(max(begin - 1, 0), begin), np.arange(end, min(end + 1, len(xs)))
    at = np.concatenate([before, lasts if long else np.arange(begin, end), after])
    x, y, gap = xs[at], smoothed(ys, weight, at), gaps[at]
    if long and not weight:
        pairs = np.concatenate([before, np.repeat(lasts, 2), after])
        extremes = np.column_stack([lows, highs]).ravel()
        x, y, gap = xs[pairs], np.concatenate([ys[before], extremes, ys[after]]), gaps[pairs]
    for outer, inner, edge in ((0, 1, low), (-1, -2, high)):
        if len(x) > 1 and gap[outer] == gap[inner] and (x[outer] < edge) != (x[inner] < edge):
            share = (edge - x[inner]) / (x[outer] - x[inner])
            x[outer], y[outer] = edge, y[inner] + share * (y[outer] - y[inner])
    inside = (x >= low) & (x <= high)
    x, y, gap = x[inside], y[inside], gap[inside]
    cuts = np.flatnonzero(np.diff(gap)) + 1
    return Trace(np.insert(x, cuts, np.nan), np.insert(y, cuts, np.nan), filled, lows, highs,
                 xs[lasts])  # fmt: skip
