"""One picture and its answer: the picture, the candidates, and what the network saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.message import Message

from hanzi_tui import recognition_words as words
from hanzi_tui.i18n import _, worded_problem
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.candidates import Candidates
from hanzi_tui.widgets.picture import Graphics, Picture, as_colours
from hanzi_tui.widgets.raster import Image
from hanzi_tui.widgets.rule import Rule
from pipeline.recognition.answers import Answer


class ImageAnswer(Container, can_focus=True):
    """Shows a picture and what was made of it; with the focus here, up and down ask for others.

    Args:
        text: stands there until there is a picture.
        signs: Unicode or ASCII.
    """

    BINDING_GROUP_TITLE = _("Picture")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", _("Image before"), id="picture.previous", show=False,
                tooltip=_("Show the image before this one")),
        Binding("down", "step(1)", _("Next image"), id="picture.next", show=False,
                tooltip=_("Show the image after this one")),
    ]  # fmt: skip

    @dataclass
    class Stepped(Message):
        """Another image was asked for, so many further."""

        images: int

    def __init__(self, text: str, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._text = text
        self._signs = signs

    def compose(self) -> ComposeResult:
        signs = self._signs
        with Vertical(id="picture"):
            yield Rule(_("picture"), signs=signs)
            yield Picture(signs=signs)
        with Container(id="answer"):
            with Vertical(id="candidates"):
                yield Rule(_("answer"), signs=signs)
                with VerticalScroll(can_focus=False):
                    yield Candidates(signs)
            with Vertical(id="seen"):
                yield Rule(_("the model sees"), signs=signs)
                yield Picture(signs=signs)

    def on_mount(self) -> None:
        self.say(self._text)

    def draw_by(self, graphics: Graphics) -> None:
        """Sets how the next pictures are drawn."""
        for picture in self.query(Picture):
            picture.graphics = graphics

    def action_step(self, images: int) -> None:
        self.post_message(self.Stepped(images))

    def show(self, answer: Answer) -> None:
        """Shows the answer to a picture, or why there is none."""
        given = () if answer.blank else answer.candidates
        self.query_one(Candidates).empty = ""
        self.query_one(Candidates).candidates = [(c.label, c.probability) for c in given]
        if answer.problem is not None:
            self.say(f"{self._signs.failed} {worded_problem(answer.problem)}", bad=True)
            return
        if answer.size_px is not None:
            self._title("#picture", _("picture {width} x {height} px").format(
                width=answer.size_px[0], height=answer.size_px[1]))  # fmt: skip
        if answer.preview is not None:
            self._draw("#picture", as_colours(answer.preview))
        if answer.seen is not None:
            side_px = len(answer.seen)
            self._title("#seen", _("the model sees {side} px").format(side=side_px))
            gray = answer.seen.shape[2] == 1
            self._draw("#seen", answer.seen[:, :, 0] if gray else answer.seen)

    def say(self, text: str, bad: bool = False) -> None:
        """Shows words in place of a picture and its answer."""
        candidates = self.query_one(Candidates)
        candidates.candidates = ()
        candidates.empty = "" if bad else words.candidates_to_come()
        self._title("#picture", _("picture"))
        self._title("#seen", _("the model sees"))
        self.query_one("#picture Picture", Picture).say(text, bad)
        self.query_one("#seen Picture", Picture).say("" if bad else words.seen_to_come())

    def _title(self, part: str, title: str) -> None:
        self.query_one(f"{part} > Rule", Rule).title = title

    def _draw(self, part: str, image: Image) -> None:
        self.query_one(f"{part} Picture", Picture).show(image)
