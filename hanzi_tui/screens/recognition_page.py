"""A whole page: the picture, its text, and what each of its characters may be."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, get_args

import numpy as np
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from hanzi_tui import recognition_words as words
from hanzi_tui.i18n import _
from hanzi_tui.recognizing import Recognizing, free_path
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.candidates import Candidates
from hanzi_tui.widgets.page_text import PageText
from hanzi_tui.widgets.picture import Graphics, Picture, as_colours
from hanzi_tui.widgets.raster import Image
from hanzi_tui.widgets.rule import Rule
from hanzi_tui.wording import doubt
from pipeline.problems import Problem
from pipeline.recognition.page_table import write_characters
from pipeline.recognition.page_text import Page, PageAnswer, PageCharacter

PREVIEW_PX = 1024
Wanted = Literal["auto", "columns", "rows"]
READINGS: tuple[Wanted, ...] = get_args(Wanted)


class PagePart(Vertical):
    """The page with the selected character marked, the text of it, and the candidates.

    Args:
        recognizing: what is asked.
        signs: Unicode or ASCII.
    """

    BINDING_GROUP_TITLE = _("A whole page")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "turn", _("columns or rows"), id="page.reading",
                tooltip=_("Read in columns, in rows, or find out")),
        Binding("y", "copy", _("copy text"), id="page.copy",
                tooltip=_("Send the text to the terminal's clipboard")),
        Binding("e", "export", _("CSV"), id="page.export",
                tooltip=_("Write all characters with their boxes to a table in the current "
                          "folder")),
    ]  # fmt: skip

    @dataclass
    class Copied(Message):
        """The text was sent to the terminal's clipboard."""

        count: int

    @dataclass
    class Exported(Message):
        """The characters were written."""

        path: Path
        count: int

    @dataclass
    class Failed(Message):
        """They could not be written."""

        reason: str

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
        self._answer = PageAnswer()
        self._reading: Wanted | None = None
        self.path: Path | None = None
        """The image shown."""

    def compose(self) -> ComposeResult:
        signs = self._signs
        with Horizontal():
            with Vertical(id="sheet"):
                yield Rule(_("page"), signs=signs)
                yield Picture(signs=signs)
            with Vertical(id="told"):
                yield Rule(_("text"), signs=signs, id="text-rule")
                with VerticalScroll(can_focus=False, id="lines"):
                    yield PageText()
                yield Rule(_("answer"), signs=signs)
                yield Candidates(signs)
        yield Static(classes="result")

    def on_mount(self) -> None:
        self._say(words.choose_page())

    def draw_by(self, graphics: Graphics) -> None:
        """Sets how pictures are drawn."""
        self.query_one(Picture).graphics = graphics

    def take_focus(self) -> None:
        self.screen.set_focus(self.query_one(PageText))

    def again(self) -> None:
        """Reads the page anew, if there is one."""
        if self.path is not None:
            self.look_at(self.path)

    def open_page(self, path: Path) -> None:
        """Reads a page; one that is shown already stays."""
        if path != self.path:
            self.look_at(path)

    @work(exclusive=True, group="page", exit_on_error=False)
    async def look_at(self, path: Path) -> None:
        """Reads a page."""
        self.path = path
        self._reading = self._reading or self._recognizing.reading
        reading = None if self._reading == "auto" else self._reading
        try:
            client = await self._recognizing.client()
            answer = await client.read_page(path, reading, self._recognizing.top, PREVIEW_PX)
        except (Problem, OSError) as error:
            self._say(f"{self._signs.failed} {words.why(error)}", bad=True)
            return
        if answer.problem is not None:
            self._say(f"{self._signs.failed} {words.why(answer.problem)}", bad=True)
            return
        self._show(answer)

    def _show(self, answer: PageAnswer) -> None:
        self._answer = answer
        page = answer.page
        assert page is not None
        width, height = answer.size_px
        title = _("page {width} x {height} px").format(width=width, height=height)
        self.query_one("#sheet > Rule", Rule).title = title
        self.query_one("#text-rule", Rule).right = words.page_shape(page)
        candidates = self.query_one(Candidates)
        candidates.candidates, candidates.empty = (), ""
        self.query_one(PageText).page = page
        if not page.lines and answer.preview is not None:
            self.query_one(Picture).show(as_colours(answer.preview))
        name = self.path.name if self.path is not None else ""
        told = words.page_line(answer, name, self._recognizing.model_name, self._signs)
        self.query_one(".result", Static).update(told)

    def _say(self, text: str, bad: bool = False) -> None:
        """Shows words in place of a page."""
        self._answer = PageAnswer()
        self.query_one("#sheet > Rule", Rule).title = _("page")
        self.query_one("#text-rule", Rule).right = ""
        self.query_one(Picture).say(text, bad)
        self.query_one(PageText).page = None
        candidates = self.query_one(Candidates)
        candidates.candidates, candidates.empty = (), "" if bad else words.candidates_to_come()
        self.query_one(".result", Static).update(Content(""))

    @on(PageText.Selected)
    def _selected(self, event: PageText.Selected) -> None:
        event.stop()
        character = event.character
        candidates = self.query_one(Candidates)
        candidates.candidates = [(c.label, c.probability) for c in character.candidates]
        candidates.sure = character.verdict == "sure"
        candidates.empty = doubt(character.verdict)
        if self._answer.preview is not None:
            self.query_one(Picture).show(_marked(self._answer, character))

    def action_turn(self) -> None:
        self._reading = READINGS[(READINGS.index(self._reading or "auto") + 1) % len(READINGS)]
        self.again()

    @property
    def _page(self) -> Page | None:
        return self._answer.page

    def action_copy(self) -> None:
        if self._page is not None and self._page.lines:
            self.app.copy_to_clipboard(self._page.text)
            self.post_message(self.Copied(sum(map(len, self._page.lines))))

    @work(exclusive=True, group="export", exit_on_error=False)
    async def action_export(self) -> None:
        page, image = self._page, self.path
        if page is None or image is None or not page.lines:
            return
        wanted = Path.cwd() / f"{image.stem}-characters.csv"
        try:
            path = await asyncio.to_thread(free_path, wanted)
            pages = [(str(image), page)]
            await asyncio.to_thread(write_characters, path, pages, self._recognizing.top)
        except OSError as error:
            self.post_message(self.Failed(words.why(error)))
        else:
            self.post_message(self.Exported(path, sum(map(len, page.lines))))


def _marked(answer: PageAnswer, selected: PageCharacter) -> Image:
    """Returns the picture in colours with the selected character marked, and what is not sure."""
    assert answer.preview is not None and answer.page is not None
    picture = as_colours(answer.preview).astype(np.float32)
    scale = len(picture) / max(1, answer.size_px[1])
    for line in answer.page.lines:
        for character in line:
            if character is selected:
                tint, share = (255, 80, 60), 0.5
            elif character.verdict != "sure":
                tint, share = (250, 190, 60), 0.25
            else:
                continue
            left, top, right, bottom = (round(scale * side) for side in character.box)
            here = (slice(top, max(bottom, top + 1)), slice(left, max(right, left + 1)))
            picture[here] += share * (np.array(tint, np.float32) - picture[here])
    return picture.astype(np.uint8)
