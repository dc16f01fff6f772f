"""A line for a path, typed or pasted, with completion."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from hanzi_tui.i18n import _, printable
from hanzi_tui.widgets.path_suggester import PathSuggester
from pipeline.recognition.folder import is_image_name


class _PathInput(Input):
    BINDING_GROUP_TITLE = _("Path")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", _("complete"), id="path.complete",
                tooltip=_("Take the completion that is shown; escape leaves the path")),
    ]  # fmt: skip

    def action_complete(self) -> None:
        self.action_end()
        if self._suggestion:
            self.action_cursor_right()


class PathEntry(Horizontal):
    """Asks for a path; what was entered comes as `Entered`, word for word."""

    DEFAULT_CSS = """
    PathEntry { height: 1; }
    PathEntry > Static { width: auto; margin: 0 1; color: $muted; }
    PathEntry > Input { width: 1fr; height: 1; margin-right: 1; }
    """

    @dataclass
    class Entered(Message):
        """A path was entered; `existing_path` finds out what is meant."""

        text: str

    def compose(self) -> ComposeResult:
        yield Static(_("path"))
        field = _PathInput(placeholder=_("an image or a folder"), compact=True,
                           suggester=PathSuggester(wanted=is_image_name))  # fmt: skip
        field.cursor_blink = False
        yield field

    def ask(self) -> None:
        """Takes the focus; styles may hide the entry until then, but for the class "-asked"."""
        self.add_class("-asked")
        self.screen.set_focus(self.query_one(Input))

    @on(Input.Blurred)
    def _left(self, event: Input.Blurred) -> None:
        event.stop()
        self.remove_class("-asked")

    def show(self, path: Path) -> None:
        """Shows a path that was opened in another way."""
        with self.prevent(Input.Changed):
            self.query_one(Input).value = printable(str(path))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.post_message(self.Entered(event.value))


def existing_path(text: str) -> Path:
    """Returns the path that a typed or pasted text means, absolute.

    A text that names nothing as it stands may be quoted or escaped as for a shell, as terminals
    do it with a file that is dropped on them, or a file: URL. When nothing of this exists the
    first reading is returned. Looks at the file system.
    """
    line = text.strip().split("\n")[0].strip()
    readings = [line]
    try:
        words = shlex.split(line)
    except ValueError:
        words = [line.strip("'\"")]
    if len(words) == 1:
        readings.append(words[0])
    if line.startswith("file:"):
        readings.insert(0, unquote(urlsplit(line).path))
    paths = [Path(os.path.abspath(os.path.expanduser(reading))) for reading in readings]
    return next((path for path in paths if _exists(path)), paths[-1])


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, or a zero byte
        return False
