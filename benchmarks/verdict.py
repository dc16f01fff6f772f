"""How often real characters are taken for none: `python -m benchmarks.verdict FOLDER ...`.

Each folder is a set of pictures, at any depth. Pictures of other things show how much of them is
noticed.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from pipeline.images import normalize
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem
from pipeline.recognition.folder import folders_of_images
from pipeline.recognition.verdict import verdict_on


def main() -> None:
    """Reads the command line and prints the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", type=Path, nargs="+", help="folders of pictures")
    parser.add_argument("--size", type=int, default=64, help="side of what a network sees, in px")
    given = parser.parse_args()
    print("| set | pictures | no ink | not a character |\n|---|---:|---:|---:|")
    for folder in given.sets:
        found = counted(folder, NormalizerSpec(size_px=given.size))
        told = (found.total(), found["blank"], found["not_character"])
        print(f"| {folder.name} | " + " | ".join(f"{count:,}" for count in told) + " |", flush=True)


def counted(folder: Path, spec: NormalizerSpec) -> Counter[str]:
    """Returns how many of the readable pictures below a folder got which verdict."""
    verdicts: Counter[str] = Counter()
    for paths in folders_of_images(folder):
        for path in paths:
            try:
                verdicts[verdict_on(normalize(path, spec))] += 1
            except Problem as problem:
                print(problem)
    return verdicts


if __name__ == "__main__":
    main()
