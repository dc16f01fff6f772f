"""A report into a file, whose suffix says as what, or all of it into a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from hanzi_tui.report.findings import Findings
from hanzi_tui.report.page import page
from hanzi_tui.report.picture import heatmap
from hanzi_tui.report.tables import everything, table, tables_in
from pipeline.files import write_bytes
from pipeline.problems import Problem

PAGE, PICTURE, JSON = "report.html", "heatmap.png", "evaluation.json"
"""Names of what a folder gets, beside the tables."""

Writer = Callable[[Findings], bytes]


def write(path: Path, findings: Findings) -> list[Path]:
    """Writes a report; each file appears whole.

    Args:
        path: ends in .html, .png or .json; or the name of a table, as classes.csv; or, without a
            suffix, a folder that gets all of these.

    Returns:
        The files.

    Raises:
        Problem: `report.suffix`, `report.no_table` or `report.unwritable`.
    """
    if path.is_dir() or not path.suffix:
        names = (PAGE, PICTURE, JSON, *tables_in(findings.results.path))
        return [_written(path / name, findings) for name in names]
    return [_written(path, findings)]


def require_suffix(path: Path) -> None:
    """Tells at once what could not be written.

    Raises:
        Problem: `report.suffix`.
    """
    if path.suffix and not path.is_dir():
        _writer(path)


def _written(path: Path, findings: Findings) -> Path:
    content = _writer(path)(findings)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, content)
    except OSError as error:
        detail = error.strerror or str(error)
        raise Problem("report.unwritable", path=str(path), detail=detail) from error
    return path


def _writer(path: Path) -> Writer:
    kinds: Mapping[str, Writer] = {
        ".html": page, ".htm": page, ".png": heatmap, ".json": everything,
        ".csv": lambda findings: table(findings, path.name),
    }  # fmt: skip
    try:
        return kinds[path.suffix.lower()]
    except KeyError:
        raise Problem("report.suffix", path=str(path)) from None
