"""What the palette offers: places, actions of the room, colours, datasets, models and runs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.screen import Screen

from hanzi_tui.i18n import _
from hanzi_tui.themes import NAMES
from hanzi_tui.widgets.tab_line import tabs
from hanzi_tui.wording import job_word
from pipeline.workspace import names_in

if TYPE_CHECKING:
    from hanzi_tui.app import Dashboard


def commands(app: Dashboard, screen: Screen[None]) -> Iterator[SystemCommand]:
    """Yields the commands of the palette over `screen`, as (title, help, what it does)."""
    for mode, (title, _short) in tabs().items():
        yield SystemCommand(title, _("Go there"), partial(app.action_open, mode))
    settings = partial(app.action_open, "settings")
    yield SystemCommand(_("Settings"), _("All settings"), settings)
    yield SystemCommand(_("Keys"), _("What every key does here"), app.action_help)
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.id and active.enabled and active.node is not app:
            press = partial(app.action_press, binding.key)
            yield SystemCommand(binding.description, binding.tooltip, press)
    for theme in NAMES:
        title = _("Colours: {name}").format(name=theme)
        use = partial(setattr, app, "theme", NAMES[theme])
        yield SystemCommand(title, _("For this session"), use)
    for name in names_in(app.workspace.datasets, "dataset.json"):
        title = _("Train on {name}").format(name=name)
        yield SystemCommand(title, _("Fills the form"), partial(app.train_on, name))
    for name in names_in(app.workspace.models, "bundle.json"):
        for mode, title in (("evaluation", _("Evaluate {name}")),
                            ("recognition", _("Recognise by {name}"))):  # fmt: skip
            judge = partial(app.use_model, mode, name)
            yield SystemCommand(title.format(name=name), _("A model of the workspace"), judge)
    for state in reversed(list(app.states.values())):
        about = f"{job_word(state.kind)} {state.about}"
        yield SystemCommand(state.run.id, about, partial(app.open_run, state.run))
    yield SystemCommand(_("Quit"), _("Jobs go on"), app.action_quit)
