"""Classes to go through, the images of one, and each image with the file it came from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from hanzi_tui.i18n import _
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.glyphs import Glyph, GlyphGrid, GlyphItem
from hanzi_tui.widgets.long_list import LongList, path_end
from hanzi_tui.widgets.raster import Image
from hanzi_tui.widgets.regions import Regions
from hanzi_tui.widgets.rule import Rule

IMAGE_COLUMNS = 14


class ClassBrowser(Vertical):
    """A list of classes left, their images right, the selected one beside them and its file below.

    Subclasses say what is listed and shown; the list tells them what is selected.

    Args:
        signs: Unicode or ASCII.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", _("class…"), id="classes.search", key_display="/",
                tooltip=_("Only classes whose label holds a text, or a character such as 5b89")),
        Binding("o", "order", _("order"), id="classes.order",
                tooltip=_("Classes by label, or the smallest first")),
    ]  # fmt: skip
    CLASSES_TITLE = _("classes")
    IMAGES_TITLE = _("images")
    EMPTY = ""
    """What is said where there are no images."""

    class Closed(Message):
        """Enough has been seen."""

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.signs = signs
        self.by_size = False

    def class_list(self) -> LongList:
        """Returns a new list of classes."""
        raise NotImplementedError

    def list_classes(self) -> None:
        """Lists the classes that hold `searched`, in the order that `by_size` says."""
        raise NotImplementedError

    def show_image(self) -> None:
        """Shows the selected image, by `tell_image`."""
        raise NotImplementedError

    def instead_of_images(self) -> Sequence[Widget]:
        """Returns what stands where the images are, at other times."""
        return ()

    def compose(self) -> ComposeResult:
        yield Static(id="browsed")
        titles = {"classes": self.CLASSES_TITLE, "images": _("images")}
        with Regions(titles, room_for_all=61, id="parts"):
            with Vertical(id="classes"):
                yield Rule(self.CLASSES_TITLE, signs=self.signs)
                search = Input(placeholder=_("text in the label"), compact=True, id="search")
                search.cursor_blink = False
                search.display = False
                yield search
                yield self.class_list()
            with Vertical(id="images"):
                yield Rule(self.IMAGES_TITLE, signs=self.signs)
                yield GlyphGrid(image_columns=IMAGE_COLUMNS, signs=self.signs, id="grid",
                                empty=self.EMPTY)  # fmt: skip
                yield from self.instead_of_images()
            with Vertical(id="large"):
                yield Rule(_("image"), signs=self.signs)
                yield Glyph(signs=self.signs)
        yield Static(id="detail")

    @property
    def searched(self) -> str:
        """The text that is searched for, "" for none."""
        return self.query_one("#search", Input).value.strip()

    def begin(self, cursor: int = 0) -> None:
        """Lists all classes, and goes to the line of this number."""
        self.query_one("#search", Input).value = ""
        self.show_large(False)
        self.list_classes()
        classes = self.query_one("#classes LongList", LongList)
        classes.cursor = cursor
        self.query_one(Regions).go_to("classes", classes)

    def tell(self, title: str | Content) -> None:
        """Shows a title above all."""
        self.query_one("#browsed", Static).update(
            title if isinstance(title, Content) else Content.styled(title, "bold")
        )

    def show_items(self, items: Sequence[GlyphItem]) -> None:
        """Shows images from the first on."""
        grid = self.query_one(GlyphGrid)
        grid.items = items
        grid.index = 0
        grid.scroll_home(animate=False)
        self.show_image()

    def tell_image(self, image: Image | None, *detail: str | tuple[str, str]) -> None:
        """Shows an image large, None for none, and what there is to say of it below."""
        self.query_one(Glyph).image = image
        self.query_one("#detail", Static).update(Content.assemble(*detail))

    def show_large(self, on: bool) -> None:
        """Shows the selected image as large as there is room, or beside the others."""
        self.set_class(on, "-large")
        self.query_one(Regions).alone = on

    @on(GlyphGrid.Selected)
    def _image_selected(self) -> None:
        self.show_image()

    @on(Input.Changed, "#search")
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        self.list_classes()

    @on(Input.Submitted, "#search")
    def _found(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.set_focus(self.query_one("#classes LongList"))

    @on(GlyphGrid.Opened)
    def action_large(self) -> None:
        """Shows the selected image as large as there is room, or beside the others again."""
        self.show_large(not self.has_class("-large"))
        self.query_one(Regions).go_to("images")

    def action_search(self) -> None:
        self.show_large(False)
        search = self.query_one("#search", Input)
        search.display = True
        self.query_one(Regions).go_to("classes", search)

    def action_order(self) -> None:
        self.by_size = not self.by_size
        self.list_classes()

    def action_close(self) -> None:
        """Goes one step back, and out at the end."""
        if not self.step_back():
            self.post_message(self.Closed())

    def step_back(self) -> bool:
        """Leaves the search or the large image, and says whether there was one to leave."""
        search = self.query_one("#search", Input)
        if search.display:
            search.display = False
            search.value = ""
            self.query_one(Regions).go_to("classes", self.query_one("#classes LongList"))
            return True
        if self.has_class("-large"):
            self.action_large()
            return True
        return False


def caption(path: str, columns: int = IMAGE_COLUMNS) -> str:
    """Returns as much of the name of a source's file, without its suffix, as there is room."""
    return path_end(PurePosixPath(path).stem, columns)
