"""A minute of processor, memory and GPUs, a line each."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from hanzi_tui.facts import GIBIBYTE, strangers
from hanzi_tui.i18n import _, printable
from hanzi_tui.machine_watch import Reading
from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.widgets.lines import Lines
from hanzi_tui.widgets.sparkline import ASCII_BARS, BARS

SAMPLES = 30
"""At a reading every two seconds, a minute."""
WIDTHS = (30, 15, 10, 6)
"""Of a curve: so that each cell stands for a whole number of samples."""
TWO_CURVES = 5
"""Lines with a curve of memory, too; with more of them they would take more than 2 kB/s."""


@dataclass(frozen=True)
class Line:
    """One device at one moment; shares are 0 to 1, None where nothing was measured."""

    name: str
    busy: float | None
    memory: float | None
    memory_text: str
    more: str = ""


class Meters(Lines):
    """Curves and numbers of the machine and of each GPU.

    Args:
        signs: the curves of the ASCII set are made of "_.-=^".
    """

    def __init__(self, signs: Signs = UNICODE) -> None:
        super().__init__()
        self._bars = ASCII_BARS if signs == ASCII else BARS
        self._history: deque[dict[str, Line]] = deque(maxlen=SAMPLES)
        self._taken = 0
        self.show([Content.styled(_("the first reading comes in a moment"), "$muted")])

    def add(self, reading: Reading, missed: int = 0) -> None:
        """Takes a reading.

        Args:
            missed: how many readings were left out before it; they show as a gap.
        """
        gap: list[dict[str, Line]] = [{}] * min(missed, SAMPLES)
        self._history.extend([*gap, dict(_lines(reading))])
        self._taken += len(gap) + 1
        self.show(self._worded())

    def on_resize(self) -> None:
        if self._history:
            self.show(self._worded())

    def _worded(self) -> list[Content]:
        now, width = self._history[-1], self.size.width
        names = max(cell_len(line.name) for line in now.values())
        amounts = max(cell_len(line.memory_text) for line in now.values())
        word = _("memory")
        # name, curve, " 100 %", two blanks, word, curve, amount, with a blank between them
        fixed = names + 1 + 6 + 2 + cell_len(word) + 1 + 1 + amounts
        few = len(now) <= TWO_CURVES
        both = [one for one in WIDTHS if few and 2 * one + fixed <= width]
        one_curve = [one for one in WIDTHS if one + fixed <= width]
        curve = next(iter(both or one_curve), 0)
        lines = []
        for key, line in now.items():
            past = [sample.get(key) for sample in self._history]
            busy = self._curve([one.busy if one else None for one in past], curve)
            memory = self._curve([one.memory if one else None for one in past], curve)
            percent = "-" if line.busy is None else f"{100 * line.busy:.0f}"
            name = line.name + " " * (names - cell_len(line.name))
            # Few colours: over a slow line each change of colour costs more than a number.
            parts: list[str | tuple[str, str]] = [
                f"{name} ",
                (busy, "$secondary"),
                f"{percent:>4} %  {word} ",
                (f"{memory} " if both else "", "$secondary"),
                f"{line.memory_text.rjust(amounts)}  {line.more}",
            ]
            lines.append(Content.assemble(*parts))
        return lines

    def _curve(self, shares: Sequence[float | None], width: int) -> str:
        """Returns the last minute as `width` cells, the newest at the right.

        A cell always stands for the same samples, so that it stays as it is while it moves.
        """
        if not width:
            return ""
        each = SAMPLES // width
        first = self._taken - len(shares)
        cells: dict[int, list[float]] = {}
        for number, share in enumerate(shares, first):
            cells.setdefault(number // each, [])
            if share is not None:
                cells[number // each].append(share)
        newest = (self._taken - 1) // each
        means = (cells.get(cell) for cell in range(newest - width + 1, newest + 1))
        return "".join(self._bar(sum(cell) / len(cell)) if cell else " " for cell in means)

    def _bar(self, share: float) -> str:
        top = len(self._bars) - 1
        return self._bars[round(min(max(share, 0.0), 1.0) * top)]


def _lines(reading: Reading) -> list[tuple[str, Line]]:
    """Returns the machine and its GPUs, each under a name that stays."""
    memory = reading.memory
    total = memory.total_bytes if memory else 0
    used = total - memory.available_bytes if memory else 0
    cpu = None if reading.cpu_percent is None else reading.cpu_percent / 100
    lines = [("cpu", Line("CPU", cpu, used / total if total else None, _amount(used, total)))]
    for gpu in reading.gpus:
        busy = None if gpu.utilization_percent is None else gpu.utilization_percent / 100
        total, used = gpu.memory_total_bytes or 0, gpu.memory_used_bytes or 0
        share = used / total if total and gpu.memory_used_bytes is not None else None
        more = [
            "" if gpu.visible else _("hidden"),
            strangers(gpu),
            "" if gpu.temperature_c is None else f"{gpu.temperature_c} C",
            "" if gpu.power_w is None else f"{gpu.power_w:.0f} W",
            gpu.name,
        ]
        told = printable("  ".join(filter(None, more)))
        lines.append((gpu.uuid, Line(f"GPU {gpu.index}", busy, share, _amount(used, total), told)))
    return lines


def _amount(used: int, total: int) -> str:
    return f"{used / GIBIBYTE:.1f}/{total / GIBIBYTE:.1f} GiB" if total else "-"
