"""The form of a new training: what on, under which name, after which run, and the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from hanzi_tui import counts
from hanzi_tui.i18n import _
from hanzi_tui.new_training import default_name
from hanzi_tui.prepared import DatasetFacts
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.form_scroll import FormScroll
from hanzi_tui.widgets.pick_row import PickRow
from hanzi_tui.widgets.rule import Rule
from hanzi_tui.widgets.settings_form import LABEL_COLUMNS, SettingsForm
from pipeline.settings import AugmentSettings, TrainingSettings

FIRST = {
    "training": ("model", "epochs", "batch_size", "learning_rate", "devices"),
    "augment": ("enabled", "rotation_deg", "elastic"),
}


class TrainingForm(FormScroll, can_focus=False):
    """Holds what was entered so far. It may be filled before it is mounted.

    Args:
        training, augment: the settings shown at first.
        origins: section → key → where its value comes from.
        signs: Unicode or ASCII.

    Attributes:
        dataset: the one to train on; None while none is picked.
        after: id of the run to wait for, "" for none.
        touched: whether anything was entered since the form was filled.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "field(-1)", _("Field above"), id="training_form.up", show=False,
                tooltip=_("To the field above")),
        Binding("down", "field(1)", _("Field below"), id="training_form.down", show=False,
                tooltip=_("To the field below")),
    ]  # fmt: skip

    @dataclass
    class Changed(Message):
        """Something else stands in the form."""

    @dataclass
    class DatasetAsked(Message):
        """A dataset is to be picked."""

    @dataclass
    class RecipeAsked(Message):
        """The recipe is to be picked."""

    @dataclass
    class AfterAsked(Message):
        """The run to wait for is to be picked."""

    def __init__(
        self,
        training: TrainingSettings,
        augment: AugmentSettings,
        origins: Mapping[str, Mapping[str, str]],
        *,
        signs: Signs = UNICODE,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._signs = signs
        self._origins = origins
        self.training, self.augment = training, augment
        self.dataset: DatasetFacts | None = None
        self.after = ""
        self._differing: Sequence[str] = ()
        self.touched = False
        self._complete = False

    def compose(self) -> ComposeResult:
        yield Rule(_("new training"), signs=self._signs, id="new-rule")
        yield PickRow(_("dataset"), LABEL_COLUMNS, id="dataset")
        yield PickRow(_("recipe"), LABEL_COLUMNS, id="recipe")
        with Horizontal(id="name-line"):
            yield Static(Content(_("name of the model")), id="name-label")
            name = Input(compact=True, id="name")
            name.cursor_blink = False
            yield name
        yield PickRow(_("begin"), LABEL_COLUMNS, id="after")
        for section, values in (("training", self.training), ("augment", self.augment)):
            yield Rule(_(section), signs=self._signs)
            yield SettingsForm(section, values, self._origins[section], FIRST[section],
                               without=("recipe",), signs=self._signs, id=section)  # fmt: skip
        yield from super().compose()

    def on_mount(self) -> None:
        self._complete = True
        self._show_values()
        self._show_picked()

    @property
    def model_name(self) -> str:
        """The name that was typed, "" for the default one."""
        return self.query_one("#name", Input).value.strip()

    def entered(self) -> tuple[TrainingSettings, AugmentSettings]:
        """Returns the settings as they stand in the form.

        Raises:
            Problem: `settings.bad_value`.
        """
        training, augment = (self.query_one(f"#{section}", SettingsForm).value()
                             for section in FIRST)  # fmt: skip
        return cast(TrainingSettings, training), cast(AugmentSettings, augment)

    def fill(
        self,
        training: TrainingSettings,
        augment: AugmentSettings,
        origins: Mapping[str, Mapping[str, str]],
    ) -> None:
        """Shows other settings, in place of what was entered."""
        self.training, self.augment, self.touched = training, augment, False
        self._origins = origins
        if self._complete:
            self._show_values()
        self._show_picked()

    def choose(self, dataset: DatasetFacts | None) -> None:
        """Shows which dataset to train on."""
        self.dataset = dataset
        self._show_picked()

    def show_recipe(self, differing: Sequence[str]) -> None:
        """Shows the recipe, and the keys of the settings that are not as it has them."""
        self._differing = differing
        self._show_picked()

    def wait_for(self, run_id: str) -> None:
        """Shows which run to wait for, "" for none."""
        self.after = run_id
        self._show_picked()

    def action_field(self, step: int) -> None:
        fields = [widget for widget in self.screen.focus_chain if self in widget.ancestors]
        if self.screen.focused in fields:
            at = fields.index(self.screen.focused) + step
            self.screen.set_focus(fields[min(max(at, 0), len(fields) - 1)])

    def focus_first(self) -> None:
        self.query_one("#dataset", PickRow).focus()

    def _show_values(self) -> None:
        for section, values in (("training", self.training), ("augment", self.augment)):
            self.query_one(f"#{section}", SettingsForm).show(values, self._origins[section])

    def _show_picked(self) -> None:
        if not self._complete:
            return
        dataset, row = self.dataset, self.query_one("#dataset", PickRow)
        if dataset is None:
            row.show(_("none"), _("enter or d picks one"))
        elif dataset.described:
            row.show(dataset.name, counts.classes(dataset.classes))
        else:
            row.show(dataset.name, _("not prepared yet"))
        name = default_name(dataset.name, self.training) if dataset else ""
        self.query_one("#name", Input).placeholder = name
        keys = ", ".join(_(key.replace("_", " ")) for key in self._differing)
        note = _("but {settings}").format(settings=keys) if keys else ""
        self.query_one("#recipe", PickRow).show(self.training.recipe, note)
        begin = self.query_one("#after", PickRow)
        begin.show(_("after {run}").format(run=self.after) if self.after else _("at once"))

    @on(PickRow.Asked, "#dataset")
    def _ask_dataset(self, event: PickRow.Asked) -> None:
        event.stop()
        self.post_message(self.DatasetAsked())

    @on(PickRow.Asked, "#recipe")
    def _ask_recipe(self, event: PickRow.Asked) -> None:
        event.stop()
        self.post_message(self.RecipeAsked())

    @on(PickRow.Asked, "#after")
    def _ask_after(self, event: PickRow.Asked) -> None:
        event.stop()
        self.post_message(self.AfterAsked())

    @on(Input.Changed, "#name")
    def _named(self) -> None:
        self.touched = self.touched or bool(self.model_name)

    @on(SettingsForm.Changed)
    def _take(self, event: SettingsForm.Changed) -> None:
        event.stop()
        change = {event.key: event.value}
        if event.section == "training":
            self.training = self.training.model_copy(update=change)
        else:
            self.augment = self.augment.model_copy(update=change)
        self.touched = True
        self._show_picked()
        self.post_message(self.Changed())
