"""Where labelled images come from: a folder of label folders, only ever read."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from pipeline.problems import Problem

IMAGE_SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm",
     ".pbm", ".pnm", ".tga", ".ico", ".jp2")
)  # fmt: skip


@dataclass(frozen=True)
class SourceImage:
    """One image file: `path` is relative to the source, undecodable bytes surrogate-escaped."""

    path: str
    label: str
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True)
class Rejected:
    """A file that does not become part of a dataset, and why."""

    path: str
    code: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """All images of a source, ordered by label (code points), then path.

    `folders` has the label folders of each label: more than one where names differ only in
    encoding or Unicode form. `others` counts files that are no images by their suffix.
    """

    root: Path
    images: tuple[SourceImage, ...]
    rejected: tuple[Rejected, ...]
    folders: dict[str, tuple[str, ...]]
    others: int


def list_folder(root: Path) -> Listing:
    """Lists a folder of label folders. Images may lie at any depth below their label folder.

    Raises:
        Problem: `source.missing`, or `source.no_labels` when no label folder holds an image.
    """
    if not root.is_dir():
        raise Problem("source.missing", path=str(root))
    images: list[SourceImage] = []
    rejected: list[Rejected] = []
    folders: dict[str, tuple[str, ...]] = {}
    others = 0
    for folder in sorted(os.listdir(root)):
        if folder.startswith(".") or not os.path.isdir(root / folder):
            continue
        label = label_of(folder)
        bad = Problem("source.control_character", path=folder) if not is_label(label) else None
        found, skipped = _images_below(root, folder, label)
        others += skipped
        if bad:
            rejected += [Rejected(image.path, bad.code, str(bad)) for image in found]
        elif found:
            images += found
            folders[label] = (*folders.get(label, ()), folder)
    if not images:
        raise Problem("source.no_labels", path=str(root))
    images.sort(key=lambda image: (image.label, image.path))
    return Listing(root, tuple(images), tuple(rejected), folders, others)


def label_of(folder: str) -> str:
    """Returns the label that a folder's name spells, in NFC; names in GBK bytes are understood."""
    raw = os.fsencode(folder)
    for encoding in ("utf-8", "gb18030"):
        try:
            return unicodedata.normalize("NFC", raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return unicodedata.normalize("NFC", raw.decode("latin-1"))


def is_label(label: str) -> bool:
    """Says whether `label` can stand on a line of labels.txt."""
    return bool(label.strip()) and not any(
        unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in label
    )


def _images_below(root: Path, folder: str, label: str) -> tuple[list[SourceImage], int]:
    """Returns the images below one label folder, and how many other files lie there."""
    found: list[SourceImage] = []
    others = 0
    waiting = [folder]
    while waiting:
        below = waiting.pop()
        with os.scandir(root / below) as entries:
            for entry in entries:
                path = f"{below}/{entry.name}"
                if entry.name.startswith("."):
                    continue
                if entry.is_dir():
                    waiting.append(path)
                elif os.path.splitext(entry.name)[1].lower() in IMAGE_SUFFIXES:
                    found.append(_source_image(entry, path, label))
                else:
                    others += 1
    return found, others


def _source_image(entry: os.DirEntry[str], path: str, label: str) -> SourceImage:
    try:
        status = entry.stat()
    except OSError:  # a dangling link: decoding will say so
        return SourceImage(path, label, 0, 0)
    return SourceImage(path, label, status.st_size, status.st_mtime_ns)
