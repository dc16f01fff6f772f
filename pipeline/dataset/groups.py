"""Groups of images that must stay on one side of a split: a writer, a master, a track."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.problems import Problem

GNT_WRITER = r"([^/]+)\.gnt/"
"""Names the writer of an image in a CASIA .gnt file."""
MAX_PATTERN = 200
NAMES_SHOWN = 3


@dataclass(frozen=True)
class Groups:
    """The group of each of N images: `ids` int32 `[N]`, indices into `names`."""

    ids: NDArray[np.int32]
    names: tuple[str, ...]

    def sizes(self) -> dict[str, int]:
        """Returns group → images, by name."""
        counts = np.bincount(self.ids, minlength=len(self.names)).tolist()
        return dict(sorted(zip(self.names, counts, strict=True)))

    def alone(self, classes: NDArray[np.int32]) -> NDArray[np.int64]:
        """Returns the classes, of int32 `[N]`, whose images are all of one group of several."""
        if len(self.names) < 2:
            return np.empty(0, np.int64)
        pairs = np.unique(classes.astype(np.int64) * len(self.names) + self.ids)
        return np.flatnonzero(np.bincount(pairs // len(self.names)) == 1)


def group_ids(paths: Iterable[str], pattern: str) -> Groups:
    """Finds the group that each path names.

    Args:
        paths: of the images in their source, with "/" between folders.
        pattern: a regular expression, searched for anywhere in the path. What its first group
            matches names the group, or the whole match where it has none: "_(w[0-9]+)_".

    Raises:
        Problem: `settings.bad_pattern`, or `split.no_group` where it fits not every path.
    """
    search = compiled(pattern).search
    numbers: dict[str, int] = {}
    ids = array("i")
    outside: list[str] = []
    count = 0
    for path in paths:
        match = search(path)
        name = match and (match[1] if match.re.groups else match[0])
        if name:
            ids.append(numbers.setdefault(name, len(numbers)))
        else:
            count += 1
            if len(outside) < NAMES_SHOWN:
                outside.append(path)
    if count:
        raise Problem("split.no_group", pattern=pattern, count=count, names=", ".join(outside))
    return Groups(np.frombuffer(ids, np.int32), tuple(numbers))


def compiled(pattern: str) -> re.Pattern[str]:
    """Compiles a group pattern.

    Raises:
        Problem: `settings.bad_pattern`.
    """
    if len(pattern) > MAX_PATTERN:
        raise Problem("settings.bad_pattern", pattern=pattern[:MAX_PATTERN],
                      detail=f"longer than {MAX_PATTERN} characters")  # fmt: skip
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise Problem("settings.bad_pattern", pattern=pattern, detail=str(error)) from error
