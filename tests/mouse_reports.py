"""What a terminal sends of the mouse: SGR reports, by cells or by pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from textual._xterm_parser import XTermParser
from textual.pilot import Pilot

Cell = tuple[int, int]
"""Column and row, from 0; pixels where the terminal reports those."""


def stroke_reports(*corners: Cell, released: bool = True) -> bytes:
    """Returns the reports of a stroke that leads from corner to corner, a step a cell."""
    way = [*steps(corners)]
    reports = [_report(0, way[0], "M"), *(_report(32, place, "M") for place in way)]
    if released:
        reports.append(_report(0, way[-1], "m"))
    return "".join(reports).encode()


def steps(corners: Sequence[Cell]) -> Iterator[Cell]:
    """Yields the way from corner to corner; a single corner is a way, too."""
    yield corners[0]
    for (x, y), (to_x, to_y) in pairwise(corners):
        count = max(abs(to_x - x), abs(to_y - y), 1)
        for step in range(1, count + 1):
            yield round(x + (to_x - x) * step / count), round(y + (to_y - y) * step / count)


def moved_to(place: Cell) -> bytes:
    """Returns the report of the mouse at a place with no button down."""
    return _report(35, place, "M").encode()


class ReportedMouse:
    """Sends the reports of a mouse to an app that runs without a terminal.

    Args:
        pilot: of the app.
        cell_px: size of a cell in a terminal that reports pixels.
    """

    def __init__(self, pilot: Pilot[None], cell_px: Cell | None = None) -> None:
        self._pilot = pilot
        self._parser = XTermParser()
        if cell_px is not None:
            columns, rows = pilot.app.size
            size = f"\x1b[48;{rows};{columns};{rows * cell_px[1]};{columns * cell_px[0]}t"
            assert list(self._parser.feed(size))

    async def send(self, reports: bytes) -> None:
        driver = self._pilot.app._driver
        assert driver is not None
        for message in self._parser.feed(reports.decode()):
            driver.process_message(message)
        await self._pilot.pause()


def _report(button: int, place: Cell, end: str) -> str:
    return f"\x1b[<{button};{place[0] + 1};{place[1] + 1}{end}"
