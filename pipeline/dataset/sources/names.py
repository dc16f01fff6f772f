"""What names say: which files are images, and which texts can be labels."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

IMAGE_SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm",
     ".pbm", ".pnm", ".tga", ".ico", ".jp2")
)  # fmt: skip

PACKED_SUFFIXES = (".gz", ".bz2", ".xz")


def is_image_name(name: str) -> bool:
    """Says whether a file's name ends as those of images do."""
    return os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES


def is_label(label: str) -> bool:
    """Says whether `label` can stand on a line of labels.txt."""
    return bool(label.strip()) and not any(
        unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in label
    )


def name_of(source: Path) -> str:
    """Returns what a source is called: a file's name without what tells its kind."""
    if source.is_dir():
        return source.name
    stem, suffix = os.path.splitext(source.name)
    if suffix.lower() in PACKED_SUFFIXES and stem.lower().endswith(".tar"):
        stem = stem[: -len(".tar")]
    return stem


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Says whether an entry is a folder, or a link to one; a link that leads nowhere is none."""
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, or into a folder that is closed to us
        return False
