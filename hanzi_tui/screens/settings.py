"""All settings, each with its unit, bounds and origin; what is entered goes into the file."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from hanzi_tui.i18n import _, printable
from hanzi_tui.screens.room import Room
from hanzi_tui.widgets.form_scroll import FormScroll
from hanzi_tui.widgets.pick import Choice, Pick
from hanzi_tui.widgets.rule import Rule
from hanzi_tui.widgets.settings_form import SettingsForm
from pipeline import configuration
from pipeline.configuration import DEFAULT, Configuration
from pipeline.settings import sections


class SettingsRoom(Room):
    """One form a section."""

    MODE = "settings"
    OPENING = frozenset({"section"})
    CSS_PATH = "../styles/settings.tcss"
    BINDING_GROUP_TITLE = _("Settings")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+g", "section", _("section…"), id="settings.section",
                tooltip=_("Go to a section")),
        Binding("pagedown", "page(1)", _("page down"), id="settings.page_down", show=False,
                tooltip=_("A screen further down")),
        Binding("pageup", "page(-1)", _("page up"), id="settings.page_up", show=False,
                tooltip=_("A screen further up")),
    ]  # fmt: skip

    def body(self) -> ComposeResult:
        with FormScroll(id="forms", can_focus=False):
            yield Static(id="place")
            for name, model in sections().items():
                yield Rule(_(name), signs=self.signs, id=f"rule-{name}")
                about = " ".join((model.__doc__ or "").split())
                yield Static(Content.styled(_(about), "$muted"))
                yield SettingsForm(name, getattr(self.settings, name), self._origins(name),
                                   signs=self.signs, id=name)  # fmt: skip

    def on_mount(self) -> None:
        super().on_mount()
        file = self.dashboard.settings_file.absolute()
        text = _("what you enter is written to {file}; its comments stay")
        self.query_one("#place", Static).update(
            Content.styled(printable(text.format(file=file)), "$muted"))  # fmt: skip

    @on(SettingsForm.Changed)
    def _write(self, event: SettingsForm.Changed) -> None:
        self.attempt(self._written(event.section, event.key, event.value))

    async def _written(self, section: str, key: str, value: Any) -> None:
        file = self.dashboard.settings_file
        await asyncio.to_thread(configuration.write_value, file, section, key, value)
        resolved = await asyncio.to_thread(self._resolved)
        self.dashboard.use(resolved)
        form = self.query_one(f"#{section}", SettingsForm)
        form.show(getattr(resolved.settings, section), self._origins(section))
        if getattr(getattr(resolved.settings, section), key) != value:
            origin = resolved.origin(section, key)
            self.tell(_("{origin} sets {section}.{key}, and outranks the file")
                      .format(origin=origin, section=section, key=key), "warning")  # fmt: skip

    def _resolved(self) -> Configuration:
        return self.dashboard.configuration.reread(self.dashboard.settings_file)

    def _origins(self, section: str) -> dict[str, str]:
        resolved = self.dashboard.configuration
        keys = sections()[section].model_fields
        found = {key: resolved.origin(section, key) for key in keys}
        return {key: origin for key, origin in found.items() if origin != DEFAULT}

    async def action_section(self) -> None:
        choices = [Choice(name, _(" ".join((model.__doc__ or "").split())))
                   for name, model in sections().items()]  # fmt: skip
        self.app.push_screen(Pick(_("Section"), choices), self._go_to)

    def _go_to(self, section: str | None) -> None:
        if section is not None:
            self.query_one(f"#rule-{section}").scroll_visible(top=True, animate=False)

    def action_page(self, direction: int) -> None:
        forms = self.query_one("#forms", FormScroll)
        forms.scroll_relative(y=direction * (forms.size.height - 1), animate=False)
