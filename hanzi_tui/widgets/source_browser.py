"""A source to look at before it is prepared: what was found in it, and the images of any class."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from hanzi_tui import counts
from hanzi_tui.i18n import _, printable, worded_problem
from hanzi_tui.prepared import matching
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.source_look import Example, Look
from hanzi_tui.source_scan import Scan
from hanzi_tui.widgets.class_browser import ClassBrowser
from hanzi_tui.widgets.contact_sheet import ContactSheet, class_examples
from hanzi_tui.widgets.glyphs import GlyphGrid
from hanzi_tui.widgets.regions import Regions
from hanzi_tui.widgets.source_list import SourceList
from pipeline.thumbnails import thumbnails


class SourceBrowser(ClassBrowser):
    """Findings and classes left, their images right, the file of the selected one below.

    Args:
        signs: Unicode or ASCII.
    """

    BINDING_GROUP_TITLE = _("Looking at the source")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,l", "close", _("back"), id="look.close", key_display="esc",
                tooltip=_("Back to preparing")),
    ]  # fmt: skip
    CLASSES_TITLE = _("findings and classes")
    IMAGES_TITLE = _("images as they are in the source")
    EMPTY = _("No image shows this.")

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(signs=signs, id=id)
        self._scan: Scan | None = None
        self._look = Look((), ())
        self._max_pixels = 0
        self._sheet: ContactSheet | None = None
        self._reading: ContactSheet | None = None

    def class_list(self) -> SourceList:
        return SourceList(signs=self.signs, id="source-list")

    def show(self, scan: Scan, look: Look, max_pixels: int, number: int = 0) -> None:
        """Shows a source from the finding of this number on, the worst by default."""
        self._scan, self._look, self._max_pixels = scan, look, max_pixels
        self.begin(number)

    def list_classes(self) -> None:
        if self._scan is None:
            return
        classes = self._scan.sizes if self.by_size else sorted(self._scan.sizes)
        if self.searched:
            found = matching([label for label, _size in classes], self.searched)
            classes = [classes[i] for i in found]
        findings = () if self.searched else self._look.findings
        self.query_one(SourceList).show(findings, classes)

    @on(SourceList.FindingSeen)
    def _finding_seen(self, event: SourceList.FindingSeen) -> None:
        self._open(event.finding.text, event.finding.examples)

    @on(SourceList.ClassSeen)
    def _class_seen(self, event: SourceList.ClassSeen) -> None:
        if self._scan is None or event.label is None:
            self._open(_("No class with this text: escape shows all."), ())
            return
        listing = self._scan.listing
        indices = self._scan.of_class(bisect_left(listing.images.labels, event.label))
        text = f"{event.label}: {counts.images(len(indices))}"
        self._open(text, class_examples(listing, indices))

    def _open(self, title: str, examples: Sequence[Example]) -> None:
        self.tell(printable(title))
        self._sheet = ContactSheet(examples, self._asked, self.signs)
        self.show_items(self._sheet)

    @on(SourceList.Opened)
    def _opened(self) -> None:
        self.query_one(Regions).go_to("images")

    def _asked(self, sheet: ContactSheet) -> None:
        if self._reading is not sheet and sheet is self._sheet:
            self._reading = sheet
            self._read(sheet)

    @work(exclusive=True, group="thumbnails", exit_on_error=False)
    async def _read(self, sheet: ContactSheet) -> None:
        """Reads the pictures that are wanted, until none is."""
        scan = self._scan
        try:
            while scan is not None and (batch := sheet.wanted()):
                images = [image for i in batch if (image := sheet.examples[i].image) is not None]
                sheet.take(batch, await thumbnails(scan.root, images, self._max_pixels))
                self.query_one(GlyphGrid).items = sheet
                self.show_image()
        finally:
            if self._reading is sheet:
                self._reading = None

    def show_image(self) -> None:
        sheet, index = self._sheet, self.query_one(GlyphGrid).index
        if sheet is None or index is None or index >= len(sheet):
            self.tell_image(None)
            return
        example, problem = sheet.examples[index], sheet.problem(index)
        note = example.note or ("" if problem is None else worded_problem(problem))
        place = f"{index + 1}/{len(sheet)}  "
        said = f"  {printable(note)}" if note else ""
        self.tell_image(sheet.picture(index), (place, "$muted"), printable(example.path),
                        (said, "$muted"))  # fmt: skip
