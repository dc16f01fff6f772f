"""The characters of pages as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipeline.files import write_table
from pipeline.recognition.page_text import Page

PLACE = ("image", "line", "character", "left", "top", "right", "bottom")


def write_characters(path: Path, pages: Iterable[tuple[str, Page]], top: int) -> None:
    """Writes a CSV table with a row for each character, in the order of reading.

    Lines, and the characters of each, count from 1; boxes are in pixels of the image.

    Args:
        path: file to write.
        pages: names of images, and what stands on them.
        top: candidates for each character.

    Raises:
        OSError: the file cannot be written.
    """
    header = [*PLACE]
    for rank in range(1, top + 1):
        header += [f"answer_{rank}", f"probability_{rank}"]
    rows = (row for name, page in pages for row in _rows(name, page, top))
    write_table(path, [*header, "verdict"], rows)


def _rows(name: str, page: Page, top: int) -> Iterator[list[Any]]:
    for line, characters in enumerate(page.lines, 1):
        for place, character in enumerate(characters, 1):
            cells = [""] * (2 * top)
            for rank, candidate in enumerate(character.candidates[:top]):
                cells[2 * rank : 2 * rank + 2] = candidate.label, f"{candidate.probability:.6f}"
            yield [name, line, place, *character.box, *cells, character.verdict]
