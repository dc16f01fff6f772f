"""What folders and files of an exported tree are called: labels as folders, no name twice."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Iterable, Sequence

from pipeline.dataset.sources import IMAGE_SUFFIXES

UNSAFE = frozenset('/\\:*?"<>|%')
"""Not in names: most of them mean something on Windows, where such trees are taken, too."""
MAX_NAME_BYTES = 200
"""File systems take 255; the rest is for numbers and the mark of a copy."""


def folder_names(labels: Sequence[str], *, ignores_case: bool = False) -> dict[str, str]:
    """Returns label → folder: the label itself wherever that can be a name.

    Other characters become "%" and two hexadecimal digits for each byte of their UTF-8; names
    that are too long end in a digest. Where the file system takes "a" for "A", letters of all
    such labels but the first are encoded, too.
    """
    folders: dict[str, str] = {}
    taken = set()
    for label in labels:
        folder = name = _folder_name(label)
        if ignores_case:
            at = 0
            while folder.casefold() in taken:
                at += 1
                folder = "".join(map(_encoded, name[:at])) + name[at:]
            taken.add(folder.casefold())
        folders[label] = folder
    return folders


def file_name(path: str, folders: Iterable[str]) -> str:
    """Returns a name for the image at `path` of a source, not longer than a name may be.

    It is made of the path below the label's folder, or of the whole path where there is none:
    what else the path tells, such as the writer, stays in the name.

    Args:
        path: with "/" between folders.
        folders: those of the image's label.
    """
    below = next((path[len(f) + 1 :] for f in folders if path.startswith(f + "/")), path)
    name = (
        "".join(
            "-" if char == "/" else "_" if char in UNSAFE or not char.isprintable() else char
            for char in below
        ).lstrip("-.")
        or "_"
    )
    stem, suffix = os.path.splitext(name)
    if suffix.lower() in IMAGE_SUFFIXES:
        return _shortened(stem) + suffix
    return _shortened(name) + ".png"


def copy_name(name: str, number: int) -> str:
    """Returns the name of a distorted copy of the file `name`."""
    return f"{os.path.splitext(name)[0]}_aug_{number}.png"


def numbered(name: str, number: int) -> str:
    """Returns `name` with a number before its suffix; 0 is none."""
    stem, suffix = os.path.splitext(name)
    return f"{stem}-{number}{suffix}" if number else name


class TakenNames:
    """The names in one folder; upper and lower case count as the same."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def number(self, name: str, copies: int) -> int:
        """Takes `name` and the names of its copies, with a number where one is taken already.

        Returns:
            The number to hand to `numbered`: 0, or from 2.
        """
        number = 0
        while not self._taken.isdisjoint(keys := _keys(numbered(name, number), copies)):
            number = number + 1 if number else 2
        self._taken.update(keys)
        return number


def _keys(name: str, copies: int) -> list[str]:
    names = (name, *(copy_name(name, number) for number in range(copies)))
    return [unicodedata.normalize("NFC", each).casefold() for each in names]


def _folder_name(label: str) -> str:
    last = len(label) - 1
    return _shortened("".join(
        _encoded(char)
        if char in UNSAFE or (char == "." and at in (0, last)) or (char == " " and at == last)
        else char
        for at, char in enumerate(label)
    ))  # fmt: skip


def _encoded(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())


def _shortened(name: str) -> str:
    raw = name.encode()
    if len(raw) <= MAX_NAME_BYTES:
        return name
    digest = hashlib.blake2b(raw, digest_size=8).hexdigest()
    return f"{raw[: MAX_NAME_BYTES - 20].decode('utf-8', 'ignore')}~{digest}"
