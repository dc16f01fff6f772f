"""The plots of a report as SVG; their colours are those of the style sheet, by day and by night."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hanzi_tui.i18n import _
from hanzi_tui.report.markup import Markup, element, joined
from pipeline.training.plot import scale
from pipeline.training.plot.curves import Curves
from pipeline.training.plot.scale import Scale

Row = dict[str, Any]
Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 460, 300
LEFT, RIGHT, TOP, BOTTOM = 50, 14, 26, 44
BAR_WIDTH, BAR_HEIGHT = 180, 14
DOT, MORE = 3.0, 6.0
"""Radius of a dot, and what it gains where it stands for all images."""

REJECTING = (0.5, 0.9, 0.99)
"""Thresholds that are named on the plot of coverage."""


def reliability(bins: Sequence[Row], fitted: bool) -> Markup:
    """Returns how often answers were right, by how sure they were.

    Args:
        bins: rows of calibration.csv.
        fitted: whether a temperature was.
    """
    across, up = _across(0.0, 1.0), _up(0.0, 1.0)
    bars = [
        element("rect", x=_px(across(row["low"]) + 1), y=_px(up(row["accuracy"])), class_="bar",
                width=_px(across(row["high"]) - across(row["low"]) - 2),
                height=_px(up(0.0) - up(row["accuracy"])))
        for row in bins if row["images"]
    ]  # fmt: skip
    shapes = [*bars, _line([(across(0), up(0)), (across(1), up(1))], "ideal")]
    for kind, suffix in (("first", ""), ("second", "_calibrated"))[: 2 if fitted else 1]:
        told = [row for row in bins if row[f"images{suffix}"]]
        images = sum(row["images" + suffix] for row in told)
        points = [(across(row["confidence" + suffix]), up(row["accuracy" + suffix]))
                  for row in told]  # fmt: skip
        shapes.append(_line(points, kind))
        shapes += [_dot(x, y, kind, DOT + MORE * math.sqrt(row["images" + suffix] / images))
                   for (x, y), row in zip(points, told, strict=True)]  # fmt: skip
    return _plot(_("How sure, and how often right"), across, up, _("probability of the answer"),
                 _("share that is right"), shapes)  # fmt: skip


def coverage(rows: Sequence[Row]) -> Markup:
    """Returns how right the answers are that remain when unsure ones are rejected.

    Args:
        rows: of coverage.csv.
    """
    told = [row for row in rows if row["images"]]
    lowest = min(row["accuracy"] for row in told)
    least = min(row["coverage"] for row in told)
    across = _across(min(0.9, int(least * 10) / 10), 1.0)
    up = scale.accuracies([lowest], HEIGHT - BOTTOM, TOP)
    points = [(across(row["coverage"]), up(row["accuracy"])) for row in told]
    shapes: list[Markup] = [_line(points, "first")]
    for row in told:
        if row["threshold"] in REJECTING:
            x, y = across(row["coverage"]), up(row["accuracy"])
            left = x < LEFT + 40
            shapes += [
                _dot(x, y, "first"),
                _text(x, y + 18, f"{row['threshold']:g}", "mark", "start" if left else "end"),
            ]
    return _plot(_("What rejecting unsure answers gains"), across, up, _("share that is answered"),
                 _("share of these that is right"), shapes)  # fmt: skip


def curve(curves: Curves, key: str, name: str) -> Markup:
    """Returns accuracy or loss over the epochs of a training, training and validation."""
    last = curves.epochs[-1].epoch + 1
    across = scale.epochs(last, LEFT, WIDTH - RIGHT)
    lines = {part: curves.points(part) for part in (key, f"val_{key}")}
    values = [value for points in lines.values() for _epoch, value in points]
    scaled = scale.accuracies if key == "accuracy" else scale.losses
    up = scaled(values, HEIGHT - BOTTOM, TOP)
    shapes: list[Markup] = []
    for points, kind in zip(lines.values(), ("second", "first"), strict=True):
        placed = [(across(epoch), up(value)) for epoch, value in points]
        shapes += [_line(placed, kind)] if len(placed) > 1 else _dotted(placed, kind)
    best = curves.epochs[curves.best]
    value = best.values.get(f"val_{key}", best.values.get(key))
    if value is not None:
        shapes.append(_dot(across(best.epoch + 1), up(value), "best"))
    return _plot(name, across, up, _("epoch"), "", shapes, share=key == "accuracy")


def interval(low: float, middle: float, high: float, least: float) -> Markup:
    """Returns a share and its interval on a line from `least` to 1, to stand in a table."""
    across = Scale(least, 1.0, 4, BAR_WIDTH - 4)
    y = BAR_HEIGHT / 2
    ends = [(across(max(low, least)), y), (across(high), y)]
    return _svg(BAR_WIDTH, BAR_HEIGHT, "interval", f"{low:.1%} – {high:.1%}", [
        _line([(4, y), (BAR_WIDTH - 4, y)], "rule"), _line(ends, "whisker"),
        _dot(across(max(middle, least)), y, "first"),
    ])  # fmt: skip


def _across(low: float, high: float) -> Scale:
    return Scale(low, high, LEFT, WIDTH - RIGHT)


def _up(low: float, high: float) -> Scale:
    return Scale(low, high, HEIGHT - BOTTOM, TOP)


def _plot(
    name: str,
    across: Scale,
    up: Scale,
    below: str,
    beside: str,
    shapes: Sequence[Markup],
    share: bool = True,
) -> Markup:
    """Returns shapes on axes; `share` says that the vertical axis counts in per cent."""
    axes: list[Markup] = []
    for value in up.ticks():
        axes.append(_line([(LEFT, up(value)), (WIDTH - RIGHT, up(value))], "rule"))
        axes.append(_text(LEFT - 8, up(value) + 4, _tick(value, share, up), "tick", "end"))
    whole = across.low >= 1
    for value in across.ticks(8):
        if not whole or value == int(value):
            axes.append(_text(across(value), HEIGHT - BOTTOM + 18, _tick(value, not whole, across),
                              "tick", "middle"))  # fmt: skip
    axes.append(_line([(LEFT, up.low_px), (WIDTH - RIGHT, up.low_px)], "axis"))
    axes.append(_text(WIDTH - RIGHT, HEIGHT - 6, below, "name", "end"))
    if beside:
        axes.append(_text(LEFT, 10, beside, "name", "start"))
    return _svg(WIDTH, HEIGHT, "plot", name, [*axes, *shapes])


def _tick(value: float, share: bool, along: Scale) -> str:
    if not share:
        return f"{value:.4g}"
    fine = along.high - along.low < 0.05
    return f"{value:.1%}" if fine else f"{value:.0%}"


def _svg(width: int, height: int, kind: str, told: str, shapes: Sequence[Markup]) -> Markup:
    return element("svg", element("title", told), *shapes, class_=kind, role="img",
                   viewBox=f"0 0 {width} {height}")  # fmt: skip


def _line(points: Points, kind: str) -> Markup:
    return element(
        "polyline", class_=kind, points=" ".join(f"{_px(x)},{_px(y)}" for x, y in points)
    )


def _dotted(points: Points, kind: str) -> list[Markup]:
    return [_line(points, kind), joined(*(_dot(x, y, kind) for x, y in points))]


def _dot(x: float, y: float, kind: str, radius: float = DOT) -> Markup:
    return element("circle", cx=_px(x), cy=_px(y), r=_px(radius), class_=kind)


def _text(x: float, y: float, text: str, kind: str, anchor: str) -> Markup:
    return element("text", text, x=_px(x), y=_px(y), class_=kind, text_anchor=anchor)


def _px(value: float) -> str:
    return f"{value:.1f}"
