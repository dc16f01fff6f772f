"""The interface that all kinds of sources share, and finding out which kind a path is."""

from __future__ import annotations

import shlex
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pipeline.dataset.sources.limits import LIMITS, Limits, opened
from pipeline.dataset.sources.listing import Listing, SourceImage
from pipeline.problems import Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Reader(Protocol):
    """Reads the images of one source, in any order; in that of `Listing.order` fastest."""

    def read(self, image: SourceImage) -> bytes | NDArray[np.uint8]:
        """Returns the content of an image file, or pixels, uint8 gray `[H, W]`.

        Raises:
            Problem: `image.unreadable`, `image.empty`, `image.truncated` or `source.too_large`.
        """
        ...


class Source(Protocol):
    """Labelled images in a folder, an archive or a file. Pickled, it goes to other processes."""

    @property
    def root(self) -> Path: ...

    @property
    def kind(self) -> str:
        """ "folder", "zip", "tar", "gnt" or "list"."""
        ...

    def list(self) -> Listing:
        """Lists the images and decodes none.

        Raises:
            Problem: `source.no_labels`, or the source cannot be read.
        """
        ...

    def open(self) -> AbstractContextManager[Reader]:
        """Opens the source to read images."""
        ...


def open_source(path: Path, limits: Limits = LIMITS, label_file: Path | None = None) -> Source:
    """Finds out what kind of source a path is; reads next to nothing of it.

    Args:
        path: a folder of label folders, a zip or tar archive of one, a .gnt file, a folder or a
            zip archive of those, or a list of paths and labels.
        limits: what a single image may cost.
        label_file: table of the labels of numbered folders; None: found beside them.

    Raises:
        Problem: `source.missing`, `source.closed`, `source.packed` or `source.unknown_kind`.
    """
    from pipeline.dataset.sources import folder, gnt, gnt_zip, image_list, tar_file, zip_file

    if path.is_dir():
        if gnt.holds_gnt(path):
            return gnt.GntSource(path, limits)
        return folder.FolderSource(path, limits, label_file)
    if not path.exists():
        raise Problem("source.missing", path=str(path))
    suffix = path.suffix.lower()
    if suffix == gnt.SUFFIX:
        return gnt.GntSource(path, limits)
    if zip_file.is_zip(path):
        if gnt_zip.holds_gnt(path):
            return gnt_zip.GntZipSource(path, limits)
        return zip_file.ZipSource(path, limits, label_file)
    if tar_file.is_tar(path):
        return tar_file.TarSource(path, limits, label_file)
    if suffix in image_list.SUFFIXES:
        return image_list.ListSource(path, limits, label_file)
    if command := _unpacking(path):
        raise Problem("source.packed", path=str(path), command=command)
    raise Problem("source.unknown_kind", path=str(path))


def _unpacking(path: Path) -> str:
    """Returns the command that unpacks an archive of a kind that is not read, "" for no such."""
    with opened(path) as file:
        start = file.read(6)
    packed, folder = shlex.quote(str(path)), shlex.quote(str(path.with_suffix("")))
    if start == b"7z\xbc\xaf\x27\x1c":
        return f"7z x {packed} -o{folder}"
    return f"unrar x {packed} {folder}/" if start == b"Rar!\x1a\x07" else ""
