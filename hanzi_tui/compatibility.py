"""Which TensorFlow goes with which Python, CUDA and driver, and where this machine stands."""

from __future__ import annotations

from dataclasses import dataclass

from hanzi_tui.i18n import _
from pipeline.environment.builds import (
    CudaDriver,
    TestedBuild,
    cuda_drivers,
    cuda_of_driver,
    minimum_driver,
    newest_build,
    numbers,
    tested_build,
    tested_builds,
)
from pipeline.environment.probes import Facts


@dataclass(frozen=True)
class TableRow:
    """A row of a table.

    Args:
        note: what this row has to do with this machine; "" for nothing.
    """

    cells: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table with its header."""

    title: str
    header: tuple[str, ...]
    rows: tuple[TableRow, ...]


def builds_table(facts: Facts) -> Table:
    """TensorFlow's tested builds, those for this system first, this machine's row noted."""
    os = facts.system.os if facts.system else "linux"
    driver_os = "windows" if os == "windows" else "linux"
    own_first = sorted(tested_builds(), key=lambda row: not row.os.startswith(driver_os))
    build = facts.tensorflow
    here = tested_build(build.version, os) if build else newest_build(os)
    header = ("TensorFlow", _("system"), _("Python"), "CUDA", "cuDNN", _("driver from"))
    rows = tuple(
        TableRow(_build_cells(row, os), _build_note(facts) if row == here else "")
        for row in own_first
    )
    title = _("TensorFlow: tested builds")
    if build and here is None:
        title = _("TensorFlow: tested builds; {version} is not among them")
        title = title.format(version=build.version)
    return Table(title, header, rows)


def drivers_table(facts: Facts) -> Table:
    """NVIDIA's table: the drivers of each CUDA, with that of TensorFlow and of the driver noted."""
    os = facts.system.os if facts.system else "linux"
    linux = os == "linux"
    build, report = facts.tensorflow, facts.gpu
    notes: dict[tuple[int, ...], list[str]] = {}
    if build and build.cuda_version:
        text = _("TensorFlow {version} was built with it").format(version=build.version)
        notes.setdefault(numbers(build.cuda_version)[:2], []).append(text)
    if report and report.driver_version:
        newest = report.cuda_version or cuda_of_driver(report.driver_version, os)
        text = _("driver {version} runs up to it").format(version=report.driver_version)
        notes.setdefault(numbers(newest or "")[:2], []).append(text)
    rows = []
    for row in cuda_drivers():
        # Each note once, at the newest release of its CUDA.
        note = ", ".join(notes.pop(numbers(row.cuda)[:2], []))
        rows.append(TableRow(_driver_cells(row, linux), note))
    where = "Linux" if linux else "Windows"
    title = _("CUDA: drivers on {system}").format(system=where)
    return Table(title, ("CUDA", _("release"), _("came with"), _("runs from")), tuple(rows))


def _build_cells(row: TestedBuild, os: str) -> tuple[str, ...]:
    linux = row.os == "linux"
    under = os if linux and os == "wsl" else "linux" if linux else "windows"
    driver = minimum_driver(row.cuda, under) if row.cuda else None
    python = f"{row.python_min}-{row.python_max}"
    cuda = row.cuda or _("none")
    return row.tensorflow, "Linux" if linux else "Windows", python, cuda, row.cudnn or "-", \
        driver or "-"  # fmt: skip


def _build_note(facts: Facts) -> str:
    parts = [_("this machine") if facts.tensorflow else _("newest for this machine")]
    if facts.python:
        parts.append(_("Python {version}").format(version=facts.python.version))
    driver = facts.gpu.driver_version if facts.gpu else None
    parts.append(_("driver {version}").format(version=driver) if driver else _("no driver"))
    return ", ".join(parts)


def _driver_cells(row: CudaDriver, linux: bool) -> tuple[str, ...]:
    toolkit = row.toolkit_linux if linux else row.toolkit_windows
    minimum = row.minimum_linux if linux else row.minimum_windows
    return row.cuda, row.release, toolkit or "-", minimum or "-"
