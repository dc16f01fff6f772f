"""A source to look at before it is prepared: what was found in it, and the images of any class."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from hanzi_tui.i18n import _, printable, worded_problem
from hanzi_tui.prepared import matching
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.source_findings import Example, Look
from hanzi_tui.source_scan import Scan
from hanzi_tui.widgets.contact_sheet import IMAGE_COLUMNS, ClassExamples, ContactSheet
from hanzi_tui.widgets.glyphs import Glyph, GlyphGrid
from hanzi_tui.widgets.regions import Regions
from hanzi_tui.widgets.rule import Rule
from hanzi_tui.widgets.source_list import SourceList
from pipeline.thumbnails import thumbnails


class SourceBrowser(Vertical):
    """Findings and classes left, their images right, the file of the selected one below.

    Args:
        signs: Unicode or ASCII.
    """

    BINDING_GROUP_TITLE = _("Looking at the source")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", _("class…"), id="look.search", key_display="/",
                tooltip=_("Only classes whose label holds a text, or a character such as 5b89")),
        Binding("o", "order", _("order"), id="look.order",
                tooltip=_("Classes by label, or the smallest first")),
        Binding("escape,l", "close", _("back"), id="look.close", key_display="esc",
                tooltip=_("Back to preparing")),
    ]  # fmt: skip

    class Closed(Message):
        """Enough has been seen."""

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._signs = signs
        self._scan: Scan | None = None
        self._look = Look((), ())
        self._max_pixels = 0
        self._sheet: ContactSheet | None = None
        self._reading: ContactSheet | None = None
        self._by_size = False

    def compose(self) -> ComposeResult:
        yield Static(id="looked")
        titles = {"found": _("findings and classes"), "images": _("images")}
        with Regions(titles, room_for_all=61, id="look-parts"):
            with Vertical(id="found"):
                yield Rule(_("findings and classes"), signs=self._signs)
                search = Input(placeholder=_("text in the label"), compact=True, id="look-search")
                search.cursor_blink = False
                search.display = False
                yield search
                yield SourceList(signs=self._signs, id="source-list")
            with Vertical(id="images"):
                yield Rule(_("images as they are in the source"), signs=self._signs)
                yield GlyphGrid(image_columns=IMAGE_COLUMNS, signs=self._signs, id="sheet",
                                empty=_("No image shows this."))  # fmt: skip
            with Vertical(id="large"):
                yield Rule(_("image"), signs=self._signs)
                yield Glyph(signs=self._signs)
        yield Static(id="look-detail")

    def show(self, scan: Scan, look: Look, max_pixels: int, number: int = 0) -> None:
        """Shows a source from the finding of this number on, the worst by default."""
        self._scan, self._look, self._max_pixels = scan, look, max_pixels
        self.query_one("#look-search", Input).value = ""
        self._show_large(False)
        self._list()
        found = self.query_one(SourceList)
        found.cursor = number
        self.query_one(Regions).go_to("found", found)

    def _list(self) -> None:
        if self._scan is None:
            return
        text = self.query_one("#look-search", Input).value
        classes = self._scan.sizes if self._by_size else sorted(self._scan.sizes)
        if text.strip():
            classes = [classes[i] for i in matching([label for label, _size in classes], text)]
        findings = () if text.strip() else self._look.findings
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
        text = _("{label}: {count} images").format(label=event.label, count=len(indices))
        self._open(text, ClassExamples(listing, indices))

    def _open(self, title: str, examples: Sequence[Example]) -> None:
        self.query_one("#looked", Static).update(Content.styled(printable(title), "bold"))
        self._sheet = ContactSheet(examples, self._asked, self._signs)
        grid = self.query_one(GlyphGrid)
        grid.items = self._sheet
        grid.index = 0
        grid.scroll_home(animate=False)
        self._show_image()

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
                self._show_image()
        finally:
            if self._reading is sheet:
                self._reading = None

    @on(GlyphGrid.Selected)
    def _show_image(self) -> None:
        detail, large = self.query_one("#look-detail", Static), self.query_one(Glyph)
        sheet, index = self._sheet, self.query_one(GlyphGrid).index
        if sheet is None or index is None or index >= len(sheet):
            detail.update("")
            large.image = None
            return
        example, problem = sheet.examples[index], sheet.problem(index)
        note = example.note or ("" if problem is None else worded_problem(problem))
        place = f"{index + 1}/{len(sheet)}  "
        said = f"  {printable(note)}" if note else ""
        path = printable(example.path)
        detail.update(Content.assemble((place, "$muted"), path, (said, "$muted")))
        large.image = sheet.picture(index)

    @on(GlyphGrid.Opened)
    def action_large(self) -> None:
        """Shows the selected image as large as there is room, or beside the others again."""
        self._show_large(not self.has_class("-large"))
        self.query_one(Regions).go_to("images")

    def _show_large(self, on: bool) -> None:
        self.set_class(on, "-large")
        self.query_one(Regions).alone = on

    @on(Input.Changed, "#look-search")
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        self._list()

    @on(Input.Submitted, "#look-search")
    def _searched_for(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.set_focus(self.query_one(SourceList))

    def action_search(self) -> None:
        self._show_large(False)
        search = self.query_one("#look-search", Input)
        search.display = True
        self.query_one(Regions).go_to("found", search)

    def action_order(self) -> None:
        self._by_size = not self._by_size
        self._list()

    def action_close(self) -> None:
        """Goes one step back: from the search, the large image, and from the source."""
        search = self.query_one("#look-search", Input)
        if search.display:
            search.display = False
            search.value = ""
            self.query_one(Regions).go_to("found", self.query_one(SourceList))
        elif self.has_class("-large"):
            self.action_large()
        else:
            self.post_message(self.Closed())
