"""One image: found in a tree of files, and shown with its answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from hanzi_tui import recognition_words as words
from hanzi_tui.i18n import _
from hanzi_tui.recognizing import Recognizing
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.answer_history import AnswerHistory, Subject
from hanzi_tui.widgets.image_answer import ImageAnswer
from hanzi_tui.widgets.image_tree import ImageTree
from hanzi_tui.widgets.rule import Rule
from pipeline.problems import Problem
from pipeline.recognition.answers import Answer

PREVIEW_PX = 512
SETTLE_S = 0.15
REGIONS = ("files", "work")


class ImagePart(Vertical):
    """Files, the picture, its candidates, and the result in a line.

    Args:
        recognizing: what is asked.
        signs: Unicode or ASCII.
    """

    BINDING_GROUP_TITLE = _("One image")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "view", _("view"), id="recognition.view",
                tooltip=_("The picture, what the model is given of it, or it in black and white")),
        Binding("h", "history", _("last answers"), id="recognition.history",
                tooltip=_("Go to the last answers, to see them again")),
    ]  # fmt: skip

    @dataclass
    class Looked(Message):
        """An image was recognised, or could not be."""

        subject: Subject

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
        self.subject: Subject | None = None
        """What is shown."""

    def compose(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="files", classes="-shown"):
                yield Rule(_("files"), signs=self._signs)
                yield ImageTree(Path.cwd(), signs=self._signs)
                with Vertical(id="history"):
                    yield Rule(_("last answers"), signs=self._signs)
                    yield AnswerHistory()
            yield ImageAnswer(words.choose_image(None), signs=self._signs, id="work")
        yield Static(words.answer_to_come(), classes="result")

    def on_mount(self) -> None:
        self.query_one("#history").display = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action not in ("view", "history") or self.query_one("#history").display

    @property
    def folder(self) -> Path:
        """The folder that is selected, or that the selected image lies in."""
        return self.query_one(ImageTree).folder

    def say(self, text: str) -> None:
        """Shows words, while there is no image."""
        if self.subject is None:
            self.query_one(ImageAnswer).say(text)

    def again(self) -> None:
        """Recognises the image anew, if there is one."""
        if self.subject is not None:
            self.look_at(self.subject)

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
        self.look_at(_subject(path))
        self.show_region("work")
        if in_tree:
            self.query_one(ImageTree).show(path.parent, path)

    @on(ImageTree.Selected)
    def _selected(self, event: ImageTree.Selected) -> None:
        event.stop()
        subject = _subject(event.path)
        if event.is_image and subject != self.subject:
            self.look_at(subject, SETTLE_S)

    @on(ImageTree.Opened)
    def _opened(self, event: ImageTree.Opened) -> None:
        event.stop()
        self.look_at(_subject(event.path))
        self.show_region("work")

    @on(AnswerHistory.Chosen)
    def _chosen_again(self, event: AnswerHistory.Chosen) -> None:
        event.stop()
        self.look_at(event.subject, SETTLE_S)

    def action_view(self) -> None:
        self.query_one(ImageAnswer).turn()

    def action_history(self) -> None:
        self.show_region("files")
        self.screen.set_focus(self.query_one(AnswerHistory))

    def remember(self, subject: Subject, answer: Answer) -> None:
        """Keeps an answer among the last ones."""
        self.query_one("#history").display = True
        self.query_one(AnswerHistory).remember(subject, *words.in_short(answer, self._signs))
        self.refresh_bindings()

    @work(exclusive=True, group="image", exit_on_error=False)
    async def look_at(self, subject: Subject, settle_s: float = 0.0) -> None:
        """Recognises an image; of many that one runs through, the one where one rests."""
        await asyncio.sleep(settle_s)
        self.subject = subject
        shown, result = self.query_one(ImageAnswer), self.query_one(".result", Static)
        try:
            client = await self._recognizing.client()
            (answer,) = await client.recognize([subject.picture], self._recognizing.top, PREVIEW_PX)
        except (Problem, OSError) as error:
            shown.say(f"{self._signs.failed} {words.why(error)}", bad=True)
            result.update(Content(""))
        else:
            shown.show(answer)
            result.update(
                words.answer_line(answer, subject.name, self._recognizing.model_name, self._signs)
            )
            self.remember(subject, answer)
        self.post_message(self.Looked(subject))


def _subject(path: Path) -> Subject:
    return Subject(path, path.name)
