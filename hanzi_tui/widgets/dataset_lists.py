"""The lists of the dataset room: datasets, classes of one, and files that were rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from textual.message import Message

from hanzi_tui.i18n import _
from hanzi_tui.prepared import DatasetFacts
from hanzi_tui.widgets.long_list import LongList, Part, cell, path_cell

NUMBER = 7
COUNT = 6
WIDE = 33
"""Cells that a class needs with its counts in each split."""


class DatasetList(LongList):
    """The prepared datasets of the workspace."""

    BINDING_GROUP_TITLE = _("Datasets")
    HEAD = 1

    @dataclass
    class Seen(Message):
        """A dataset is selected."""

        name: str

    @dataclass
    class Opened(Message):
        """A dataset is to be browsed."""

        name: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._datasets: Sequence[DatasetFacts] = ()

    @property
    def selected(self) -> str | None:
        return self._datasets[self.cursor].name if self._datasets else None

    def show(self, datasets: Sequence[DatasetFacts]) -> None:
        """Shows datasets; the one that was selected stays so."""
        name = self.selected
        self._datasets = datasets
        names = [dataset.name for dataset in datasets]
        self.set_reactive(LongList.cursor, names.index(name) if name in names else 0)
        self.changed()

    def select(self, name: str) -> None:
        """Selects a dataset without a word about it."""
        names = [dataset.name for dataset in self._datasets]
        if name in names:
            self.set_reactive(LongList.cursor, names.index(name))
            self.changed()

    def count(self) -> int:
        return len(self._datasets)

    def head_parts(self, width: int) -> list[Part]:
        if not self._datasets:
            return [(cell(_("none yet: p makes one"), width), "muted")]
        head = cell("", width - 2 * NUMBER - 1)
        return [(head + cell(_("classes"), NUMBER, right=True), "muted"),
                (cell(_("images"), NUMBER, right=True), "muted")]  # fmt: skip

    def parts(self, index: int, width: int) -> list[Part]:
        dataset = self._datasets[index]
        name = cell(f" {dataset.name}", width - 2 * NUMBER - 1)
        if dataset.problem is not None:
            return [(name, ""), (cell(_("damaged"), 2 * NUMBER, right=True), "bad")]
        numbers = (cell(str(n), NUMBER, right=True) for n in (dataset.classes, dataset.images))
        return [(name, ""), ("".join(numbers), "muted")]

    def moved(self, index: int) -> None:
        if self._datasets:
            self.post_message(self.Seen(self._datasets[index].name))

    def opened(self, index: int) -> None:
        self.post_message(self.Opened(self._datasets[index].name))


class ClassList(LongList):
    """Classes with the number of their images: in each split where there is room, and in all."""

    BINDING_GROUP_TITLE = _("Classes")
    HEAD = 1

    @dataclass
    class Seen(Message):
        """A class is selected, by its index in the dataset; None where no class is left."""

        label: int | None

    class Opened(Message):
        """The images of the selected class are to be looked at."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._labels: Sequence[str] = ()
        self._counts: NDArray[np.int64] = np.zeros((0, 3), np.int64)
        self._shown: Sequence[int] = ()

    def show(self, labels: Sequence[str], counts: NDArray[np.int64], shown: Sequence[int]) -> None:
        """Shows some of the classes.

        Args:
            labels: of all classes.
            counts: images of each class in each split, `[classes, splits]`.
            shown: indices of the classes to show, in order.
        """
        self._labels, self._counts, self._shown = labels, counts, shown
        self.set_reactive(LongList.cursor, 0)
        self.changed()
        self.scroll_to(y=0, animate=False, force=True, immediate=True)
        self.moved(0)

    def count(self) -> int:
        return len(self._shown)

    def head_parts(self, width: int) -> list[Part]:
        names = (_("train"), _("val"), _("test"), _("all"))
        head = cell(" " + _("class"), width - self._room(width))
        kept = (cell(name, COUNT, right=True) for name in self._kept(names, width))
        return [(head + "".join(kept), "muted")]

    def parts(self, index: int, width: int) -> list[Part]:
        label = self._shown[index]
        counts = self._counts[label]
        numbers = self._kept([str(n) for n in (*counts, counts.sum())], width)
        few = "doubtful" if not counts[-1] else "muted"
        return [(cell(f" {self._labels[label]}", width - self._room(width)), ""),
                ("".join(cell(number, COUNT, right=True) for number in numbers), few)]  # fmt: skip

    def _kept(self, numbers: Sequence[str], width: int) -> Sequence[str]:
        return numbers if width >= WIDE else numbers[-1:]

    def _room(self, width: int) -> int:
        return COUNT * (4 if width >= WIDE else 1) + 1

    def moved(self, index: int) -> None:
        self.post_message(self.Seen(self._shown[index] if self._shown else None))

    def opened(self, index: int) -> None:
        self.post_message(self.Opened())


class RejectedList(LongList):
    """Files that did not become part of a dataset, each with the reason."""

    BINDING_GROUP_TITLE = _("Rejected files")

    @dataclass
    class Seen(Message):
        """A file is selected."""

        path: str
        reason: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._files: Sequence[tuple[str, str]] = ()

    def show(self, files: Sequence[tuple[str, str]]) -> None:
        """Shows files: path and reason."""
        self._files = files
        self.changed()

    def count(self) -> int:
        return len(self._files)

    def parts(self, index: int, width: int) -> list[Part]:
        path, reason = self._files[index]
        columns = min(30, width // 2)
        reason = reason.removeprefix(f"{path}: ")
        return [(" " + path_cell(path, columns - 2) + " ", ""),
                (cell(reason, width - columns), "muted")]  # fmt: skip

    def moved(self, index: int) -> None:
        if self._files:
            self.post_message(self.Seen(*self._files[index]))
