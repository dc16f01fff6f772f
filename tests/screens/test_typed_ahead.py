"""Keys that come all at once, as over a slow link, go to what the first of them opens."""

from __future__ import annotations

import unicodedata

from acted import Acted
from on_screen import dashboard, seen
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, OptionList
from workers import train_job, until

from hanzi_tui.widgets.pick import Pick
from pipeline.workspace import Workspace


def press_at_once(pilot: Pilot[None], text: str, *more: str) -> None:
    """Sends keys as a terminal does with what it reads in one go: nothing happens between them."""
    for character in text:
        named = unicodedata.name(character).lower().replace("solidus", "slash")
        key = character if character.isalnum() else named.replace(" ", "_")
        pilot.app.post_message(events.Key(key, character))
    for key in more:
        pilot.app.post_message(events.Key(key, None))


def two_trainings(workspace: Workspace) -> tuple[Acted, Acted]:
    first = Acted(train_job(workspace.root))
    second = Acted(train_job(workspace.root).model_copy(update={"dataset": "other"}))
    for each in (first, second):
        each.begin()
        each.train(1, 10)
    return first, second


async def test_a_list_takes_what_is_typed_while_it_is_still_being_read(
    workspace: Workspace,
) -> None:
    first, second = two_trainings(workspace)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.open_run(first.run)
        await seen(pilot, f"run {first.run.id}")
        room = app.screen
        press_at_once(pilot, "wother")
        await until(lambda: isinstance(app.screen, Pick))
        await until(lambda: app.screen.query_one(Input).value == "other")
        await pilot.press("escape")
        assert app.screen is room
        press_at_once(pilot, "wother", "enter")
        await seen(pilot, f"run {second.run.id}")


async def test_a_short_list_with_the_focus_on_it_is_narrowed_by_typing(
    workspace: Workspace,
) -> None:
    first, second = two_trainings(workspace)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.open_run(first.run)
        await seen(pilot, f"run {first.run.id}")
        await pilot.press("w")
        await until(lambda: isinstance(app.focused, OptionList))
        await pilot.press(*"other", "enter")
        await seen(pilot, f"run {second.run.id}")


async def test_a_field_takes_the_path_typed_right_after_its_key(workspace: Workspace) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f2")
        await seen(pilot, "starter")
        press_at_once(pilot, "o/x/sdtp")
        await until(lambda: app.screen.query_one("#path", Input).value.endswith("/x/sdtp"))
        press_at_once(pilot, "oo")
        await until(lambda: app.screen.query_one("#path", Input).value.endswith("/x/sdtpoo"))


async def test_the_filter_of_the_runs_takes_what_follows_its_key(workspace: Workspace) -> None:
    two_trainings(workspace)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f6")
        await seen(pilot, "other")
        press_at_once(pilot, "/xrother")
        await until(lambda: app.screen.query_one("#filter", Input).value == "xrother")
