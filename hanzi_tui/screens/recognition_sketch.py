"""A character drawn by hand, recognised whenever the pen pauses, and the text made of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from hanzi_tui import recognition_words as words
from hanzi_tui.i18n import _, printable
from hanzi_tui.recognizing import Recognizing
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.strokes import PICTURE_PX, picture
from hanzi_tui.widgets.candidates import Candidates
from hanzi_tui.widgets.picture import Graphics, Picture
from hanzi_tui.widgets.rule import Rule
from hanzi_tui.widgets.sketch_pad import PENS, SketchPad
from pipeline.problems import Problem
from pipeline.recognition.answers import Answer

PAUSE_S = 0.3
CHOICES = 9
"""Candidates, at least: as many as there are digits to choose them by."""


class SketchPart(Vertical):
    """Paper, the candidates for what is drawn on it, and the text of those chosen.

    Args:
        recognizing: what is asked.
        signs: Unicode or ASCII.
    """

    BINDING_GROUP_TITLE = _("Text")
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(rank), f"choose({rank})", _("choose"), id=f"sketch.choose_{rank}",
                  show=rank == 1, key_display=None if rank > 1 else f"1-{CHOICES}",
                  tooltip=_("Append the candidate to the text and take an empty sheet"))
          for rank in range(1, CHOICES + 1)),
        Binding("enter", "choose(1)", _("first"), id="sketch.first", show=False,
                tooltip=_("Append the likeliest candidate to the text and take an empty sheet")),
        Binding("backspace", "erase", _("erase"), id="sketch.erase",
                tooltip=_("Take the last character of the text away")),
        Binding("y", "copy", _("copy text"), id="sketch.copy",
                tooltip=_("Send the text to the terminal's clipboard")),
        Binding("ctrl+u", "erase_all", _("Erase all"), id="sketch.erase_all", show=False,
                tooltip=_("Take the whole text away")),
    ]  # fmt: skip

    @dataclass
    class Chosen(Message):
        """A candidate was taken for what was drawn, an image file with its answer."""

        drawn: bytes
        answer: Answer

    @dataclass
    class Copied(Message):
        """The text was sent to the terminal's clipboard."""

        text: str

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
        self._pause: Timer | None = None
        self._answer = Answer()
        self.drawn = b""
        """The image file that the candidates are for."""
        self.labels: list[str] = []
        """What was chosen, one after the other: the text."""

    def compose(self) -> ComposeResult:
        signs = self._signs
        with Horizontal():
            with Vertical(id="paper"):
                yield Rule(_("sketch"), signs=signs)
                yield SketchPad(signs=signs)
            with Vertical(id="read"):
                yield Rule(_("answer"), signs=signs)
                yield Candidates(signs)
                yield Rule(_("text"), signs=signs)
                yield Static(id="text")
                yield Rule(_("the model sees"), signs=signs, id="seen-rule")
                yield Picture(signs=signs)
        yield Static(classes="result")

    def on_mount(self) -> None:
        self._show_nothing()
        self._show_text()
        self._show_pen()

    def draw_by(self, graphics: Graphics) -> None:
        """Sets how pictures are drawn."""
        self.query_one(Picture).graphics = graphics

    def take_focus(self) -> None:
        self.screen.set_focus(self.query_one(SketchPad))
        self._wake()

    def again(self) -> None:
        """Recognises anew what is on the paper."""
        if self.query_one(SketchPad).strokes:
            self._recognize()

    @on(SketchPad.Changed)
    def _changed(self, event: SketchPad.Changed) -> None:
        event.stop()
        self._show_pen()
        if self._pause is not None:
            self._pause.stop()
        if self.query_one(SketchPad).strokes:
            self._pause = self.set_timer(PAUSE_S, self._recognize)
        else:
            self.workers.cancel_group(self, "sketch")
            self._show_nothing()

    @on(Candidates.Clicked)
    def _clicked(self, event: Candidates.Clicked) -> None:
        event.stop()
        self.action_choose(event.rank)

    def action_choose(self, rank: int) -> None:
        candidates = self._answer.candidates
        if rank <= len(candidates):
            taken = candidates[rank - 1]
            self.labels.append(taken.label)
            self._show_text()
            self.post_message(self.Chosen(self.drawn, replace(self._answer, candidates=(taken,))))
            self.query_one(SketchPad).action_clear()

    def action_erase(self) -> None:
        if self.labels:
            self.labels.pop()
            self._show_text()

    def action_erase_all(self) -> None:
        self.labels.clear()
        self._show_text()

    def action_copy(self) -> None:
        if self.labels:
            text = "".join(self.labels)
            self.app.copy_to_clipboard(text)
            self.post_message(self.Copied(text))

    @work(exclusive=True, group="wake", exit_on_error=False)
    async def _wake(self) -> None:
        """Loads the model while the first stroke is drawn; what is wrong, the answer will tell."""
        try:
            client = await self._recognizing.client()
            await client.recognize([])
        except (Problem, OSError) as error:
            self._say_why(error)

    @work(exclusive=True, group="sketch", exit_on_error=False)
    async def _recognize(self) -> None:
        strokes = [stroke.copy() for stroke in self.query_one(SketchPad).strokes]
        drawn = await asyncio.to_thread(picture, strokes)
        top = max(CHOICES, self._recognizing.top)
        try:
            client = await self._recognizing.client()
            (answer,) = await client.recognize([drawn], top, PICTURE_PX)
        except (Problem, OSError) as error:
            self._say_why(error)
        else:
            self._show(answer, drawn)

    def _show(self, answer: Answer, drawn: bytes) -> None:
        self._answer, self.drawn = answer, drawn
        candidates = self.query_one(Candidates)
        candidates.empty = ""
        candidates.candidates = [(c.label, c.probability) for c in answer.candidates]
        candidates.sure = answer.verdict == "sure"
        if answer.seen is not None:
            gray = answer.seen.shape[2] == 1
            self.query_one(Picture).show(answer.seen[:, :, 0] if gray else answer.seen)
        told = words.answer_line(answer, _("sketch"), self._recognizing.model_name, self._signs)
        self.query_one(".result", Static).update(told)

    def _show_nothing(self) -> None:
        self._answer = Answer()
        candidates = self.query_one(Candidates)
        candidates.candidates = ()
        candidates.empty = words.draw_here()
        self.query_one(Picture).say("")
        self.query_one(".result", Static).update(Content.styled(words.sketch_to_come(), "$muted"))

    def _show_text(self) -> None:
        text = printable("".join(self.labels))
        shown = Content(text) if text else Content.styled(words.text_to_come(), "$muted")
        self.query_one("#text", Static).update(shown)

    def _show_pen(self) -> None:
        pad = self.query_one(SketchPad)
        pens = _("pen {number} of {count}").format(number=pad.pen + 1, count=len(PENS))
        strokes = _("strokes {count}").format(count=len(pad.strokes))
        self.query_one("#paper > Rule", Rule).right = f"{strokes}  {pens}"

    def _say_why(self, error: Problem | OSError) -> None:
        told = Content.styled(f"{self._signs.failed} {words.why(error)}", "$error")
        self.query_one(".result", Static).update(told)
