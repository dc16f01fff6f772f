"""What a newcomer starts with, as data, all of it made from open fonts: a dataset, a recogniser."""

from __future__ import annotations

import calendar
import os
import shutil
import zipfile
from importlib import resources
from pathlib import Path
from typing import IO

from pipeline.files import PARTIAL

ARCHIVE = "characters.zip"
MODEL = "model"
"""The bundle of the starter recogniser; it holds the int8 network alone."""
BACKBONE = "backbone.npz"
"""Its float32 weights below the last layer, for `training.weights = starter`."""
LABELS = "characters"
"""The folder of label folders within the archive; licences and ABOUT.txt lie beside it."""


def model_folder() -> Path:
    """Returns the folder of the starter recogniser's bundle."""
    return Path(__file__).parent / MODEL


def unpack_characters(folder: Path) -> Path:
    """Unpacks the starter dataset to `folder`, unless it is there already.

    It is unpacked beside `folder` and renamed when whole: what bears the name is complete.

    Args:
        folder: gets the folder of label folders, the fonts' licences and ABOUT.txt.

    Returns:
        The folder of label folders, a source for `prepare`.

    Raises:
        FileExistsError: `folder` holds something else.
        OSError: `folder` cannot be written.
    """
    labels = folder / LABELS
    if labels.is_dir():
        return labels
    partial = folder.with_name(f".{folder.name}-{os.getpid()}{PARTIAL}")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with resources.files(__name__).joinpath(ARCHIVE).open("rb") as archive:
            unpack(archive, partial)
        _rename(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return labels


def unpack(archive: IO[bytes], folder: Path) -> None:
    """Unpacks a zip archive of files into `folder`, each file with the archive's time.

    Raises:
        ValueError: a member's name would lead out of `folder`; nothing is written then.
        zipfile.BadZipFile: the archive is damaged.
    """
    with zipfile.ZipFile(archive) as members:
        paths = [(member, folder / _inside(member.filename)) for member in members.infolist()]
        for member, path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(members.read(member))
            # Unpacked anew, it is the dataset that was prepared before, which times help to tell.
            time_s = calendar.timegm(member.date_time)
            os.utime(path, (time_s, time_s))


def _inside(name: str) -> str:
    """Returns a member's name as a path below any folder.

    Raises:
        ValueError: the name is absolute, climbs, or is no plain file's.
    """
    parts = name.split("/")
    if any(part in ("", ".", "..") or "\\" in part or ":" in part for part in parts):
        raise ValueError(f"the archive holds a member of a forbidden name: {name!r}")
    # UTF-8 on disk in every locale, also in one that has no Chinese.
    return os.fsdecode(name.encode())


def _rename(partial: Path, folder: Path) -> None:
    try:
        partial.rename(folder)
    except OSError as error:
        if (folder / LABELS).is_dir():
            return  # another program was faster
        if folder.exists():
            raise FileExistsError(
                f"{folder} holds something else than the starter dataset; move it away"
            ) from error
        raise
