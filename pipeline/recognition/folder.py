"""The images of a folder, and the table of their answers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.dataset.sources import IMAGE_SUFFIXES
from pipeline.files import write_table
from pipeline.problems import Problem
from pipeline.recognition.answers import Answer


def folders_of_images(folder: Path) -> Iterator[list[Path]]:
    """Yields the image files of `folder` and of each folder below it, in no order.

    Hidden entries are left out, and links to folders are not followed. A folder that cannot be
    listed yields nothing.

    Raises:
        Problem: `image.unreadable` when `folder` itself cannot be listed.
    """
    try:
        os.scandir(folder).close()
    except OSError as error:
        detail = error.strerror or str(error)
        raise Problem("image.unreadable", path=str(folder), detail=detail) from error
    for parent, below, names in os.walk(folder):
        below[:] = [name for name in below if not name.startswith(".")]
        yield [
            Path(parent, name) for name in names if not name.startswith(".") and is_image_name(name)
        ]


def is_image_name(name: str) -> bool:
    """Says whether a file's name ends as those of images do."""
    return os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES


def write_answers(path: Path, answers: Iterable[tuple[Path, Answer]], top: int) -> None:
    """Writes answers as a CSV table: image, candidates with probabilities, verdict, problem."""
    header = ["image"]
    for rank in range(1, top + 1):
        header += [f"answer_{rank}", f"probability_{rank}"]
    rows = []
    for image, answer in answers:
        cells = [""] * (2 * top)
        for rank, candidate in enumerate(answer.candidates[:top]):
            cells[2 * rank : 2 * rank + 2] = candidate.label, f"{candidate.probability:.6f}"
        problem = "" if answer.problem is None else str(answer.problem)
        rows.append([str(image), *cells, "" if problem else answer.verdict, problem])
    write_table(path, [*header, "verdict", "problem"], rows)
