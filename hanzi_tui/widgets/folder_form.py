"""A small form: where the images of a dataset go as files, and how."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Literal, get_args

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from hanzi_tui.i18n import _, printable, worded_problem
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.choice import Choice
from hanzi_tui.widgets.path_entry import existing_path
from hanzi_tui.widgets.path_suggester import PathSuggester
from pipeline.dataset.export.links import Link
from pipeline.jobs import FolderExport, PrepareJob
from pipeline.problems import Problem
from pipeline.settings import AugmentSettings

LABEL_COLUMNS = 10


class FolderForm(ModalScreen[PrepareJob | None]):
    """Asks for folder, link and copies; the result is the job to start, None for none.

    Args:
        dataset: its name.
        folder: what stands there at first.
        augment: how copies are distorted.
        job: makes the job of what was entered, or raises the Problem that the form then shows;
            called in a thread.
        signs: Unicode or ASCII.
    """

    DEFAULT_CSS = f"""
    FolderForm {{
        #ask {{ overflow-y: auto; }}
        #ask > Horizontal {{ height: 1; margin-top: 1; }}
        .label {{ width: {LABEL_COLUMNS}; color: $muted; }}
        .note {{ color: $muted; margin-left: {LABEL_COLUMNS}; height: auto; }}
        Input {{ width: 1fr; height: 1; background: $background; }}
        #copies {{ width: 9; }}
        #error {{ color: $error; height: auto; margin-top: 1; display: none; }}
        Button {{ margin-right: 2; }}
    }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "dismiss(None)", _("Back")),
        Binding("up", "app.focus_previous", _("Field above"), id="folders.up", show=False,
                tooltip=_("To the field above")),
        Binding("down", "app.focus_next", _("Field below"), id="folders.down", show=False,
                tooltip=_("To the field below")),
    ]  # fmt: skip

    def __init__(
        self,
        dataset: str,
        folder: Path,
        augment: AugmentSettings,
        job: Callable[[FolderExport], PrepareJob],
        *,
        signs: Signs = UNICODE,
    ) -> None:
        super().__init__()
        self._dataset, self._folder, self._augment = dataset, folder, augment
        self._job = job
        self._signs = signs

    def compose(self) -> ComposeResult:
        with Vertical(id="ask"):
            title = _("{name} as folders for other tools").format(name=printable(self._dataset))
            yield Static(Content.styled(title, "bold"))
            yield Static(_("The files of its source, in train, val and test a folder a label"),
                         classes="muted")  # fmt: skip
            with Horizontal():
                yield Static(_("folder"), classes="label")
                yield _input(str(self._folder), id="folder", suggester=PathSuggester(_no_file))
            with Horizontal():
                yield Static(_("link"), classes="label")
                links: tuple[Link, ...] = get_args(Link)
                yield Choice(links, links, links[0])
            yield Static(classes="note", id="link-note")
            with Horizontal():
                yield Static(_("copies"), classes="label")
                yield _input("0", id="copies", type="integer")
            yield Static(_("distorted copies of each training image, as the distortions are set"),
                         classes="note")  # fmt: skip
            yield Static(id="error", markup=False)
            with Horizontal():
                yield Button(_("write them"), compact=True, variant="primary", id="write")
                yield Button(_("back"), compact=True, id="back")

    def on_mount(self) -> None:
        self._link_chosen()

    @on(Choice.Changed)
    def _link_chosen(self) -> None:
        words = {
            "copy": _("each file is copied"),
            "hard": _("a second name: takes no space, and what changes one file changes both"),
            "reflink": _("shares disk space until one file changes (Btrfs, XFS)"),
        }
        self.query_one("#link-note", Static).update(words[self.query_one(Choice).value])

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:  # beside the form
            self.dismiss(None)

    @on(Button.Pressed, "#back")
    def _left(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#write")
    @on(Input.Submitted)
    @work(exclusive=True, exit_on_error=False)
    async def _entered(self) -> None:
        """Leaves the form with the job, or shows what is wrong."""
        error = self.query_one("#error", Static)
        try:
            self.dismiss(await asyncio.to_thread(self._made, self.query_one("#folder", Input).value,
                                                 self.query_one("#copies", Input).value,
                                                 self.query_one(Choice).value))  # fmt: skip
        except Problem as problem:
            text = worded_problem(problem)
        except ValueError:
            text = _("copies: a whole number from 0 on")
        except OSError as failure:
            text = printable(f"{failure.strerror}: {failure.filename}")
        else:
            return
        error.update(f"{self._signs.failed} {text}")
        error.display = True
        self.call_after_refresh(error.scroll_visible, animate=False)

    def _made(self, folder: str, copies: str, link: Link) -> PrepareJob:
        """Returns the job.

        Raises:
            Problem, OSError: it cannot be done.
            ValueError: the copies are no number.
        """
        if int(copies) < 0:
            raise ValueError(copies)
        return self._job(FolderExport(folder=existing_path(folder), link=link, copies=int(copies),
                                      augment=self._augment))  # fmt: skip


def _input(text: str, *, id: str, suggester: PathSuggester | None = None,  # noqa: A002
           type: Literal["text", "integer"] = "text") -> Input:  # noqa: A002  # fmt: skip
    field = Input(text, compact=True, suggester=suggester, type=type, id=id)
    field.cursor_blink = False
    return field


def _no_file(_name: str) -> bool:
    return False
