"""The settings room: what is entered goes into the file, with its comments kept."""

from __future__ import annotations

from pathlib import Path

from on_screen import dashboard, seen
from textual.pilot import Pilot
from textual.widgets import Input

from hanzi_tui.app import Dashboard
from hanzi_tui.widgets.settings_field import SettingsField
from pipeline.configuration import resolve
from pipeline.settings import GeneralSettings
from pipeline.workspace import Workspace


async def enter_size(pilot: Pilot[None], app: Dashboard, text: str) -> None:
    """Opens the settings and enters `text` as the size of packed images."""
    await pilot.press("comma")
    await seen(pilot, lambda: app.current_mode == "settings")
    [field] = [f for f in app.screen.query("#dataset SettingsField").results(SettingsField)
               if f.declaration.key == "size"]  # fmt: skip
    app.screen.set_focus(field.query_one(Input))
    await pilot.press("end", "ctrl+u", *text, "enter")


async def test_what_is_entered_is_written_and_takes_effect(workspace: Workspace) -> None:
    Path("settings.toml").write_text("# mine\n[training]\nseed = 4  # lucky\n")
    app = dashboard(workspace)
    async with app.run_test(size=(120, 60)) as pilot:
        await enter_size(pilot, app, "96")
        await seen(pilot, lambda: "size = 96" in Path("settings.toml").read_text())
        text = Path("settings.toml").read_text()
        assert "# mine" in text
        assert "# lucky" in text
        await seen(pilot, lambda: app.settings.dataset.size == 96)


async def test_what_the_command_line_said_outlasts_a_change_of_the_file(
    workspace: Workspace,
) -> None:
    typed = {"general": GeneralSettings(workspace=workspace.root)}
    app = Dashboard(resolve(typed))
    async with app.run_test(size=(120, 60)) as pilot:
        await enter_size(pilot, app, "96")
        await seen(pilot, lambda: app.settings.dataset.size == 96)
        assert app.settings.general.workspace == workspace.root


async def test_a_wrong_value_is_told_below_its_field_and_not_written(workspace: Workspace) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=(120, 60)) as pilot:
        await enter_size(pilot, app, "5000")
        await seen(pilot, "16 to 512")
        assert not Path("settings.toml").exists()
