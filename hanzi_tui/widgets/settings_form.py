"""A form for one section of the settings, made from its declaration."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from pydantic_core import PydanticUndefined
from rich.cells import cell_len
from textual import events, on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget

from hanzi_tui.i18n import _
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.choice import Choice, Fold
from hanzi_tui.widgets.settings_field import Declaration, SettingsField, shown
from pipeline.problems import Problem
from pipeline.settings import Section, allowed

NARROW = 64
LABEL_COLUMNS = 18  # so that forms of several sections stand in line
NARROW_UNIT_COLUMNS = 8


class SettingsForm(Vertical):
    """One line a setting; advanced ones unfold behind "more...".

    Args:
        section: name of the section in the settings.
        values: what the fields hold at first; never changed.
        origins: key → where its value comes from, shown literally.
        first: keys of the fields that are always shown, in this order; by default all that are
            not advanced.
        without: keys that have no field.
        signs: the sign before what is wrong.

    What the field with the focus is about goes to the form's surroundings; see `FormScroll`.
    """

    DEFAULT_CSS = """
    SettingsForm { height: auto; }
    SettingsForm.-narrow .note { display: none; }
    SettingsForm.-narrow Horizontal > Input, SettingsForm.-narrow .room { width: 1fr; }
    SettingsForm .-folded { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "field(-1)", _("Field above"), id="settings_form.up", show=False,
                tooltip=_("To the field above")),
        Binding("down", "field(1)", _("Field below"), id="settings_form.down", show=False,
                tooltip=_("To the field below")),
        Binding("escape", "restore", _("Undo typing"), id="settings_form.restore", show=False,
                tooltip=_("Bring back the value the field had")),
        Binding("ctrl+r", "reset", _("Default"), id="settings_form.default",
                tooltip=_("Put the default into the field")),
    ]  # fmt: skip

    @dataclass
    class Changed(Message):
        """The user entered another valid value."""

        section: str
        key: str
        value: Any

    @dataclass
    class Attended(Message):
        """A field has got the focus, of which `help` tells; "" when the form has lost it."""

        help: str

    def __init__(
        self,
        section: str,
        values: Section,
        origins: Mapping[str, str] | None = None,
        first: Sequence[str] = (),
        *,
        without: Collection[str] = (),
        signs: Signs = UNICODE,
        id: str | None = None,  # noqa: A002 - as every Textual widget calls it
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.section = section
        self.is_entered = False
        """Whether the focus is in the form."""
        self._values = values
        declarations = {
            key: Declaration(key, info, allowed(section, key), partial(self._check, key))
            for key, info in type(values).model_fields.items()
            if key not in without
        }
        shown_first = list(first) or [k for k, d in declarations.items() if not d.advanced]
        self._folded = [key for key in declarations if key not in shown_first]
        self._fields = {
            key: SettingsField(
                declarations[key], getattr(values, key), (origins or {}).get(key, ""), signs.failed
            )
            for key in [*shown_first, *self._folded]
        }

    def compose(self) -> ComposeResult:
        for key, field in self._fields.items():
            if key in self._folded[:1]:
                unfolded = any(self._fields[key].differs for key in self._folded)
                more = _("more... ({count})").format(count=len(self._folded))
                yield Fold(unfolded, more, _("less"))
                self._unfold(unfolded)
            yield field

    def on_resize(self, event: events.Resize) -> None:
        narrow = event.size.width < NARROW
        self.set_class(narrow, "-narrow")
        declarations = [field.declaration for field in self._fields.values()]
        label = max(cell_len(d.label) for d in declarations)
        unit = max(cell_len(d.unit) for d in declarations)
        for field in self._fields.values():
            field.align(
                label if narrow else max(label, LABEL_COLUMNS),
                min(unit, NARROW_UNIT_COLUMNS) if narrow else unit,
            )

    def show(self, values: Section, origins: Mapping[str, str] | None = None) -> None:
        """Shows other values of the same section, in place of what was entered."""
        self._values = values
        for key, field in self._fields.items():
            field.load(getattr(values, key), (origins or {}).get(key, ""))

    def value(self) -> Section:
        """Returns the values as they stand in the form, also one that is just being typed.

        Raises:
            Problem: `settings.bad_value` for the first that is wrong; each is marked.
        """
        wrong = [field for field in self._fields.values() if not field.commit()]
        if wrong:
            if any(field.declaration.key in self._folded for field in wrong):
                self._unfold(True)
            raise Problem(
                "settings.bad_value", origin=_("form"), section=self.section,
                key=wrong[0].declaration.key, value=wrong[0].entered,
                allowed=wrong[0].declaration.allowed,
            )  # fmt: skip
        return self._values.model_copy(
            update={
                key: field.value
                for key, field in self._fields.items()
                if field.value != getattr(self._values, key)
            }
        )

    def errors(self) -> dict[str, str]:
        """Returns key → what is wrong, of the fields that say so."""
        return {key: field.error for key, field in self._fields.items() if field.error}

    def _unfold(self, on: bool) -> None:
        for fold in self.query(Fold):
            fold.value = on
        for key in self._folded:
            self._fields[key].set_class(not on, "-folded")

    @on(Choice.Changed)
    def _fold(self, event: Choice.Changed) -> None:
        event.stop()
        self._unfold(event.value)

    @on(SettingsField.Entered)
    def _enter(self, event: SettingsField.Entered) -> None:
        event.stop()
        key = event.field.declaration.key
        self._values = self._values.model_copy(update={key: event.value})
        self.post_message(self.Changed(self.section, key, event.value))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._attend(event.widget)

    def on_descendant_blur(self) -> None:
        self._attend(None)

    def _attend(self, widget: Widget | None) -> None:
        """Marks and explains the field with the focus."""
        self.is_entered = widget is not None
        current = self._field_of(widget)
        for field in self._fields.values():
            # A class, since ":focus-within" of Textual 8.2 lags behind with two forms on a screen.
            field.set_class(field is current, "-current")
        self.post_message(self.Attended("" if current is None else _help(current)))

    def _field_of(self, widget: Widget | None) -> SettingsField | None:
        nodes = widget.ancestors if widget is not None else []
        return next((node for node in nodes if isinstance(node, SettingsField)), None)

    def action_field(self, step: int) -> None:
        chain = self.screen.focus_chain
        if self.screen.focused in chain:
            at = chain.index(self.screen.focused) + step
            if 0 <= at < len(chain) and any(
                isinstance(a, SettingsForm) for a in chain[at].ancestors
            ):
                self.screen.set_focus(chain[at])
                return
        raise SkipAction

    def action_restore(self) -> None:
        field = self._field_of(self.screen.focused)
        if field is None or not field.restore():
            raise SkipAction

    def action_reset(self) -> None:
        field = self._field_of(self.screen.focused)
        if field is None:
            raise SkipAction
        field.reset()

    def _check(self, key: str, entered: Any) -> Any:
        """Returns the value of a key for what was entered.

        Raises:
            ValueError: it is not allowed; pydantic's ValidationError is one.
        """
        model = type(self._values)
        if isinstance(entered, str) and model.model_fields[key].annotation is not str:
            entered = entered.strip()
            if not entered:
                raise ValueError(key)
        values = {name: getattr(self._values, name) for name in model.model_fields}
        return getattr(model.model_validate(values | {key: entered}), key)


def _help(field: SettingsField) -> str:
    about = field.declaration
    what = f"{about.description} ({about.unit})" if about.unit else about.description
    parts = [f"{what}.", _("Takes {allowed}.").format(allowed=about.allowed)]
    if about.default is not PydanticUndefined and shown(about.default):
        parts.append(_("Default: {value}.").format(value=shown(about.default)))
    if about.is_path:
        parts.append(_("Right completes the path."))
    return " ".join(parts)
