"""Where in a tree the label folders are: below wrapping folders, below train, validation, test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

SPLIT_FOLDERS = {
    "train": "train", "training": "train", "trn": "train",
    "val": "validation", "valid": "validation", "validation": "validation", "dev": "validation",
    "test": "test", "testing": "test", "tst": "test",
}  # fmt: skip


@dataclass(frozen=True)
class Shelf:
    """What lies directly in one folder of a tree: paths of folders, and whether images do."""

    folders: Sequence[str]
    images: bool


@dataclass(frozen=True)
class Level:
    """The label folders of a tree.

    Args:
        labels: path of each label folder → the split it belongs to, "" for none.
        above: the folders that hold them, from the root "" on; images in these have no label.
    """

    labels: dict[str, str]
    above: tuple[str, ...]

    @property
    def own_split(self) -> bool:
        """Whether the tree says itself what trains and what tests."""
        return any(self.labels.values())


def label_level(shelf: Callable[[str], Shelf]) -> Level:
    """Finds the label folders of a tree.

    A folder that is alone and holds folders wraps the tree, unless it holds images and only one
    folder, which makes it a label's. Where train stands beside validation or test, and nothing
    else does, the label folders are theirs; a train folder alone is a wrapper.

    Args:
        shelf: returns what lies in the folder of a path relative to the root, "" for the root.
    """
    above, here = [""], shelf("")
    while len(here.folders) == 1:
        inner = shelf(here.folders[0])
        if not inner.folders or (inner.images and len(inner.folders) == 1):
            break
        above.append(here.folders[0])
        here = inner
    splits = {folder: _split_of(folder) for folder in here.folders}
    if None in splits.values() or not {"train"} < set(splits.values()):
        return Level(dict.fromkeys(here.folders, ""), tuple(above))
    labels = {label: split or "" for folder, split in splits.items()
              for label in shelf(folder).folders}  # fmt: skip
    return Level(labels, (*above, *splits))


def _split_of(folder: str) -> str | None:
    return SPLIT_FOLDERS.get(folder.rpartition("/")[2].casefold())
