"""Rows of figures with their budgets, aligned or as Markdown, and the machine they are of."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from rich.cells import cell_len

from pipeline.environment import host

HEADER = ("what", "median", "range", "n", "beside", "ratio", "budget", "holds")
RATIO_UNITS = {"×": 1, "%": 100}


@dataclass(frozen=True)
class Budget:
    """What a row is to hold: its ratio where the unit is × or %, else its median."""

    sign: Literal["≤", "≥"]
    limit: float
    unit: str

    def holds(self, value: float) -> bool:
        return value <= self.limit if self.sign == "≤" else value >= self.limit

    def __str__(self) -> str:
        return f"{self.sign} {self.limit:,g} {self.unit}"


@dataclass(frozen=True)
class Row:
    """Something measured, one value a round, beside something else of the same rounds."""

    what: str
    unit: str
    values: Sequence[float]
    beside: str = ""
    others: Sequence[float] = ()
    budget: Budget | None = None

    def cells(self) -> tuple[str, ...]:
        """Returns the row as texts under `HEADER`."""
        low, high = number(min(self.values)), number(max(self.values))
        beside = f"{self.beside} {number(median(self.others))} {self.unit}" if self.beside else "-"
        return (
            self.what,
            f"{number(median(self.values))} {self.unit}",
            f"{low} - {high}",
            str(len(self.values)),
            beside,
            self._ratio_cell(),
            str(self.budget) if self.budget else "-",
            self._verdict(),
        )

    def _ratios(self, unit: str) -> list[float]:
        pairs = zip(self.values, self.others, strict=True)
        return [RATIO_UNITS[unit] * value / other for value, other in pairs]

    def _ratio_cell(self) -> str:
        if not self.others:
            return "-"
        judged = self.budget is not None and self.budget.unit in RATIO_UNITS
        unit = self.budget.unit if self.budget and judged else "×"
        ratios = self._ratios(unit)
        spread = f" ({number(min(ratios))} - {number(max(ratios))})" if judged else ""
        return f"{number(median(ratios))} {unit}{spread}"

    def _verdict(self) -> str:
        """Judges the median; a question mark says that not every round agrees."""
        if self.budget is None:
            return ""
        by_ratio = self.budget.unit in RATIO_UNITS
        values = self._ratios(self.budget.unit) if by_ratio else self.values
        holds = self.budget.holds(median(values))
        agreed = all(self.budget.holds(value) == holds for value in values)
        return ("ok" if holds else "MISSED") + ("" if agreed else "?")


def number(value: float) -> str:
    """Returns `value` with three digits, or all those before the point."""
    digits = next((d for d, limit in ((0, 100), (1, 10), (2, 1)) if abs(value) >= limit), 3)
    return f"{value:,.{digits}f}"


def aligned(rows: Sequence[Row]) -> str:
    """Returns the rows as a table for a terminal."""
    lines = [HEADER, *(row.cells() for row in rows)]
    widths = [max(cell_len(line[column]) for line in lines) for column in range(len(HEADER))]
    return "\n".join(
        "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def markdown(rows: Sequence[Row]) -> str:
    """Returns the rows as a Markdown table."""
    lines = [HEADER, ("---",) * len(HEADER), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> str:
    """Returns a line about cores, processor and versions."""
    import cv2

    cpu = host.cpu()
    versions = ", ".join(
        f"{shown} {importlib.metadata.version(package)}"
        for shown, package in (("TensorFlow", "tensorflow"), ("Keras", "keras"), ("numpy", "numpy"))
    )
    return (
        f"{cpu.usable_cores:g} cores, {cpu.model}, Python {platform.python_version()}, "
        f"{versions}, OpenCV {cv2.__version__}"
    )


def load() -> str:
    """Returns how many processes wanted a core in the last minute, "?" where nobody counts."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "?"
