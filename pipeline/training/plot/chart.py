"""The picture the old scripts saved: accuracy above, loss below, over epochs or minutes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.training.plot import scale
from pipeline.training.plot.curves import Across, Curves
from pipeline.training.plot.drawing import Drawing, Line, Ring, Text
from pipeline.training.plot.scale import Scale

Shapes = Iterator[Line | Ring | Text]

WIDTH, PANEL, GAP = 960, 340, 84
LEFT, RIGHT, TOP, BOTTOM = 72, 28, 24, 48
LEGEND_LINE = 22
PAPER, INK, MUTED, RULE = "#fdfcf9", "#2b2a27", "#77736a", "#e4e0d8"
COLOURS = ("#c8402a", "#2f6f9f", "#4f8a5b", "#b5822a", "#7a4f9a", "#3b3a36")
"""One a run, and again from the first where there are more."""

PANELS = (("accuracy", scale.accuracies), ("loss", scale.losses))
UNITS: dict[Across, str] = {"epochs": "epoch", "minutes": "minutes"}


def chart(runs: Sequence[Curves], by: Across = "epochs") -> Drawing:
    """Returns the curves of trainings over each other; training is dashed, validation solid."""
    head = TOP + LEGEND_LINE * (len(runs) + 1)
    last = max(curves.places(by)[-1] for curves in runs)
    across = (scale.epochs if by == "epochs" else scale.minutes)(last, LEFT, WIDTH - RIGHT)
    shapes = list(_legend(runs))
    for number, (key, scaled) in enumerate(PANELS):
        top = head + GAP // 2 + number * (PANEL + GAP)
        values = [value for curves in runs for part in (key, f"val_{key}")
                  for _place, value in curves.points(part)]  # fmt: skip
        up = scaled(values, top + PANEL, top)
        shapes += _axes(key, across, up, UNITS[by])
        for curves, colour in zip(runs, _colours(runs), strict=True):
            shapes += _curves(curves, key, by, colour, across, up)
    height = head + GAP // 2 + len(PANELS) * (PANEL + GAP) - GAP + BOTTOM
    return Drawing(WIDTH, height, PAPER, shapes)


def _colours(runs: Sequence[Curves]) -> list[str]:
    return [COLOURS[number % len(COLOURS)] for number in range(len(runs))]


def _legend(runs: Sequence[Curves]) -> Shapes:
    """Yields a line for each run, and one that says what dashed, solid and ringed mean."""
    for number, (curves, colour) in enumerate(zip(runs, _colours(runs), strict=True)):
        y = TOP + LEGEND_LINE * (number + 0.7)
        yield Line([(LEFT, y - 5), (LEFT + 28, y - 5)], colour, 3)
        yield Text((LEFT + 38, y), curves.name, 15, INK)
        yield Text((WIDTH - RIGHT, y), _best(curves), 14, MUTED, "end")
    y = TOP + LEGEND_LINE * (len(runs) + 0.7)
    yield Line([(LEFT, y - 4), (LEFT + 28, y - 4)], MUTED, 1.5, dashed=True)
    yield Text((LEFT + 38, y), "training", 13, MUTED)
    yield Line([(LEFT + 120, y - 4), (LEFT + 148, y - 4)], MUTED, 2.5)
    yield Text((LEFT + 158, y), "validation", 13, MUTED)
    yield Ring((LEFT + 254, y - 4), 5, MUTED)
    yield Text((LEFT + 268, y), "best epoch", 13, MUTED)


def _best(curves: Curves) -> str:
    best, count = curves.epochs[curves.best], len(curves.epochs)
    accuracy = best.values.get("val_accuracy", best.values.get("accuracy"))
    told = "" if accuracy is None else f"accuracy {accuracy:.4f}, "
    return f"{told}best epoch {best.epoch + 1} of {count}"


def _axes(name: str, across: Scale, up: Scale, unit: str) -> Shapes:
    for value in up.ticks():
        y = up(value)
        yield Line([(LEFT, y), (WIDTH - RIGHT, y)], RULE)
        yield Text((LEFT - 10, y + 4), f"{value:.4g}", 13, MUTED, "end")
    for value in across.ticks(12):
        if value == int(value):
            yield Line([(across(value), up.low_px), (across(value), up.low_px + 5)], MUTED)
            yield Text((across(value), up.low_px + 20), f"{value:.0f}", 13, MUTED, "middle")
    yield Line([(LEFT, up.low_px), (WIDTH - RIGHT, up.low_px)], MUTED)
    title = f"{name} (logarithmic)" if up.logarithmic else name
    yield Text((LEFT, up.high_px - 10), title, 15, INK)
    yield Text((WIDTH - RIGHT, up.low_px + 36), unit, 13, MUTED, "end")


def _curves(curves: Curves, key: str, by: Across, colour: str, across: Scale, up: Scale) -> Shapes:
    for part, width in ((key, 1.5), (f"val_{key}", 2.5)):
        points = [(across(place), up(value)) for place, value in curves.points(part, by)]
        if len(points) > 1:
            yield Line(points, colour, width, dashed=part == key)
        elif points:
            yield Ring(points[0], 2, colour, width)
    best = curves.epochs[curves.best]
    value = best.values.get(f"val_{key}", best.values.get(key))
    if value is not None:
        yield Ring((across(curves.places(by)[curves.best]), up(value)), 5, colour)
