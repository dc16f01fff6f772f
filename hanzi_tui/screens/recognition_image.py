"""One image: found in a tree of files, and shown with its answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from hanzi_tui import recognition_words as words
from hanzi_tui.i18n import _
from hanzi_tui.recognizing import Recognizing
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.image_answer import ImageAnswer
from hanzi_tui.widgets.image_tree import ImageTree
from hanzi_tui.widgets.rule import Rule
from pipeline.problems import Problem

PREVIEW_PX = 512
SETTLE_S = 0.15
REGIONS = ("files", "work")


class ImagePart(Vertical):
    """Files, the picture, its candidates, and the result in a line.

    Args:
        recognizing: what is asked.
        signs: Unicode or ASCII.
    """

    @dataclass
    class Looked(Message):
        """An image was recognised, or could not be."""

        path: Path

    def __init__(
        self,
        recognizing: Recognizing,
        *,
        signs: Signs = UNICODE,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._recognizing = recognizing
        self._signs = signs
        self._guest = False
        self.path: Path | None = None
        """The image shown."""

    def compose(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="files", classes="-shown"):
                yield Rule(_("files"), signs=self._signs)
                yield ImageTree(Path.cwd(), signs=self._signs)
            yield ImageAnswer(words.choose_image(), signs=self._signs, id="work")
        yield Static(words.answer_to_come(), classes="result")

    @property
    def folder(self) -> Path:
        """The folder that is selected, or that the selected image lies in."""
        return self.query_one(ImageTree).folder

    def say(self, text: str) -> None:
        """Shows words, while there is no image."""
        if self.path is None:
            self.query_one(ImageAnswer).say(text)

    def again(self) -> None:
        """Recognises the image anew, if there is one."""
        if self.path is not None:
            self.look_at(self.path)

    def take_focus(self) -> None:
        """Focuses the files, or the picture where that is all there is room for."""
        self._guest = False
        self._focus_region()

    def _focus_region(self) -> None:
        alone = self.screen.has_class("-tiny") and self.query_one("#work").has_class("-shown")
        wanted = ImageAnswer if self._guest or alone else ImageTree
        self.screen.set_focus(self.query_one(wanted))

    def step(self, images: int) -> None:
        """Goes through the files."""
        self.query_one(ImageTree).step(images)

    def show_region(self, shown: str = "") -> None:
        """Chooses what a terminal with room for one region shows; by default the other one."""
        files = self.query_one("#files")
        shown = shown or ("work" if files.has_class("-shown") else "files")
        for name in REGIONS:
            self.query_one(f"#{name}").set_class(name == shown, "-shown")
        self._focus_region()

    def open_folder(self, folder: Path) -> None:
        """Begins the tree of files at a folder."""
        self._guest = False
        self.query_one(ImageTree).show(folder)
        self.show_region("files")

    def open_image(self, path: Path, in_tree: bool = True) -> None:
        """Shows an image and its answer; one from elsewhere is not selected in the tree."""
        self._guest = not in_tree
        self.look_at(path)
        self.show_region("work")
        if in_tree:
            self.query_one(ImageTree).show(path.parent, path)

    @on(ImageTree.Selected)
    def _selected(self, event: ImageTree.Selected) -> None:
        event.stop()
        if event.is_image and event.path != self.path:
            self.look_at(event.path, SETTLE_S)

    @on(ImageTree.Opened)
    def _opened(self, event: ImageTree.Opened) -> None:
        event.stop()
        self.look_at(event.path)
        self.show_region("work")

    @work(exclusive=True, group="image", exit_on_error=False)
    async def look_at(self, path: Path, settle_s: float = 0.0) -> None:
        """Recognises an image; of many that one runs through, the one where one rests."""
        await asyncio.sleep(settle_s)
        self.path = path
        shown, result = self.query_one(ImageAnswer), self.query_one(".result", Static)
        try:
            client = await self._recognizing.client()
            (answer,) = await client.recognize([path], self._recognizing.top, PREVIEW_PX)
        except (Problem, OSError) as error:
            shown.say(f"{self._signs.failed} {words.why(error)}", bad=True)
            result.update(Content(""))
        else:
            shown.show(answer)
            result.update(words.answer_line(answer, path.name, client.model.name, self._signs))
        self.post_message(self.Looked(path))
