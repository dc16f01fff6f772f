"""A curve in one line of text, for a cell of a table."""

from __future__ import annotations

from collections.abc import Sequence

from hanzi_tui.signs import ASCII, Signs

BARS = "▁▂▃▄▅▆▇█"
ASCII_BARS = "_.-=^"


def sparkline(values: Sequence[float | None], width: int, signs: Signs) -> str:
    """Returns at most `width` characters, each as high as the mean of its share of the values.

    The lowest is the least of them, the highest the greatest; None and what is not finite are
    blanks where nothing else was measured.
    """
    import numpy as np  # here, so that the bars cost a first screen nothing

    bars = ASCII_BARS if signs == ASCII else BARS
    numbers = np.array(values, dtype=np.float64)
    shares = [share[np.isfinite(share)] for share in np.array_split(numbers, max(1, width))]
    means = np.array([share.mean() if len(share) else np.nan for share in shares][: len(numbers)])
    known = means[np.isfinite(means)]
    if width < 1 or not len(known):
        return ""
    span = (known.max() - known.min()) or 1.0
    places = np.round((means - known.min()) / span * (len(bars) - 1))
    return "".join(bars[int(place)] if np.isfinite(place) else " " for place in places)
