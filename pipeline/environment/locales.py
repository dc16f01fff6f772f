"""Which language and encoding the variables choose, and whether this system has them."""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_WIDE_LANGUAGES = ("zh", "ja", "ko")


@dataclass(frozen=True)
class LocaleFacts:
    """Language and encoding.

    Args:
        name: what LC_ALL, LC_CTYPE and LANG choose, such as "zh_CN.UTF-8"; "C" when none is set.
        variable: which of them chose it; "" when none did.
        installed: whether this system knows that locale; None where that cannot be told.
        utf8: whether its encoding is UTF-8.
        ambiguous_wide: whether terminals of this locale draw signs such as "·" and "─" in two
            cells by habit.
    """

    name: str
    variable: str
    installed: bool | None
    utf8: bool
    ambiguous_wide: bool


def locale(environ: Mapping[str, str] = os.environ, root: Path = Path("/")) -> LocaleFacts:
    """Language and encoding as the variables choose them.

    Args:
        root: the root of the file system that holds /usr/lib/locale.
    """
    variables = ("LC_ALL", "LC_CTYPE", "LANG")
    variable = next((one for one in variables if environ.get(one)), "")
    name = environ[variable] if variable else "C"
    encoding = re.sub(r"[^a-z0-9]", "", name.partition(".")[2].partition("@")[0].lower())
    return LocaleFacts(
        name=name,
        variable=variable,
        installed=_is_installed(name, root),
        utf8=encoding == "utf8",
        ambiguous_wide=name[:2] in _WIDE_LANGUAGES,
    )


def _is_installed(name: str, root: Path) -> bool | None:
    """Looks into the archive and the folders of locales; None where there are neither."""
    language, _, encoding = name.partition(".")
    plain = re.sub(r"[^a-z0-9]", "", encoding.lower())
    if language in ("C", "POSIX") and plain in ("", "utf8"):
        return True
    spellings = {name, f"{language}.{plain}" if plain else language}
    folder = root / "usr/lib/locale"
    if any((folder / one).is_dir() for one in spellings):
        return True
    try:
        with (
            (folder / "locale-archive").open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as archive,
        ):
            return any(archive.find(b"\0%s\0" % one.encode()) >= 0 for one in spellings)
    except (OSError, ValueError):
        return False if folder.is_dir() else None
