"""The recognition room, and what the command line says of the same images."""

from __future__ import annotations

from pathlib import Path

import pytest
from on_screen import seen
from textual.pilot import Pilot
from textual.widgets import Input

from hanzi_tui.app import Dashboard
from hanzi_tui.commands.options import Common
from hanzi_tui.commands.recognize import recognize
from hanzi_tui.screens.recognition import RecognitionRoom
from pipeline.configuration import Layer, merge
from pipeline.workspace import Workspace


def images_in(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*.*") if p.parent != folder)


def said_by_command(
    workspace: Workspace, *paths: Path, capsys: pytest.CaptureFixture[str]
) -> list[list[str]]:
    """Returns what the command line says: for each image its answers, such as "安 0.981"."""
    capsys.readouterr()
    recognize(*paths, common=Common(workspace=workspace.root))
    return [line.split("\t")[1:] for line in capsys.readouterr().out.splitlines()]


def words(answer: str) -> str:
    """Returns an answer as the candidates show it."""
    return "  ".join(answer.rsplit(" ", 1))


def with_settings(workspace: Workspace, **sections: dict[str, object]) -> Dashboard:
    """Returns the dashboard with settings, a table a section."""
    general = {"workspace": workspace.root, **sections.pop("general", {})}
    return Dashboard(merge([Layer("test", {"general": general, **sections})]))


async def opened(pilot: Pilot[None]) -> RecognitionRoom:
    await pilot.press("f5")
    await seen(pilot, "[Image]")
    assert isinstance(pilot.app.screen, RecognitionRoom)
    return pilot.app.screen


async def typed(pilot: Pilot[None], path: Path) -> None:
    await pilot.press("g")
    await seen(pilot, lambda: isinstance(pilot.app.focused, Input))
    assert isinstance(pilot.app.focused, Input)
    pilot.app.focused.value = str(path)
    await pilot.press("enter")
