"""Small files by which the system tells about itself, below /proc, /sys and /etc."""

from __future__ import annotations

from pathlib import Path


def read(path: Path) -> str | None:
    """The text of a small system file, or None where this system has no such file."""
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return None
