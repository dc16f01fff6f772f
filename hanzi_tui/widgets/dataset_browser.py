"""A prepared dataset to look at: its classes, the images of one, and what was rejected."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import ClassVar, overload

import numpy as np
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from hanzi_tui.i18n import _, printable
from hanzi_tui.prepared import BrowsedDataset, DatasetFacts, StoredImage, matching
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.dataset_lists import ClassList, RejectedList
from hanzi_tui.widgets.glyphs import Glyph, GlyphGrid, GlyphItem
from hanzi_tui.widgets.long_list import path_end
from hanzi_tui.widgets.regions import Regions
from hanzi_tui.widgets.rule import Rule

IMAGE_COLUMNS = 14


class DatasetBrowser(Vertical):
    """Classes left, the images of the selected one right, and the selected image beside them.

    Args:
        signs: Unicode or ASCII.
    """

    BINDING_GROUP_TITLE = _("Browsing")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", _("class…"), id="browse.search", key_display="/",
                tooltip=_("Only classes whose label holds a text, or a character such as 5b89")),
        Binding("o", "order", _("order"), id="browse.order",
                tooltip=_("Classes by label, or the smallest first")),
        Binding("x", "rejected", _("rejected"), id="browse.rejected",
                tooltip=_("Files that did not become part of the dataset, and why; and back")),
        Binding("escape,b", "close", _("back"), id="browse.close", key_display="esc",
                tooltip=_("Back to preparing")),
    ]  # fmt: skip

    class Closed(Message):
        """Enough has been seen."""

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._signs = signs
        self._dataset: BrowsedDataset | None = None
        self._facts: DatasetFacts | None = None
        self._items: _Items | None = None
        self._by_size = False

    def compose(self) -> ComposeResult:
        yield Static(id="browsed")
        titles = {"classes": _("classes"), "images": _("images")}
        with Regions(titles, room_for_all=61, id="parts"):
            with Vertical(id="classes"):
                yield Rule(_("classes"), signs=self._signs)
                search = Input(placeholder=_("text in the label"), compact=True, id="search")
                search.cursor_blink = False
                search.display = False
                yield search
                yield ClassList(id="class-list")
            with Vertical(id="images"):
                yield Rule(_("images"), signs=self._signs)
                yield GlyphGrid(image_columns=IMAGE_COLUMNS, signs=self._signs, id="grid",
                                empty=_("No class with this text: escape shows all."))  # fmt: skip
                yield RejectedList(id="rejected-files")
            with Vertical(id="large"):
                yield Rule(_("image"), signs=self._signs)
                yield Glyph(signs=self._signs)
        yield Static(id="detail")

    def show(self, dataset: BrowsedDataset, facts: DatasetFacts) -> None:
        """Shows a dataset from its first class on."""
        self._dataset, self._facts = dataset, facts
        text = _("{images} images   {classes} classes   {rejected} rejected")
        self.query_one("#browsed", Static).update(Content.assemble(
            (printable(dataset.name), "bold"), "   ",
            text.format(images=facts.images, classes=facts.classes,
                        rejected=facts.described["rejected"])))  # fmt: skip
        self.query_one(RejectedList).show(facts.rejected)
        self.query_one("#search", Input).value = ""
        self._show_large(False)
        self._show_rejected(False)
        self._list_classes()
        self.query_one(Regions).go_to("classes", self.query_one(ClassList))

    def _list_classes(self) -> None:
        dataset = self._dataset
        if dataset is None:
            return
        shown = np.array(matching(dataset.labels, self.query_one("#search", Input).value), int)
        if self._by_size:
            shown = shown[np.argsort(dataset.counts[shown].sum(axis=1), kind="stable")]
        self.query_one(ClassList).show(dataset.labels, dataset.counts, shown.tolist())

    @on(ClassList.Seen)
    def _class_seen(self, event: ClassList.Seen) -> None:
        grid = self.query_one(GlyphGrid)
        self._items = None
        if self._dataset is not None and event.label is not None:
            self._items = _Items(self._dataset.images(event.label))
        grid.items = self._items or ()
        grid.index = 0
        grid.scroll_home(animate=False)
        self._show_image(0)

    @on(ClassList.Opened)
    def _class_opened(self) -> None:
        self.query_one(Regions).go_to("images")

    @on(GlyphGrid.Opened)
    def action_large(self) -> None:
        """Shows the selected image as large as there is room, or beside the others again."""
        self._show_large(not self.has_class("-large"))
        self.query_one(Regions).go_to("images")

    def _show_large(self, on: bool) -> None:
        self.set_class(on, "-large")
        self.query_one(Regions).alone = on

    @on(GlyphGrid.Selected)
    def _image_selected(self, event: GlyphGrid.Selected) -> None:
        self._show_image(event.index)

    def _show_image(self, index: int) -> None:
        detail, large = self.query_one("#detail", Static), self.query_one(Glyph)
        if not self._items or index >= len(self._items):
            detail.update("")
            large.image = None
            return
        image = self._items.images[index]
        place = f"{index + 1}/{len(self._items)}  {image.split.name}  "
        detail.update(Content.assemble((place, "$muted"), printable(image.path)))
        large.image = image.pixels()

    @on(RejectedList.Seen)
    def _rejected_seen(self, event: RejectedList.Seen) -> None:
        self.query_one("#detail", Static).update(Content(printable(event.reason)))

    @on(Input.Changed, "#search")
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        self._list_classes()

    @on(Input.Submitted, "#search")
    def _found(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.set_focus(self.query_one(ClassList))

    def action_search(self) -> None:
        self._show_large(False)
        self._show_rejected(False)
        search = self.query_one("#search", Input)
        search.display = True
        self.query_one(Regions).go_to("classes", search)

    def action_order(self) -> None:
        self._by_size = not self._by_size
        self._list_classes()

    def action_rejected(self) -> None:
        self._show_large(False)
        self._show_rejected(not self.has_class("-rejected"))
        self.query_one(Regions).go_to("images")

    def _show_rejected(self, on: bool) -> None:
        self.set_class(on, "-rejected")
        rejected = self.query_one(RejectedList)
        rejected.display, self.query_one(GlyphGrid).display = on, not on
        if not on:
            self._show_image(self.query_one(GlyphGrid).index or 0)
        elif rejected.count():
            rejected.moved(rejected.cursor)
        else:
            self.query_one("#detail", Static).update(_("No file was rejected."))

    def action_close(self) -> None:
        """Goes one step back: from search, large image, rejected files, and from the dataset."""
        search = self.query_one("#search", Input)
        if search.display:
            search.display = False
            search.value = ""
            self.query_one(Regions).go_to("classes", self.query_one(ClassList))
        elif self.has_class("-large"):
            self.action_large()
        elif self.has_class("-rejected"):
            self.action_rejected()
        else:
            self.post_message(self.Closed())


class _Items(Sequence[GlyphItem]):
    """The images of a class for a grid, each with as much of its file's name as there is room."""

    def __init__(self, images: Sequence[StoredImage]) -> None:
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    @overload
    def __getitem__(self, index: int) -> GlyphItem: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[GlyphItem]: ...
    def __getitem__(self, index: int | slice) -> GlyphItem | Sequence[GlyphItem]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        image = self.images[index]
        stem = os.path.splitext(os.path.basename(image.path))[0]
        return GlyphItem(image.pixels, path_end(stem, IMAGE_COLUMNS))
