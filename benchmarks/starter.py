"""How well the starter recogniser knows real writing: `python -m benchmarks.starter DATA`.

DATA is a folder of sets, each a folder of pictures by label. What a set holds beyond the starter's
characters is counted, and left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.bundle import open_bundle
from pipeline.recognition.recognizer import Recognizer
from pipeline.starter import model_folder

TOP = 5
HEADER = ("set", "characters", "pictures", "of other labels", "top-1", "top-5")


@dataclass(frozen=True)
class Score:
    """How many of `pictures` were right at once, and among the first `TOP`."""

    characters: int
    pictures: int
    others: int
    first: int
    among: int

    def cells(self, name: str) -> tuple[str, ...]:
        """Returns the row under `HEADER`."""
        counts = (f"{n:,}" for n in (self.characters, self.pictures, self.others))
        shares = (f"{100 * n / self.pictures:.1f} %" for n in (self.first, self.among))
        return name, *counts, *shares


SETS: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    ("hwdb-60", "pens, many writers, look-alikes", lambda _: True),
    ("hwdb-3755", "pens, four writers, light on dark", lambda _: True),
    ("numerals-15", "pens, 100 writers, faint", lambda _: True),
    ("calligraphy-kai", "brush, six masters", lambda _: True),
    ("calligraphy-kai", "those in GB2312", lambda label: in_gb2312(label)),
    ("calligraphy-kai", "those not in GB2312", lambda label: not in_gb2312(label)),
)
"""Folder, what it is, which labels; traffic-signs-12 holds no characters, pages no single ones."""


def main() -> None:
    """Reads the command line and prints the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder of the sets")
    parser.add_argument("--model", type=Path, default=model_folder(), help="another bundle")
    parser.add_argument("--every", type=int, default=1, help="take every Nth picture")
    given = parser.parse_args()
    recognizer = Recognizer(open_bundle(given.model))
    print("\n".join("| " + " | ".join(row) + " |" for row in (HEADER, ("---",) * len(HEADER))))
    for folder, about, wanted in SETS:
        score = measure(recognizer, given.data / folder, wanted, given.every)
        print(f"| {' | '.join(score.cells(f'{folder}: {about}'))} |", flush=True)


def measure(
    recognizer: Recognizer, folder: Path, wanted: Callable[[str], bool], every: int
) -> Score:
    """Recognises the pictures of the labels `wanted` in a folder of folders."""
    known = set(recognizer.bundle.description.labels)
    found = list(_pictures(folder, wanted))[::every]
    asked = [(path, label) for path, label in found if label in known]
    answers = recognizer.recognize((path for path, _ in asked), TOP)
    first = among = 0
    for answer, (_, label) in zip(answers, asked, strict=True):
        said = [candidate.label for candidate in answer.candidates]
        first += said[:1] == [label]
        among += label in said
    characters = len({label for _, label in asked})
    return Score(characters, len(asked), len(found) - len(asked), first, among)


def in_gb2312(label: str) -> bool:
    """Whether a character is in the standard of simplified characters."""
    return bool(label.encode("gb2312", "ignore"))


def _pictures(folder: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[Path, str]]:
    for labelled in sorted(path for path in folder.iterdir() if path.is_dir()):
        if wanted(labelled.name):
            for path in sorted(labelled.iterdir()):
                yield path, labelled.name


if __name__ == "__main__":
    main()
