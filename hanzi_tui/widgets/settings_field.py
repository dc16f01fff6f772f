"""One setting on one line: label, editor, unit, default and origin; what is wrong, below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import Input, Static

from hanzi_tui.i18n import _, printable
from hanzi_tui.widgets.choice import Choice, Toggle
from hanzi_tui.widgets.path_suggester import PathSuggester


@dataclass(frozen=True)
class Declaration:
    """What the settings say of one key.

    Args:
        allowed: the values it takes, in words.
        check: returns a valid value for what was entered, or raises ValueError.
    """

    key: str
    info: FieldInfo
    allowed: str
    check: Callable[[Any], Any]

    @property
    def label(self) -> str:
        return _(self.key.replace("_", " "))

    @property
    def unit(self) -> str:
        unit = self._extra.get("unit", "")
        return _(unit) if unit else ""

    @property
    def description(self) -> str:
        text = (self.info.description or "").removesuffix(f" [{self._extra.get('unit')}]")
        return _(text) if text else self.label

    @property
    def advanced(self) -> bool:
        return bool(self._extra.get("advanced"))

    @property
    def default(self) -> Any:
        """The value when nobody sets it, `PydanticUndefined` if there must be one."""
        return self.info.get_default(call_default_factory=True)

    @property
    def _extra(self) -> dict[str, Any]:
        extra = self.info.json_schema_extra
        return extra if isinstance(extra, dict) else {}

    @property
    def choices(self) -> tuple[Any, ...]:
        kind = self.info.annotation
        return get_args(kind) if get_origin(kind) is Literal else ()

    @property
    def is_path(self) -> bool:
        return Path in (self.info.annotation, *get_args(self.info.annotation))

    @property
    def is_long(self) -> bool:
        """Whether the editor wants all the room there is."""
        return self.is_path or self.info.annotation is str


class SettingsField(Vertical):
    """The line of one setting.

    Args:
        failed_sign: stands before what is wrong.
    """

    DEFAULT_CSS = """
    SettingsField { height: auto; }
    SettingsField > Horizontal { height: 1; }
    SettingsField .label, SettingsField .unit { width: auto; margin-right: 1; }
    SettingsField .unit, SettingsField .note { color: $muted; }
    SettingsField .note {
        width: 1fr; text-align: right; text-wrap: nowrap; text-overflow: clip;
    }
    SettingsField Horizontal > Input, SettingsField .room {
        width: 16; height: 1; margin-right: 1;
    }
    SettingsField.-long Input { width: 1fr; }
    SettingsField.-long .note { width: auto; max-width: 45%; }
    SettingsField .error { display: none; height: auto; color: $error; }
    SettingsField.-wrong .error { display: block; }
    SettingsField.-current .label { text-style: bold; }
    """

    error = var("", init=False)

    @dataclass
    class Entered(Message):
        """The user entered another valid value."""

        field: SettingsField
        value: Any

    def __init__(self, declaration: Declaration, value: Any, origin: str, failed_sign: str) -> None:
        super().__init__(classes="-long" if declaration.is_long else "")
        self.declaration, self.value, self.origin = declaration, value, origin
        self._failed_sign = failed_sign

    def compose(self) -> ComposeResult:
        declaration = self.declaration
        with Horizontal():
            yield Static(Content(declaration.label), classes="label")
            editor = self._editor()
            editor.tooltip = Content(declaration.description)
            if isinstance(editor, Input):
                yield editor
            else:
                with Horizontal(classes="room"):
                    yield editor
            yield Static(Content(declaration.unit), classes="unit")
            yield Static(self._note(), classes="note")
        yield Static(classes="error", markup=False)

    def _editor(self) -> Input | Choice:
        declaration = self.declaration
        if declaration.info.annotation is bool:
            return Toggle(self.value)
        if declaration.choices:
            return Choice(declaration.choices, [str(c) for c in declaration.choices], self.value)
        suggester = PathSuggester() if declaration.is_path else None
        editor = Input(self._text, compact=True, suggester=suggester)
        editor.cursor_blink = False
        return editor

    def align(self, label: int, unit: int) -> None:
        """Gives label and unit so many columns; a unit that needs more is left to the help."""
        self.query_one(".label").styles.width = label
        self.query_one(".error").styles.margin = (0, 0, 0, label + 1)
        shown = self.query_one(".unit")
        shown.display = not self.declaration.is_long and cell_len(self.declaration.unit) <= unit
        shown.styles.width = unit

    def load(self, value: Any, origin: str) -> None:
        """Shows another value, in place of what was entered."""
        self.value, self.origin, self.error = value, origin, ""
        if self.is_mounted:
            self._show_value()

    @property
    def differs(self) -> bool:
        """Whether the value is not the default."""
        return bool(self.value != self.declaration.default)

    @property
    def _text(self) -> str:
        """The value as it stands in an input."""
        return printable(shown(self.value))

    @property
    def entered(self) -> Any:
        """What stands in the editor: a text, or the value of a choice."""
        editors = [*self.query(Input), *self.query(Choice)]
        return editors[0].value if editors else self.value

    def commit(self) -> bool:
        """Takes what stands in the editor; returns False where it is wrong, and says why."""
        try:
            same = self.entered == self._text
            value = self.value if same else self.declaration.check(self.entered)
        except ValueError:
            self.error = _("not allowed; it takes {allowed}").format(
                allowed=self.declaration.allowed
            )
            return False
        self.error = ""
        if value != self.value:
            self.value, self.origin = value, _("changed here")
            self.post_message(self.Entered(self, value))
        self._show_value()
        return True

    def restore(self) -> bool:
        """Brings the last valid value back; returns whether there was anything else."""
        for editor in self.query(Input):
            if editor.value != self._text:
                self.load(self.value, self.origin)
                return True
        return False

    def reset(self) -> None:
        """Enters the default."""
        if self.declaration.default is not PydanticUndefined:
            for editor in self.query(Input):
                editor.value = shown(self.declaration.default)
            for choice in self.query(Choice):
                choice.value = self.declaration.default
            self.commit()

    def _show_value(self) -> None:
        with self.prevent(Input.Changed):
            for editor in self.query(Input):
                editor.value = self._text
        for choice in self.query(Choice):
            choice.value = self.value
        self.query_one(".note", Static).update(self._note())

    def _note(self) -> Content:
        default = self.declaration.default
        parts = [self.origin]
        if self.differs and default is not PydanticUndefined:
            parts.insert(0, _("default {value}").format(value=shown(default)))
        return Content(printable("  ".join(filter(None, parts))))

    def watch_error(self) -> None:
        self.set_class(bool(self.error), "-wrong")
        self.query_one(".error", Static).update(f"{self._failed_sign} {self.error}")

    @on(Input.Changed)
    def _clear_error(self, event: Input.Changed) -> None:
        """Takes the message away as soon as the value is right; it comes when one moves on."""
        event.stop()
        if self.error:
            try:
                self.declaration.check(event.value)
            except ValueError:
                return
            self.error = ""

    @on(Input.Blurred)
    @on(Input.Submitted)
    @on(Choice.Changed)
    def _take(self, event: Message) -> None:
        event.stop()
        self.commit()


def shown(value: Any) -> str:
    """Returns a value as it is typed: true or false, a number without a needless fraction."""
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
