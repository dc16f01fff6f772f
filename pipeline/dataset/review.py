"""The review list: images that a person found mislabelled, kept beside the dataset.

Sources are never touched. `prepare` reads the list (`dataset.review_file`) and leaves images out
or takes them under another label.
"""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Literal

from pipeline.dataset.sources.names import is_label, name_of
from pipeline.files import locked, write_table
from pipeline.problems import Problem
from pipeline.workspace import Workspace

COLUMNS = ("path", "label", "action", "new_label")
ACTIONS = ("drop", "relabel")


@dataclass(frozen=True)
class Mark:
    """What is to become of an image.

    Args:
        path: within its source.
        label: that its source gives it.
        action: leave it out, or take it as another label.
        new_label: that, in NFC; "" with "drop".
    """

    path: str
    label: str
    action: Literal["drop", "relabel"]
    new_label: str = ""


def review_file(workspace: Workspace, summary: dict[str, Any]) -> Path:
    """Returns the review list of what an evaluation judged.

    Args:
        summary: content of evaluation.json.
    """
    return workspace.review(summary["dataset"] or name_of(Path(summary["source"])))


def read_review(path: Path, *, required: bool = False) -> dict[str, Mark]:
    """Returns path of an image → its mark.

    Args:
        required: whether the file must be there; else nothing is marked without one.

    Raises:
        Problem: `review.unreadable` or `review.bad_line`.
    """
    marks: dict[str, Mark] = {}
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            rows = csv.reader(file)
            header = tuple(name.strip("\ufeff ") for name in next(rows, COLUMNS))
            if header != COLUMNS:
                raise _bad_line(path, 1, f"the columns are not {', '.join(COLUMNS)}")
            for row in rows:
                mark = _mark(path, rows.line_num, row)
                if mark.path in marks:
                    raise _bad_line(path, rows.line_num, f"{mark.path} stands here a second time")
                marks[mark.path] = mark
    except (OSError, csv.Error) as error:
        if isinstance(error, FileNotFoundError) and not required:
            return {}
        raise Problem("review.unreadable", path=str(path), detail=str(error)) from error
    return marks


def mark(path: Path, *marks: Mark) -> None:
    """Adds marks to a review list; a mark of the same image is replaced.

    Raises:
        Problem: as `read_review`; `review.bad_line` for a label that cannot be one; `lock.held`
            while somebody else writes.
    """
    _change(path, {mark.path: mark for mark in marks})


def unmark(path: Path, *images: str) -> None:
    """Takes the marks of images off a review list.

    Raises:
        Problem: as `mark`.
    """
    _change(path, dict.fromkeys(images))


def _change(path: Path, changes: dict[str, Mark | None]) -> None:
    with locked(path.with_name(path.name + ".lock"), "review"):
        marks: dict[str, Mark | None] = {**read_review(path), **changes}
        kept = [_mark(path, 0, list(astuple(mark))) for mark in marks.values() if mark]
        write_table(path, COLUMNS, [astuple(mark) for mark in kept])


def _mark(path: Path, line: int, row: list[str]) -> Mark:
    if len(row) != len(COLUMNS) or row[2] not in ACTIONS:
        raise _bad_line(path, line, f"no path, label, action and new_label: {row}")
    new_label = unicodedata.normalize("NFC", row[3])
    if (row[2] == "relabel") != is_label(new_label):
        raise _bad_line(path, line, f"{row[2]} with the new label {row[3]!r}")
    return Mark(row[0], row[1], "drop" if row[2] == "drop" else "relabel", new_label)


def _bad_line(path: Path, line: int, detail: str) -> Problem:
    return Problem("review.bad_line", path=str(path), line=line, detail=detail)
