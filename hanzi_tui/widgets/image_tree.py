"""A tree of folders and the images in them; a folder of thousands unfolds at once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import ClassVar, Literal

from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import var

from hanzi_tui.i18n import _, printable
from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.widgets.long_list import LongList, Part, cell, path_cell
from pipeline.dataset.sources import is_folder
from pipeline.recognition.folder import is_image_name

UP = "^ "


@dataclass(frozen=True)
class Entry:
    """A line of the tree; `kind` "note" is a word about a folder that shows no entries."""

    path: str
    depth: int
    kind: Literal["folder", "image", "note"]
    name: str


class ImageTree(LongList):
    """Folders and images below a root, which is the first line and leads one folder higher.

    A folder is read, in a thread, whenever it is unfolded.
    """

    BINDING_GROUP_TITLE = _("Files")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "unfold", _("Unfold"), id="tree.unfold", show=False,
                tooltip=_("Show what is in the folder")),
        Binding("left", "fold", _("Fold"), id="tree.fold", show=False,
                tooltip=_("Hide what is in the folder, or go to the folder this is in")),
        Binding("backspace", "up_root", _("Up"), id="tree.root", show=False,
                tooltip=_("Begin the tree one folder higher")),
    ]  # fmt: skip

    root: var[Path] = var(Path("."), init=False)

    @dataclass
    class Selected(Message):
        """The cursor came to a file or folder."""

        path: Path
        is_image: bool

    @dataclass
    class Opened(Message):
        """An image was asked for."""

        path: Path

    @dataclass
    class _Listed(Message):
        """A folder was read."""

        folder: str
        entries: list[Entry]
        select: str

    def __init__(self, root: Path, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._marks = ("+ ", "- ") if signs == ASCII else ("▸ ", "▾ ")
        self._open: set[str] = set()
        self._lines = [Entry(str(root), 0, "folder", str(root))]
        self.set_reactive(ImageTree.root, root)

    def on_mount(self) -> None:
        self._unfold(0)

    def count(self) -> int:
        return len(self._lines)

    def opens_at(self, index: int, x: int) -> bool:
        line = self._lines[index]
        return line.kind == "folder" and 0 <= x - 2 * line.depth < len(UP)

    def parts(self, index: int, width: int) -> list[Part]:
        line = self._lines[index]
        mark = self._marks[line.path in self._open] if line.kind == "folder" else "  "
        lead = " " * (2 * line.depth) + (mark if line.depth else UP)
        cut = cell if line.depth else path_cell
        text = cut(line.name, max(0, width - len(lead)))
        return [(lead, "muted"), (text, "muted" if line.kind == "note" else "")]

    @property
    def selected(self) -> Entry:
        return self._lines[self.cursor]

    @property
    def folder(self) -> Path:
        """The folder that the cursor is on or in."""
        path = Path(self.selected.path)
        return path if self.selected.kind != "image" else path.parent

    def show(self, folder: Path, select: Path | None = None) -> None:
        """Makes a folder the root, and selects what lies in it."""
        self._open.clear()
        self._lines = [Entry(str(folder), 0, "folder", str(folder))]
        self.set_reactive(ImageTree.root, folder)
        self.changed()
        self._unfold(0, "" if select is None else str(select))

    def step(self, images: int) -> None:
        """Selects the next image there is in a direction."""
        ahead = range(self.cursor + images, self.count() if images > 0 else -1, images)
        found = (index for index in ahead if self._lines[index].kind == "image")
        self.cursor = next(found, self.cursor)

    def moved(self, index: int) -> None:
        line = self._lines[index]
        self.post_message(self.Selected(Path(line.path), line.kind == "image"))

    def opened(self, index: int) -> None:
        line = self._lines[index]
        if line.kind == "image":
            self.post_message(self.Opened(Path(line.path)))
        elif line.kind == "folder" and not line.depth:
            self.action_up_root()
        elif line.kind == "folder":
            (self._fold if line.path in self._open else self._unfold)(index)

    def action_unfold(self) -> None:
        if self.selected.kind == "folder" and self.selected.path not in self._open:
            self._unfold(self.cursor)
        else:
            self.cursor += 1

    def action_fold(self) -> None:
        if not self.selected.depth:
            self.action_up_root()
        elif self.selected.path in self._open and self.selected.kind == "folder":
            self._fold(self.cursor)
        else:
            self.cursor = self._line_above(self.cursor)

    def action_up_root(self) -> None:
        if self.root.parent != self.root:
            self.show(self.root.parent, self.root)

    def _line_above(self, index: int) -> int:
        """Returns the line of the folder that a line lies in."""
        depth = self._lines[index].depth
        return next(i for i in range(index, -1, -1) if self._lines[i].depth < depth)

    def _fold(self, index: int) -> None:
        depth = self._lines[index].depth
        end = index + 1
        while end < len(self._lines) and self._lines[end].depth > depth:
            self._open.discard(self._lines[end].path)
            end += 1
        self._open.discard(self._lines[index].path)
        del self._lines[index + 1 : end]
        self.changed()

    def _unfold(self, index: int, select: str = "") -> None:
        line = self._lines[index]
        self._open.add(line.path)
        self._list(line.path, line.depth + 1, select)

    @work(thread=True, group="list", exit_on_error=False)
    def _list(self, folder: str, depth: int, select: str) -> None:
        self.post_message(self._Listed(folder, _entries(folder, depth), select))

    def on_image_tree__listed(self, event: _Listed) -> None:
        event.stop()
        index = next((i for i, line in enumerate(self._lines)
                      if line.path == event.folder and line.kind == "folder"), None)  # fmt: skip
        if index is None or event.folder not in self._open:
            return
        depth = self._lines[index].depth
        if index + 1 < len(self._lines) and self._lines[index + 1].depth > depth:
            return
        self._lines[index + 1 : index + 1] = event.entries
        if self.cursor > index:
            self.set_reactive(ImageTree.cursor, self.cursor + len(event.entries))
        self.changed()
        found = [i for i, line in enumerate(self._lines) if line.path == event.select]
        self.cursor = found[-1] if found else self.cursor


def _entries(folder: str, depth: int) -> list[Entry]:
    """Reads a folder: folders first, then images, by name; why it shows nothing, otherwise."""
    folders, images = [], []
    try:
        with os.scandir(folder) as found:
            for entry in found:
                if entry.name.startswith("."):
                    continue
                if is_folder(entry):
                    folders.append(Entry(entry.path, depth, "folder", entry.name))
                elif is_image_name(entry.name):
                    images.append(Entry(entry.path, depth, "image", entry.name))
    except OSError as error:
        return [Entry(folder, depth, "note", printable(error.strerror or str(error)))]
    if not folders and not images:
        return [Entry(folder, depth, "note", _("no images here"))]
    by_name = attrgetter("name")
    return sorted(folders, key=by_name) + sorted(images, key=by_name)
