"""A prepared dataset to look at: its classes, the images of one, and what was rejected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content

from hanzi_tui import counts
from hanzi_tui.i18n import _, printable
from hanzi_tui.mapped import Mapped
from hanzi_tui.prepared import BrowsedDataset, DatasetFacts, StoredImage, matching
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.class_browser import ClassBrowser, caption
from hanzi_tui.widgets.dataset_lists import ClassList, RejectedList
from hanzi_tui.widgets.glyphs import GlyphGrid, GlyphItem
from hanzi_tui.widgets.regions import Regions


class DatasetBrowser(ClassBrowser):
    """Classes left, the images of the selected one right, and the selected image beside them.

    Args:
        signs: Unicode or ASCII.
    """

    BINDING_GROUP_TITLE = _("Browsing")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "rejected", _("rejected"), id="browse.rejected",
                tooltip=_("Files that did not become part of the dataset, and why; and back")),
        Binding("escape,b", "close", _("back"), id="browse.close", key_display="esc",
                tooltip=_("Back to preparing")),
    ]  # fmt: skip
    EMPTY = _("No class with this text: escape shows all.")

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(signs=signs, id=id)
        self._dataset: BrowsedDataset | None = None
        self._images: Sequence[StoredImage] = ()

    def class_list(self) -> ClassList:
        return ClassList(id="class-list")

    def instead_of_images(self) -> Sequence[RejectedList]:
        return [RejectedList(id="rejected-files")]

    def show(self, dataset: BrowsedDataset, facts: DatasetFacts) -> None:
        """Shows a dataset from its first class on."""
        self._dataset = dataset
        self.tell(Content.assemble(
            (printable(dataset.name), "bold"), "   ",
            f"{counts.images(facts.images)}   {counts.classes(facts.classes)}   ",
            _("{count} rejected").format(count=facts.described["rejected"])))  # fmt: skip
        self.query_one(RejectedList).show(facts.rejected)
        self._show_rejected(False)
        self.begin()

    def list_classes(self) -> None:
        if (dataset := self._dataset) is None:
            return
        shown = np.array(matching(dataset.labels, self.searched), int)
        if self.by_size:
            shown = shown[np.argsort(dataset.counts[shown].sum(axis=1), kind="stable")]
        self.query_one(ClassList).show(dataset.labels, dataset.counts, shown.tolist())

    @on(ClassList.Seen)
    def _class_seen(self, event: ClassList.Seen) -> None:
        self._images = ()
        if self._dataset is not None and event.label is not None:
            self._images = self._dataset.images(event.label)
        self.show_items(Mapped(self._images, _item))

    @on(ClassList.Opened)
    def _class_opened(self) -> None:
        self.query_one(Regions).go_to("images")

    def show_image(self) -> None:
        index = self.query_one(GlyphGrid).index or 0
        if index >= len(self._images):
            self.tell_image(None)
            return
        image = self._images[index]
        place = f"{index + 1}/{len(self._images)}  {image.split.name}  "
        self.tell_image(image.pixels(), (place, "$muted"), printable(image.path))

    @on(RejectedList.Seen)
    def _rejected_seen(self, event: RejectedList.Seen) -> None:
        self.tell_image(None, printable(event.reason))

    def action_search(self) -> None:
        self._show_rejected(False)
        super().action_search()

    def action_rejected(self) -> None:
        self.show_large(False)
        self._show_rejected(not self.has_class("-rejected"))
        self.query_one(Regions).go_to("images")

    def _show_rejected(self, on: bool) -> None:
        self.set_class(on, "-rejected")
        rejected = self.query_one(RejectedList)
        rejected.display, self.query_one(GlyphGrid).display = on, not on
        if not on:
            self.show_image()
        elif rejected.count():
            rejected.moved(rejected.cursor)
        else:
            self.tell_image(None, _("No file was rejected."))

    def step_back(self) -> bool:
        if super().step_back():
            return True
        if rejected := self.has_class("-rejected"):
            self.action_rejected()
        return rejected


def _item(image: StoredImage) -> GlyphItem:
    return GlyphItem(image.pixels, caption(image.path))
