"""A curve in a cell of a table."""

from __future__ import annotations

import math

from hanzi_tui.signs import ASCII, UNICODE
from hanzi_tui.widgets.sparkline import sparkline


def test_a_sparkline_is_as_high_as_its_values() -> None:
    assert sparkline(range(8), 8, UNICODE) == "▁▂▃▄▅▆▇█"
    assert sparkline(range(8), 4, ASCII).isascii()
    assert sparkline([1, None, math.nan, 3], 4, UNICODE) == "▁  █"
    assert sparkline([2.0] * 100, 7, UNICODE) == "▁" * 7
    assert len(sparkline(range(1000), 12, ASCII)) == 12
    assert sparkline([], 5, UNICODE) == sparkline([None], 5, ASCII) == ""
    assert sparkline([1, 2], 0, UNICODE) == ""
