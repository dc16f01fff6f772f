"""How well whole pages are cut and read: `python -m benchmarks.pages FOLDER`.

FOLDER holds pages and `pages.json`: by name, the `chars` of each, in the order of reading, with
`char` and `box`. Pages without boxes are left out.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.bundle import open_bundle
from pipeline.recognition.page import read_page
from pipeline.recognition.page_text import Box, PageCharacter
from pipeline.recognition.recognizer import Recognizer
from pipeline.starter import model_folder

HEADER = ("page", "characters", "found", "too many", "in order", "right", "s")


def main() -> None:
    """Reads the command line and prints the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="folder of pages and pages.json")
    parser.add_argument("--model", type=Path, default=model_folder(), help="another bundle")
    parser.add_argument(
        "--overlap", type=float, default=0.5, help="least intersection over union of two boxes"
    )
    given = parser.parse_args()
    recognizer = Recognizer(open_bundle(given.model))
    for row in (HEADER, ("---", *["---:"] * (len(HEADER) - 1))):
        print(f"| {' | '.join(row)} |")
    for name, wanted in json.loads((given.folder / "pages.json").read_text("utf-8")).items():
        if wanted.get("chars"):
            row = _row(recognizer, given.folder / name, wanted["chars"], given.overlap)
            print(f"| {name} | {' | '.join(row)} |", flush=True)


def _row(
    recognizer: Recognizer, path: Path, wanted: Sequence[dict[str, Any]], overlap: float
) -> Iterator[str]:
    start_s = time.perf_counter()
    page = read_page(recognizer, path)
    taken_s = time.perf_counter() - start_s
    read = [character for line in page.lines for character in line]
    pairs = _matched([tuple(one["box"]) for one in wanted], read, overlap)
    order = list(pairs.values())
    right = sum(read[at].label == wanted[one]["char"] for one, at in pairs.items())
    yield str(len(wanted))
    yield str(len(pairs))
    yield str(len(read) - len(pairs))
    yield "yes" if order == sorted(order) else "no"
    yield str(right)
    yield f"{taken_s:.2f}"


def _matched(boxes: Sequence[Box], read: Sequence[PageCharacter], overlap: float) -> dict[int, int]:
    """Returns which of the characters read is the best for each box, none for two boxes."""
    scored = [
        (shared, one, at)
        for one, box in enumerate(boxes)
        for at, character in enumerate(read)
        if (shared := _shared(box, character.box)) >= overlap
    ]
    pairs: dict[int, int] = {}
    for _, one, at in sorted(scored, reverse=True):
        if one not in pairs and at not in pairs.values():
            pairs[one] = at
    return dict(sorted(pairs.items()))


def _shared(one: Box, other: Box) -> float:
    """Returns the intersection over union of two boxes."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)


if __name__ == "__main__":
    main()
