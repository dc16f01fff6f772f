"""One picture and its answer: the picture in three views, the candidates, what the network saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.message import Message

from hanzi_tui import recognition_words as words
from hanzi_tui.binarised import binarised
from hanzi_tui.i18n import _, worded_problem
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.candidates import Candidates
from hanzi_tui.widgets.picture import Graphics, Picture, as_colours
from hanzi_tui.widgets.raster import Image
from hanzi_tui.widgets.rule import Rule
from pipeline.recognition.answers import Answer

View = Literal["picture", "normalised", "binarised"]
VIEWS: tuple[View, ...] = get_args(View)


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
        self._answer: Answer | None = None
        self._view: View = "picture"

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
        candidates = self.query_one(Candidates)
        candidates.empty = ""
        candidates.candidates = [(c.label, c.probability) for c in answer.candidates]
        candidates.sure = answer.verdict == "sure"
        if answer.problem is not None:
            self.say(f"{self._signs.failed} {worded_problem(answer.problem)}", bad=True)
            return
        self._answer = answer
        self._show_view()
        if answer.seen is not None:
            title = _("the model sees {side} px").format(side=len(answer.seen))
            self._draw("#seen", title, _as_drawn(answer.seen))

    def turn(self) -> None:
        """Shows the picture in the next of its views."""
        self._view = VIEWS[(VIEWS.index(self._view) + 1) % len(VIEWS)]
        if self._answer is not None:
            self._show_view()

    def _show_view(self) -> None:
        answer = self._answer
        if answer is None or answer.preview is None or answer.seen is None:
            return
        if self._view == "normalised":
            title = _("normalised {side} px").format(side=len(answer.seen))
            self._draw("#picture", title, _as_drawn(answer.seen))
        elif self._view == "binarised":
            pixels, level = binarised(answer.preview)
            title = _("binarised: white is above {level}").format(level=level)
            self._draw("#picture", title, as_colours(pixels))
        elif answer.size_px is not None:
            width, height = answer.size_px
            title = _("picture {width} x {height} px").format(width=width, height=height)
            self._draw("#picture", title, as_colours(answer.preview))

    def say(self, text: str, bad: bool = False) -> None:
        """Shows words in place of a picture and its answer."""
        self._answer = None
        candidates = self.query_one(Candidates)
        candidates.candidates = ()
        candidates.empty = "" if bad else words.candidates_to_come()
        self._title("#picture", _("picture"))
        self._title("#seen", _("the model sees"))
        self.query_one("#picture Picture", Picture).say(text, bad)
        self.query_one("#seen Picture", Picture).say("" if bad else words.seen_to_come())

    def _title(self, part: str, title: str) -> None:
        self.query_one(f"{part} > Rule", Rule).title = title

    def _draw(self, part: str, title: str, image: Image) -> None:
        self._title(part, title)
        self.query_one(f"{part} Picture", Picture).show(image)


def _as_drawn(seen: Image) -> Image:
    """Returns what the network saw, `[S, S, C]`, as a picture is drawn: gray as `[S, S]`."""
    return seen[:, :, 0] if seen.shape[2] == 1 else seen
