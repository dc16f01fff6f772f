"""From a picture to characters: an image, a drawing, a page or a folder, by any model there is."""

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
from hanzi_tui.i18n import _, ngettext
from hanzi_tui.recognizing import Recognizing
from hanzi_tui.screens.recognition_folder import FolderPart
from hanzi_tui.screens.recognition_image import ImagePart
from hanzi_tui.screens.recognition_page import PagePart
from hanzi_tui.screens.recognition_sketch import SketchPart
from hanzi_tui.screens.room import Room
from hanzi_tui.widgets.answer_history import Subject
from hanzi_tui.widgets.image_answer import ImageAnswer
from hanzi_tui.widgets.model_line import ModelLine
from hanzi_tui.widgets.path_entry import PathEntry, existing_path
from hanzi_tui.widgets.pick import Choice, Pick
from hanzi_tui.widgets.places import Places
from pipeline.problems import Problem

Part = ImagePart | SketchPart | PagePart | FolderPart


class RecognitionRoom(Room):
    """Parts for an image, a drawing, a page and a folder; the recogniser has its own process."""

    MODE = "recognition"
    CSS_PATH = "../styles/recognition.tcss"
    OPENING = frozenset({"model", "path"})
    BINDING_GROUP_TITLE = _("Recognition")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "path", _("path"), id="recognition.path",
                tooltip=_("Type or paste the path of an image or a folder")),
        Binding("a", "all", _("all in folder"), id="recognition.all",
                tooltip=_("Recognise every image in and below the selected folder")),
        Binding("i", "part('image')", _("image"), id="recognition.image",
                tooltip=_("One image")),
        Binding("d", "part('sketch')", _("draw"), id="recognition.sketch",
                tooltip=_("Draw a character, by the mouse or by keys")),
        Binding("p", "part('page')", _("page"), id="recognition.page",
                tooltip=_("Read the selected image as a whole page")),
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
                yield Places({"image": _("Image"), "sketch": _("Sketch"),
                              "page": _("Page"), "folder": _("Folder")})  # fmt: skip
                yield ModelLine()
            yield PathEntry(id="path")
            with ContentSwitcher(initial="image"):
                yield ImagePart(self._recognizing, signs=self.signs, id="image")
                yield SketchPart(self._recognizing, signs=self.signs, id="sketch")
                yield PagePart(self._recognizing, signs=self.signs, id="page")
                yield FolderPart(self._recognizing, signs=self.signs, id="folder")

    @property
    def image_part(self) -> ImagePart:
        return self.query_one(ImagePart)

    @property
    def sketch_part(self) -> SketchPart:
        return self.query_one(SketchPart)

    @property
    def page_part(self) -> PagePart:
        return self.query_one(PagePart)

    @property
    def folder_part(self) -> FolderPart:
        return self.query_one(FolderPart)

    @property
    def part(self) -> Part:
        """What is shown."""
        return next(part for part in self._parts if part.display)

    @property
    def _parts(self) -> tuple[Part, ...]:
        return self.image_part, self.sketch_part, self.page_part, self.folder_part

    async def on_unmount(self) -> None:
        await self._recognizing.close()

    def refresh_room(self) -> None:
        for part in (self.query_one(ImageAnswer), self.sketch_part, self.page_part):
            part.draw_by(self.settings.interface.graphics)
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
        if name == "page" and self.part is self.image_part and self.image_part.subject is not None:
            picture = self.image_part.subject.picture
            if isinstance(picture, Path):
                self.page_part.open_page(picture)
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
        elif self.part is self.image_part:
            self.image_part.show_region("files")

    @work(exclusive=True, group="model", exit_on_error=False)
    async def _show_model(self) -> None:
        line = self.query_one(ModelLine)
        try:
            model = await asyncio.to_thread(self._recognizing.model)
        except (Problem, OSError) as error:
            line.show_none()
            self.image_part.say(words.why_no_model(error))
            return
        named = "" if self.settings.recognition.model else _("newest")
        named = _("comes with the program") if model.is_starter else named
        line.show(model, _("chosen") if self._recognizing.chosen else named)
        self.image_part.say(words.choose_image(model))

    def action_model(self) -> None:
        title = _("Recognise by which model? The newest comes first.")
        choices = asyncio.to_thread(self._models)
        empty = " ".join(words.no_model().split())
        self.app.push_screen(Pick(title, choices, empty), self._model_picked)

    def _models(self) -> list[Choice]:
        return [Choice(model.name, model.note) for model in self._recognizing.models()]

    def _model_picked(self, name: str | None) -> None:
        if name is not None:
            self.use_model(name)

    @work(exclusive=True, group="use", exit_on_error=False)
    async def use_model(self, name: str) -> None:  # type: ignore[override]
        """Recognises by this model from here on."""
        try:
            await self._recognizing.choose(name)
        except (Problem, OSError) as error:
            self.tell(words.why(error), "error")
            return
        self._show_model()
        for part in self._parts:
            part.again()

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
        if self.part is self.page_part and not is_folder:
            self.page_part.look_at(path)
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
    @on(PagePart.Failed)
    def _failed(self, event: FolderPart.Failed | PagePart.Failed) -> None:
        self.tell(event.reason, "error")

    @on(FolderPart.Exported)
    def _exported(self, event: FolderPart.Exported) -> None:
        text = ngettext("{count} answer written: {path}", "{count} answers written: {path}",
                        event.count)  # fmt: skip
        self.tell(text.format(count=event.count, path=event.path))

    @on(ImagePart.Looked)
    def _looked(self, event: ImagePart.Looked) -> None:
        if isinstance(event.subject.picture, Path):
            self.query_one(PathEntry).show(event.subject.picture)
        self._show_model()

    @on(SketchPart.Chosen)
    def _chosen(self, event: SketchPart.Chosen) -> None:
        self.image_part.remember(Subject(event.drawn, _("sketch")), event.answer)

    @on(PagePart.Exported)
    def _page_exported(self, event: PagePart.Exported) -> None:
        text = ngettext("{count} character written: {path}", "{count} characters written: {path}",
                        event.count)  # fmt: skip
        self.tell(text.format(count=event.count, path=event.path))

    @on(PagePart.Copied)
    def _page_copied(self, event: PagePart.Copied) -> None:
        text = ngettext("{count} character sent to the terminal's clipboard",
                        "{count} characters sent to the terminal's clipboard",
                        event.count)  # fmt: skip
        self.tell(text.format(count=event.count))

    @on(SketchPart.Copied)
    def _copied(self, event: SketchPart.Copied) -> None:
        self.tell(_("sent to the terminal's clipboard: {text}").format(text=event.text))
