"""A minute of processor, memory and GPUs, a line or two each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from hanzi_tui.facts.fact import GIBIBYTE
from hanzi_tui.facts.gpus import clock, held_back, power, process, strangers
from hanzi_tui.i18n import _, ngettext, printable
from hanzi_tui.machine_watch import Reading
from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.widgets.lines import Lines, cut
from hanzi_tui.widgets.sparkline import ASCII_BARS, BARS

if TYPE_CHECKING:
    from pipeline.environment.devices import Gpu

SAMPLES = 60
"""At a reading every second, a minute."""
WIDTHS = (30, 20, 15, 10, 6)
"""Of a curve: so that each cell stands for a whole number of samples."""
FEW = 5
"""Devices with a curve of memory, too, in colour; more of them would take more than 2 kB/s."""
SHORT_CURVE = 15
"""Cells of a curve where there are more devices: it moves every four seconds."""
SPACIOUS = 3
"""Devices, the processor among them, whose numbers may take lines of their own."""
WANTED = 3
"""Numbers of a GPU that its one line always has room for: temperature, power, clock."""
LISTED = 3
"""Processes of a GPU that are named; the tree of facts has all of them."""


@dataclass(frozen=True)
class Line:
    """One device at one moment; shares are 0 to 1, None where nothing was measured.

    Args:
        more: what else there is to say of it, the most wanted first.
    """

    name: str
    busy: float | None
    memory: float | None
    memory_text: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Widths:
    """Columns of the lines, in cells; `memory_curve` and `curve` are 0 where there is no room.

    Args:
        style: of the curves. Over a slow line a change of colour costs more than a number.
    """

    names: int
    curve: int
    memory_curve: int
    amounts: int
    style: str


class Meters(Lines):
    """Curves and numbers of the machine and of each GPU.

    Args:
        signs: the curves of the ASCII set are made of "_.-=^".
    """

    def __init__(self, signs: Signs = UNICODE) -> None:
        super().__init__()
        self._signs = signs
        self._bars = ASCII_BARS if signs == ASCII else BARS
        self._history: deque[dict[str, Line]] = deque(maxlen=SAMPLES)
        self._lost = ""
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
        self._lost = printable(reading.lost)
        self.show(list(self._worded()))

    def on_resize(self) -> None:
        if self._history:
            self.show(list(self._worded()))

    def _worded(self) -> Iterator[Content]:
        now, width = self._history[-1], self.size.width
        columns = self._columns(list(now.values()), width)
        for key, line in now.items():
            past = [sample.get(key) for sample in self._history]
            head = self._head(line, past, columns)
            items = list(line.more)
            while items and head.cell_length + 2 + cell_len(items[0]) <= width:
                head += f"  {items.pop(0)}"
            yield head
            if len(now) <= SPACIOUS:
                yield from self._rest(items, columns.names + 1, width)
        if self._lost:
            name = Content.styled(_("GPU lost").ljust(columns.names), "$error")
            yield cut(name + f"  {self._lost}", width, self._signs)

    def _head(self, line: Line, past: Sequence[Line | None], columns: Widths) -> Content:
        """Returns name, curves and amounts of a device."""
        busy = self._curve([one.busy if one else None for one in past], columns.curve)
        held = [one.memory if one else None for one in past]
        memory = self._curve(held, columns.memory_curve)
        percent = "-" if line.busy is None else f"{100 * line.busy:.0f}"
        name = line.name + " " * (columns.names - cell_len(line.name))
        return Content.assemble(
            f"{name} ",
            (busy, columns.style),
            f"{percent:>4} %  {_('memory')} ",
            (f"{memory} " if memory else "", columns.style),
            line.memory_text.rjust(columns.amounts),
        )

    def _rest(self, items: list[str], indent: int, width: int) -> Iterator[Content]:
        """Yields what does not fit behind a device's curves, in lines of their own."""
        row = ""
        for item in items:
            if row and indent + cell_len(row) + 2 + cell_len(item) > width:
                yield Content(" " * indent + row)
                row = ""
            row += f"  {item}" if row else item
        if row:
            yield cut(Content(" " * indent + row), width, self._signs)

    def _columns(self, lines: Sequence[Line], width: int) -> Widths:
        names = max(cell_len(line.name) for line in lines)
        amounts = max(cell_len(line.memory_text) for line in lines)
        # name, curve, " 100 %", two blanks, word, curve, amount, with a blank between them
        fixed = names + 1 + 6 + 2 + cell_len(_("memory")) + 1 + 1 + amounts
        if len(lines) > SPACIOUS:
            # What has no line of its own comes before a longer curve.
            fixed += max(sum(2 + cell_len(one) for one in line.more[:WANTED]) for line in lines)
        few = len(lines) <= FEW
        widths = [one for one in WIDTHS if few or one <= SHORT_CURVE]
        both = [one for one in widths if few and 2 * one + fixed <= width]
        alone = [one for one in widths if one + fixed <= width]
        curve = next(iter(both or alone), 0)
        return Widths(names, curve, curve if both else 0, amounts, "$secondary" if few else "")

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
            "" if gpu.temperature_c is None else f"{gpu.temperature_c} C",
            power(gpu),
            clock(gpu),
            held_back(gpu),
            *_processes(gpu, listed=len(reading.gpus) < SPACIOUS),
            gpu.name,
        ]
        told = tuple(printable(one) for one in more if one)
        lines.append((gpu.uuid, Line(f"GPU {gpu.index}", busy, share, _amount(used, total), told)))
    return lines


def _processes(gpu: Gpu, *, listed: bool) -> Iterator[str]:
    """Yields the processes on a GPU, or how many of them are not the user's."""
    if not listed:
        yield strangers(gpu)
        return
    for one in gpu.processes[:LISTED]:
        yield f"{_('process {pid}').format(pid=one.pid)} {process(one)}"
    if len(gpu.processes) > LISTED:
        more = len(gpu.processes) - LISTED
        yield ngettext("{count} more process", "{count} more processes", more).format(count=more)


def _amount(used: int, total: int) -> str:
    return f"{used / GIBIBYTE:.1f}/{total / GIBIBYTE:.1f} GiB" if total else "-"
