"""From a picture to a character: one image or a whole folder, by any model of the workspace."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import ContentSwitcher, Input

from hanzi_tui import recognition_words as words
from hanzi_tui.i18n import _
from hanzi_tui.model_facts import models
from hanzi_tui.recognizing import Recognizing
from hanzi_tui.screens.recognition_folder import FolderPart
from hanzi_tui.screens.recognition_image import ImagePart
from hanzi_tui.screens.room import Room
from hanzi_tui.widgets.image_answer import ImageAnswer
from hanzi_tui.widgets.model_line import ModelLine
from hanzi_tui.widgets.path_entry import PathEntry, existing_path
from hanzi_tui.widgets.pick import Choice, Pick
from hanzi_tui.widgets.places import Places
from pipeline.problems import Problem


class RecognitionRoom(Room):
    """Parts for one image and for a folder; the recogniser runs in a process of its own."""

    MODE = "recognition"
    CSS_PATH = "../styles/recognition.tcss"
    BINDING_GROUP_TITLE = _("Recognition")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "path", _("path"), id="recognition.path",
                tooltip=_("Type or paste the path of an image or a folder")),
        Binding("a", "all", _("all in folder"), id="recognition.all",
                tooltip=_("Recognise every image in and below the selected folder")),
        Binding("i", "part('image')", _("image"), id="recognition.image",
                tooltip=_("One image")),
        Binding("f", "part('folder')", _("folder"), id="recognition.folder",
                tooltip=_("The table of a folder's images")),
        Binding("o", "model", _("model"), id="recognition.model",
                tooltip=_("Recognise by another model of the workspace")),
        Binding("tab", "region(1)", _("Next region"), id="recognition.next", show=False,
                tooltip=_("Go to the next region")),
        Binding("shift+tab", "region(-1)", _("Region before"), id="recognition.previous",
                show=False, tooltip=_("Go to the region before")),
        Binding("escape", "back", _("Back"), id="recognition.back", show=False,
                tooltip=_("From an entry or a picture back to where it came from")),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._recognizing = Recognizing(self.workspace, lambda: self.settings.recognition)
        self._back_to = "image"

    def body(self) -> ComposeResult:
        with Vertical():
            with Horizontal(id="top"):
                yield Places({"image": _("Image"), "folder": _("Folder")})
                yield ModelLine()
            yield PathEntry(id="path")
            with ContentSwitcher(initial="image"):
                yield ImagePart(self._recognizing, signs=self.signs, id="image")
                yield FolderPart(self._recognizing, signs=self.signs, id="folder")

    @property
    def image_part(self) -> ImagePart:
        return self.query_one(ImagePart)

    @property
    def folder_part(self) -> FolderPart:
        return self.query_one(FolderPart)

    @property
    def part(self) -> ImagePart | FolderPart:
        """What is shown."""
        return self.image_part if self.image_part.display else self.folder_part

    async def on_unmount(self) -> None:
        await self._recognizing.close()

    def refresh_room(self) -> None:
        self.query_one(ImageAnswer).draw_by(self.settings.interface.graphics)
        self.part.take_focus()
        self._show_model()

    def open_path(self, path: Path) -> None:
        """Recognises an image, or shows what is in a folder."""
        self._enter(str(path))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_mounted or action not in ("part", "all"):
            return True
        return self.part.id not in parameters and (action == "part" or self.part.id == "image")

    def action_part(self, name: str) -> None:
        self.query_one(Places).current = name
        self.query_one(ContentSwitcher).current = name
        self._back_to = name
        self.refresh_bindings()
        self.part.take_focus()

    @on(Places.Chosen)
    def _part_chosen(self, event: Places.Chosen) -> None:
        self.action_part(event.name)

    def action_region(self, step: int) -> None:
        if self.has_class("-tiny") and self.part is self.image_part:
            self.image_part.show_region()
        elif step > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def action_back(self) -> None:
        narrowed = self.part is self.folder_part and self.folder_part.widen()
        if narrowed or isinstance(self.focused, Input):
            self.part.take_focus()
        elif self._back_to != self.part.id:
            self.action_part(self._back_to)
        else:
            self.image_part.show_region("files")

    @work(exclusive=True, group="model", exit_on_error=False)
    async def _show_model(self) -> None:
        line = self.query_one(ModelLine)
        try:
            model = await asyncio.to_thread(self._recognizing.model)
        except (Problem, OSError):
            line.show_none()
            self.image_part.say(words.no_model())
            return
        named = "" if self.settings.recognition.model else _("newest")
        line.show(model, _("chosen") if self._recognizing.chosen else named)
        self.image_part.say(words.choose_image())

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_model(self) -> None:
        found = await asyncio.to_thread(models, self.workspace)
        choices = [Choice(model.name, model.note) for model in found]
        title = _("Recognise by which model? The newest comes first.")
        name = await self.app.push_screen_wait(
            Pick(title, choices, " ".join(words.no_model().split()))
        )
        if name is not None:
            self.use_model(name)

    @work(exclusive=True, group="use", exit_on_error=False)
    async def use_model(self, name: str) -> None:  # type: ignore[override]
        """Recognises by this model from here on."""
        await self._recognizing.choose(self.workspace.models / name)
        self._show_model()
        self.image_part.again()
        self.folder_part.again()

    def action_path(self) -> None:
        self.query_one(PathEntry).ask()

    def on_paste(self, event: events.Paste) -> None:
        """Takes a path that was pasted, as a file is that is dropped on a terminal."""
        if not isinstance(self.focused, Input) and event.text.strip():
            event.stop()
            self._enter(event.text)

    @on(PathEntry.Entered)
    def _path_entered(self, event: PathEntry.Entered) -> None:
        self._enter(event.text)

    @work(exclusive=True, group="path", exit_on_error=False)
    async def _enter(self, text: str) -> None:
        path = await asyncio.to_thread(existing_path, text)
        is_folder = await asyncio.to_thread(path.is_dir)
        self.query_one(PathEntry).show(path)
        if is_folder and self.part is self.folder_part:
            self.folder_part.look_through(path)
            self.part.take_focus()
            return
        self.action_part("image")
        if is_folder:
            self.image_part.open_folder(path)
        else:
            self.image_part.open_image(path)

    def action_all(self) -> None:
        self.folder_part.look_through(self.image_part.folder)
        self.action_part("folder")

    @on(FolderPart.Opened)
    def _row_opened(self, event: FolderPart.Opened) -> None:
        self.action_part("image")
        self._back_to = "folder"
        self.image_part.open_image(event.path, in_tree=False)

    @on(ImageAnswer.Stepped)
    def _stepped(self, event: ImageAnswer.Stepped) -> None:
        """Goes to another image of where this one came from: the table, or the files."""
        if self._back_to != "folder":
            self.image_part.step(event.images)
        elif (path := self.folder_part.step(event.images)) is not None:
            self.image_part.open_image(path, in_tree=False)

    @on(FolderPart.Failed)
    def _folder_failed(self, event: FolderPart.Failed) -> None:
        self.tell(event.reason, "error")

    @on(FolderPart.Exported)
    def _exported(self, event: FolderPart.Exported) -> None:
        told = _("{count} answers written: {path}").format(count=event.count, path=event.path)
        self.tell(told)

    @on(ImagePart.Looked)
    def _looked(self, event: ImagePart.Looked) -> None:
        self.query_one(PathEntry).show(event.path)
        self._show_model()
