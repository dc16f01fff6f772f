"""Completes a path from the file system, in a thread: folders may be large or far away."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from textual.suggester import Suggester

from pipeline.dataset.sources import is_folder


class PathSuggester(Suggester):
    """Suggests the first entry, by name, that begins with what was typed; folders end in a slash.

    Args:
        wanted: says by its name whether a file is suggested; all are by default.
    """

    def __init__(self, wanted: Callable[[str], bool] | None = None) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._wanted = wanted

    async def get_suggestion(self, value: str) -> str | None:
        return await asyncio.to_thread(completed, value, self._wanted)


def completed(text: str, wanted: Callable[[str], bool] | None = None) -> str | None:
    """Returns `text` completed to an entry that exists; None where there is none.

    Hidden entries are suggested once their dot is typed, names that no screen can show never.
    """
    slash = text.rfind(os.sep) + 1
    folder, start = text[:slash], text[slash:]
    try:
        with os.scandir(os.path.expanduser(folder) or ".") as entries:
            names = sorted(
                entry.name + (os.sep if is_folder(entry) else "")
                for entry in entries
                if entry.name.startswith(start)
                and entry.name.isprintable()
                and (start or not entry.name.startswith("."))
                and (is_folder(entry) or not wanted or wanted(entry.name))
            )
    except (OSError, ValueError):
        return None
    return folder + names[0] if names and text else None
