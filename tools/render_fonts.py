"""Draws labels with the open fonts, as pictures to learn from beside real ones.

`python tools/render_fonts.py --fonts FOLDER --labels FOLDER --out FOLDER` takes the names of the
folders in LABELS and writes OUT/LABEL/FONT.png for each font that really has the character.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image
from starter.fonts import open_faces
from starter.glyphs import EM_PX, draw


def main() -> None:
    """Reads the command line and draws."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fonts", type=Path, required=True, help="folder of fonts and licences")
    parser.add_argument("--labels", type=Path, required=True, help="folder of label folders")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    given = parser.parse_args()
    faces = open_faces(given.fonts, EM_PX)
    covered = frozenset().union(*(face.covered for face in faces))
    labels = sorted(path.name for path in given.labels.iterdir() if path.is_dir())
    had = [label for label in labels if len(label) == 1 and ord(label) in covered]
    drawn = draw(faces, had)
    for image, label, font in zip(drawn.images, drawn.labels, drawn.fonts, strict=True):
        folder = given.out / had[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - image).save(folder / f"{faces[font].name}.png")
    print(f"{given.out}: {len(drawn.images):,} pictures of {len(had):,} labels; "
          f"no font has {len(labels) - len(had):,} of them")  # fmt: skip


if __name__ == "__main__":
    main()
