"""A listing in the making: images come in any order, their labels when all are there."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipeline.dataset.sources.listing import SPLITS, Images, Listing, Note, Rejected
from pipeline.problems import Problem

Key = Hashable


@dataclass(frozen=True)
class Named:
    """What a key of a draft turned out to be: a label in NFC, and a split or ""."""

    label: str
    split: str = ""


@dataclass(frozen=True)
class Unfit:
    """Why the images of a key are left out: the code of a problem with `path`, and the rest."""

    code: str
    params: dict[str, Any]

    def rejected(self, path: str) -> Rejected:
        return Rejected(path, self.code, str(Problem(self.code, path=path, **self.params)))


class Draft:
    """Collects the images of a listing in any order, before their labels are known."""

    def __init__(self) -> None:
        self._images = Images()
        self._keys: dict[Key, int] = {}

    def __len__(self) -> int:
        return len(self._images)

    @property
    def keys(self) -> Sequence[Key]:
        """The keys that `add` was given, each once."""
        return tuple(self._keys)

    def add(self, path: str, key: Key, size_bytes: int, mtime_ns: int, place: int = 0) -> None:
        """Adds an image.

        Args:
            path, size_bytes, mtime_ns, place: as in `SourceImage`.
            key: what its label and split will be known by.
        """
        number = self._keys.setdefault(key, len(self._keys))
        self._images.append(path.encode("utf-8", "surrogateescape"), number, size_bytes, mtime_ns,
                            place, 0)  # fmt: skip

    def listing(
        self,
        root: Path,
        named: Mapping[Any, Named | Unfit],
        *,
        rejected: Sequence[Rejected] = (),
        folders: Mapping[str, tuple[str, ...]] | None = None,
        others: int = 0,
        notes: Sequence[Note] = (),
    ) -> Listing:
        """Returns the listing of what was added.

        Args:
            named: label and split of each key, or why its images are left out.
            rejected, folders, others, notes: as in `Listing`.

        Raises:
            Problem: `source.no_labels` when there is no image, `dataset.all_rejected` when each
                is rejected.
        """
        unfit = list(rejected)
        order = self._order(named, unfit)
        if not order:
            if not unfit:
                raise Problem("source.no_labels", path=str(root))
            raise Problem("dataset.all_rejected", count=len(unfit), path=str(root),
                          first=unfit[0].reason)  # fmt: skip
        images = self._taken(order, named)
        return Listing(root, images, tuple(unfit), folders or {}, others,
                       _inverse(order, len(self)), tuple(notes))  # fmt: skip

    def _order(self, named: Mapping[Any, Named | Unfit], unfit: list[Rejected]) -> array[int]:
        """Returns the indices of the images that stay, by label, then path."""
        of_label: dict[str, array[int]] = {}
        fates = [named[key] for key in self._keys]
        for index, number in enumerate(self._images.label_index):
            fate = fates[number]
            if isinstance(fate, Named):
                of_label.setdefault(fate.label, array("q")).append(index)
            else:
                unfit.append(fate.rejected(self._images.path(index)))
        order = array("q")
        for label in sorted(of_label):
            paths = [(self._images.path_bytes(index), index) for index in of_label[label]]
            paths.sort()
            for rank, (path, index) in enumerate(paths):
                if rank + 1 < len(paths) and paths[rank + 1][0] == path:
                    repeated = Unfit("source.repeated", {})
                    unfit.append(repeated.rejected(self._images.path(index)))
                else:
                    order.append(index)
        return order

    def _taken(self, order: Sequence[int], named: Mapping[Any, Named | Unfit]) -> Images:
        fates = [named[key] for key in self._keys]
        labels = sorted({fate.label for fate in fates if isinstance(fate, Named)})
        ranks = {label: rank for rank, label in enumerate(labels)}
        taken, drawn = Images(tuple(labels)), self._images
        for index in order:
            fate = fates[drawn.label_index[index]]
            assert isinstance(fate, Named)
            taken.append(
                drawn.path_bytes(index), ranks[fate.label], drawn.sizes[index],
                drawn.mtimes[index], drawn.places[index], SPLITS.index(fate.split),
            )  # fmt: skip
        return taken


def _inverse(order: array[int], count: int) -> array[int] | None:
    """Returns the ranks of the images as they were added, None where that is their order.

    Args:
        order: the indices of the images that stay, of `count` that were added.
    """
    if all(one < next_one for one, next_one in pairwise(order)):
        return None
    rank_of = array("q", [-1]) * count
    for rank, index in enumerate(order):
        rank_of[index] = rank
    return array("q", (rank for rank in rank_of if rank >= 0))
