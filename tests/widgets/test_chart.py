"""What a chart makes of long series: smoothed, reduced to columns, on round axes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from shown_curves import noisy

from hanzi_tui.widgets.axes import x_axis, y_axis
from hanzi_tui.widgets.chart import Chart, Series, smoothed, trace


@pytest.mark.parametrize("weight", [0.0, 0.6, 0.9, 0.99])
def test_smoothing_is_that_of_tensorboard(weight: float) -> None:
    values = np.random.default_rng(1).normal(size=3000)
    last, expected = 0.0, []
    for count, value in enumerate(values, 1):
        last = last * weight + (1 - weight) * value
        expected.append(last / (1 - weight**count))
    np.testing.assert_allclose(smoothed(values, weight, np.arange(3000)), expected, atol=1e-9)


@pytest.mark.parametrize("weight", [0.0, 0.6])
def test_a_hundred_thousand_steps_become_two_points_a_column(weight: float) -> None:
    series = noisy(100_000)
    reduced = trace(series, 0, 1000, 110, weight)
    assert len(reduced.xs) <= 2 * 110
    assert reduced.highs.max() == series.points[1].max()
    assert reduced.lows.min() == series.points[1].min()


def test_new_points_never_move_old_ones() -> None:
    def but_the_last_column(steps: int) -> Sequence[tuple[float, ...]]:
        reduced = trace(noisy(steps), 0, 400, 110, 0.9)
        return list(zip(reduced.columns, reduced.lows, reduced.highs, reduced.ys, strict=True))[:-1]

    before, after = but_the_last_column(20_000), but_the_last_column(20_500)
    assert before == after[: len(before)]


def test_the_axis_grows_in_strides_up_to_what_is_planned() -> None:
    ends = [Chart("", (Series("", range(1, n + 1), [0] * n),), x_end=40).extent[1]
            for n in range(1, 41)]  # fmt: skip
    assert len(set(ends)) <= 12
    assert ends[-1] == 40
    assert all(end >= n and end <= 2 * n for n, end in enumerate(ends, 1))


@pytest.mark.parametrize("rows", [3, 5, 9, 12, 13, 15, 30])
@pytest.mark.parametrize("low, high", [(0.05, 1), (0.6, 3.3), (0.743, 2.2), (-1, -0.5), (5, 5.01)])
def test_numbers_on_the_vertical_axis_are_whole_rows_apart(
    low: float, high: float, rows: int
) -> None:
    axis = y_axis([trace(Series("", [0, 1], [low, high]), 0, 1, 40, 0)], rows, log=False)
    assert axis.low - 1e-9 <= low < high <= axis.high + 1e-9
    assert len(axis.ticks) >= 2
    row = (axis.high - axis.low) / (rows - 1)
    places = [(tick - axis.low) / row for tick in axis.ticks]
    np.testing.assert_allclose(places, np.round(places), atol=1e-6)
    assert len({round(b - a) for a, b in pairwise(places)}) <= 1
    assert len({len(label.partition(".")[2]) for label in axis.labels}) == 1


def test_powers_of_ten_are_whole_rows_apart_too() -> None:
    axis = y_axis([trace(Series("", [0, 1], [-3.4, 1.2]), 0, 1, 40, 0)], 16, log=True)
    places = [(tick - axis.low) / (axis.high - axis.low) * 15 for tick in axis.ticks]
    np.testing.assert_allclose(places, np.round(places), atol=1e-6)
    assert axis.labels == ("0.001", "0.01", "0.1", "1", "10")


def test_a_number_that_would_begin_before_the_axis_is_left_out() -> None:
    assert x_axis(0, 15, 54).labels == ("0", "5", "10", "15")
    axis = x_axis(99.9, 160.2, 54)
    assert (axis.ticks[0], axis.labels[0]) == (100, "")
