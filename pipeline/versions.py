"""Which versions of the program and of what it stands on are at work."""

from __future__ import annotations

import importlib.metadata
import sys

PACKAGES = (
    "hanzi-tui",
    "tensorflow",
    "keras",
    "numpy",
    "opencv-python-headless",
    "pillow",
)


def versions() -> dict[str, str]:
    """Returns package → version, Python's own included; what is not installed is left out."""
    found = {"python": sys.version.split()[0]}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
