"""What holds in every room: the way round, the job that is at work, and names as they are."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from on_screen import SIZES, configuration, dashboard, seen, text_of
from terminals import Terminal
from textual.widgets import Input
from workers import train_job

from hanzi_tui.app import Dashboard
from hanzi_tui.widgets.tab_line import tabs
from pipeline import jobs, runs
from pipeline.configuration import Layer, merge
from pipeline.events import EventLog, Failed, Started, Warned
from pipeline.processes import this_process
from pipeline.runs import Run, Status
from pipeline.workspace import Workspace

MODES = [*tabs(), "settings"]
NASTY = ["a[/b].png", "[red]x", "[/", "<3[ok]", "你好[/我].png", "\x1b[31mred", "a\nb", "‮gnp.x",
         "x" * 300, "${HOME}"]  # fmt: skip


@pytest.mark.parametrize("size", [*SIZES, (60, 20), (40, 12), (200, 60)])
async def test_every_room_opens_by_its_keys_and_nothing_to_type_in_has_the_focus(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=size) as pilot:
        for number, mode in enumerate(tabs(), 1):
            await pilot.press(f"f{number}")
            await seen(pilot, lambda m=mode: app.current_mode == m)
            assert not isinstance(app.focused, Input), mode
            text = text_of(app)
            assert len(text.splitlines()) == size[1]
            assert "keys" in text.splitlines()[-1]
        await pilot.press("alt+1")
        await seen(pilot, lambda: app.current_mode == "environment")
        await pilot.press("comma")
        await seen(pilot, lambda: app.current_mode == "settings")


@pytest.mark.parametrize(
    ("columns", "tabs_"),
    [(60, " 1 2 [3 Training] 4 5 6"), (80, " 汉 1 Env 2 Data 3 Train 4 Eval 5 Recog 6 Runs"),
     (120, " 汉 hanzi-tui   1 Environment  2 Dataset  3 Training  4 Evaluation  5 Recognition")],
)  # fmt: skip
async def test_tabs_are_as_long_as_there_is_room(
    workspace: Workspace, columns: int, tabs_: str
) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=(columns, 24)) as pilot:
        await pilot.press("f3")
        await seen(pilot, lambda: app.current_mode == "training")
        assert text_of(app).splitlines()[0].startswith(tabs_)
        await pilot.press("comma")
        await seen(pilot, lambda: app.current_mode == "settings")
        assert ", Settings" in text_of(app).splitlines()[0]


@pytest.mark.parametrize(("columns", "across"), [(80, 1), (120, 2), (200, 3)])
async def test_help_stands_in_columns_and_fits_its_lines(
    workspace: Workspace, columns: int, across: int
) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=(columns, 60)) as pilot:
        await pilot.press("f6")
        await seen(pilot, lambda: app.current_mode == "runs")
        await pilot.press("question_mark")
        lines = (await seen(pilot, "runs.delete")).splitlines()
        ids = [line.count("runs.") + line.count("app.") for line in lines]
        assert max(ids) == across
        for name in ("runs.delete", "app.environment_digit", "app.quit"):
            assert any(f"{name} " in f"{line} " for line in lines), name


async def test_help_lists_the_keys_of_the_place_with_their_ids(workspace: Workspace) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=(120, 50)) as pilot:
        await pilot.press("f6")
        await seen(pilot, lambda: app.current_mode == "runs")
        await pilot.press("question_mark")
        text = await seen(pilot, "runs.delete")
        assert "Delete it with its checkpoints" in text
        await pilot.press("escape")
        await seen(pilot, lambda: "runs.delete" not in text_of(app))


async def test_a_key_can_be_another_one(workspace: Workspace) -> None:
    values = {"general": {"workspace": workspace.root}, "interface": {"keys": {"app.runs": "f9"}}}
    app = Dashboard(merge([Layer("test", values)]))
    async with app.run_test() as pilot:
        await pilot.press("f9")
        await seen(pilot, lambda: app.current_mode == "runs")


async def test_a_job_started_elsewhere_is_seen_from_every_room_and_a_dead_one_soon(
    trained: Workspace,
) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, lambda: app.current_mode == "environment")
        run = await jobs.start(train_job(trained.root, epochs=500))
        await seen(pilot, "closing it is safe")
        line = text_of(app).splitlines()[-2]
        assert "training few" in line
        await seen(pilot, lambda: "%" in text_of(app).splitlines()[-2])
        await jobs.stop(run, "kill")
        await seen(pilot, lambda: "interrupted" in text_of(app).splitlines()[-2], 5.0)


async def test_the_dashboard_opens_on_the_job_at_work(trained: Workspace) -> None:
    run = await jobs.start(train_job(trained.root, epochs=500))
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, lambda: app.current_mode == "training")
        await jobs.stop(run, "kill")
    assert run.status() is Status.INTERRUPTED


@pytest.mark.parametrize("mode", MODES)
async def test_outside_text_is_shown_as_it_is_in_every_room(
    workspace: Workspace, mode: str
) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=(200, 60)) as pilot:
        named = {name: run_that_failed_by(workspace, name) for name in NASTY}
        await app.action_open(mode)
        await seen(pilot, lambda: app.current_mode == mode)
        for name, run in named.items():
            app.screen.tell(name, "error")  # type: ignore[attr-defined]
            app.follow(run)
        await pilot.pause()
        text = await seen(pilot, lambda: all(not s.following for s in app.states.values()))
        if mode == "runs":
            text = await seen(pilot, list(named.values())[-1].id)
            for name in NASTY:
                assert not name.isprintable() or name[:40] in text
        for run in named.values():
            await app.open_run(run)
        assert "\x1b" not in text_of(app)


def run_that_failed_by(workspace: Workspace, text: str) -> Run:
    """Makes a run whose warnings, end and note hold a text."""
    me = this_process()
    run = runs.create(workspace.runs, "")
    log = EventLog(run.events)
    log.append(Started(me.pid, 1.0, me.host, me.boot_id))
    log.append(Warned("later.version", {}, f"about {text}"))
    log.append(Failed("later.version", {}, text))
    run.set_note(text)
    return run


async def test_of_runs_of_one_minute_the_one_that_began_last_is_told(workspace: Workspace) -> None:
    first, second = (run_that_failed_by(workspace, text) for text in ("river", "heron"))
    # Names are drawn by chance: here the later run has the one that sorts first.
    earlier, later = sorted((first.path.name, second.path.name))
    first.path.rename(workspace.runs / "aside")
    second.path.rename(workspace.runs / earlier)
    (workspace.runs / "aside").rename(workspace.runs / later)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        states = [app.follow(run) for run in runs.listed(workspace.runs)]
        await seen(pilot, lambda: all(state.caught_up for state in states))
        last = app.last_state()
        assert last is not None and last.run.id == earlier


async def test_resizing_at_any_moment_is_harmless(trained: Workspace) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        for mode in MODES:
            await app.action_open(mode)
            for size in ((40, 12), (200, 60)):
                await pilot.resize_terminal(*size)
                await pilot.pause()
                assert len(text_of(app).splitlines()) == size[1]


async def test_ascii_signs_draw_no_other_signs_in_the_shell(workspace: Workspace) -> None:
    app = Dashboard(configuration(workspace, signs="ascii"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f6")
        await seen(pilot, lambda: app.current_mode == "runs")
        lines = text_of(app).splitlines()
        for line in (lines[1], *lines[-3:]):
            assert line.isascii(), line
        await pilot.press("f3")
        await seen(pilot, "dataset...")
        assert text_of(app).splitlines()[-1].isascii()
        await pilot.press("question_mark")
        text = await seen(pilot, "training.dataset")
        assert "".join(text.splitlines()[1:]).isascii()
        assert "enter  Pick" in text


def test_without_a_terminal_there_is_a_hint_and_no_escape_byte(workspace: Workspace) -> None:
    ended = subprocess.run([sys.executable, "-m", "hanzi_tui"], capture_output=True, text=True,
                           stdin=subprocess.DEVNULL)  # fmt: skip
    assert ended.returncode == 2
    assert "ssh -t" in ended.stderr
    assert "\x1b" not in ended.stdout + ended.stderr


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
async def test_the_end_of_the_dashboard_is_not_the_end_of_the_job(
    trained: Workspace, number: signal.Signals
) -> None:
    run = await jobs.start(train_job(trained.root, epochs=500))
    terminal = Terminal([sys.executable, "-m", "hanzi_tui"])
    terminal.read_until(b"closing")
    if number is signal.SIGKILL:
        os.kill(terminal.pid, number)
        assert terminal.wait() == -number
    else:
        assert terminal.hang_up() == -signal.SIGHUP
    assert run.status() is Status.RUNNING
    await jobs.stop(run, "kill")


def test_the_dashboard_opens_the_workspace_that_the_command_line_names(
    trained: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program = [sys.executable, "-m", "hanzi_tui"]
    run = runs.listed(trained.runs)[-1].id.encode()
    for options, shown in (([], b"no runs yet"), (["--workspace", str(trained.root)], run)):
        terminal = Terminal([*program, *options])
        terminal.read_until(b"nothing is running")
        terminal.type(b"6")
        terminal.read_until(shown)
        terminal.type(b"q")
        assert terminal.wait() == 0
        assert shown in terminal.drawn


def test_what_native_code_writes_never_reaches_the_screen(workspace: Workspace) -> None:
    program = """
import os
from hanzi_tui.app import Dashboard
from hanzi_tui.launch import open_dashboard
from pipeline.configuration import merge
mount = Dashboard.on_mount
async def noisy(self):
    os.write(2, b"E0000 native noise")
    await mount(self)
Dashboard.on_mount = noisy
open_dashboard(merge([]), None)
"""
    terminal = Terminal([sys.executable, "-c", program])
    terminal.read_until(b"nothing is running")
    terminal.type(b"q")
    drawn = terminal.read_until(b"never drawn")
    assert terminal.wait() == 0
    assert b"native noise" not in drawn
    [log] = Path(os.environ["HOME"]).rglob("dashboard.log")
    assert b"native noise" in log.read_bytes()
