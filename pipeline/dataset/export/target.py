"""Where an exported tree may stand."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.problems import Problem


def require_free(target: Path, source: Path) -> None:
    """Checks that a tree can be made at `target`.

    Raises:
        Problem: something is there already, or it lies inside the source, which is only read.
    """
    if os.path.lexists(target):
        raise Problem("export.exists", path=str(target))
    if source.resolve() in target.resolve().parents:
        raise Problem("export.inside_source", path=str(target), source=str(source))
