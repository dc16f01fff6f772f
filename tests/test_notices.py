"""A run ends, and those who wait are told: by a command, a bell, a notification."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from terminals import Terminal
from test_command_line import called, command
from workers import done

from hanzi_tui.notices import notice
from pipeline import notify, runs
from pipeline.events import EventLog, EventReader, Finished, Report, Started, Stopped, Warned
from pipeline.jobs import PrepareJob
from pipeline.processes import this_process
from pipeline.runs import Run, Status
from pipeline.settings import DatasetSettings
from pipeline.workspace import Workspace

TELLS = """
import json, os, sys
told = {name: value for name, value in os.environ.items() if name.startswith("HANZI_")}
told["words"] = sys.argv[1:]
json.dump(told, open(sys.argv[1], "w"))
"""


@pytest.fixture
def teller() -> str:
    """A command with a word of two parts that writes to told.json what it was told."""
    program, told = Path("tell it.py").absolute(), Path("told.json").absolute()
    program.write_text(TELLS)
    return f"{sys.executable} '{program}' {told} 'two words; $HOME'"


def told() -> dict[str, object]:
    found: dict[str, object] = json.loads(Path("told.json").read_text())
    return found


def prepare_job(workspace: Workspace, source: Path, command_line: str) -> PrepareJob:
    return PrepareJob(workspace=workspace.root, source=source, name="few", notify=command_line,
                      dataset=DatasetSettings(size=32, processes=1))  # fmt: skip


def warned(run: Run) -> list[str]:
    events = [stamped.event for stamped in EventReader(run.events).read()]
    return [event.code for event in events if isinstance(event, Warned)]


def test_the_command_of_a_finished_run_gets_its_result(
    workspace: Workspace, characters: Path, teller: str
) -> None:
    run = done(prepare_job(workspace, characters, teller))
    assert run.status() is Status.FINISHED
    found = told()
    assert (found["HANZI_RUN"], found["HANZI_STATUS"]) == (run.id, "finished")
    assert (found["HANZI_KIND"], found["HANZI_ERROR"]) == ("prepare", "")
    finished = run.finished()
    assert finished is not None
    assert json.loads(str(found["HANZI_SUMMARY"])) == finished.summary
    assert found["words"] == [str(Path("told.json").absolute()), "two words; $HOME"]
    assert warned(run) == []


def test_the_command_of_a_failed_run_gets_the_error(workspace: Workspace, teller: str) -> None:
    run = done(prepare_job(workspace, Path("nowhere").absolute(), teller))
    assert run.status() is Status.FAILED
    found = told()
    assert (found["HANZI_STATUS"], found["HANZI_SUMMARY"]) == ("failed", "{}")
    assert "nowhere" in str(found["HANZI_ERROR"])


def test_the_command_is_the_setting_of_whoever_starts_the_run(
    workspace: Workspace, characters: Path, teller: str
) -> None:
    Path("settings.toml").write_text(f"[notify]\ncommand = {json.dumps(teller)}\n")
    assert called("prepare", characters, "--name", "few", "--size", "32").returncode == 0
    assert told()["HANZI_RUN"] == runs.listed(workspace.runs)[-1].id


@pytest.mark.parametrize(
    ("command_line", "code"),
    [
        ("no-such-program --now", "notify.not_started"),
        ("'an open quote", "notify.not_started"),
        (f"{sys.executable} -c 'raise SystemExit(3)'", "notify.failed"),
        (f"{sys.executable} -c 'import time; time.sleep(600)'", "notify.too_long"),
    ],
)
def test_a_command_that_fails_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, command_line: str, code: str
) -> None:
    monkeypatch.setattr(notify, "TIMEOUT_S", 5.0 if code == "notify.failed" else 0.2)
    run = Run(Path.cwd())
    notify.tell(command_line, run, "train", Stopped("batch"), Report(EventLog(run.events)))
    assert warned(run) == [code]


def test_a_stopped_run_says_so() -> None:
    assert notify.surroundings(Run(Path("x")), "train", Stopped("epoch"))["HANZI_STATUS"] == (
        "stopped"
    )


@pytest.fixture
def waiting(workspace: Workspace, characters: Path) -> Run:
    """A run whose worker, this process, lives and has told nothing yet."""
    run = runs.create(workspace.runs, "")
    job = prepare_job(workspace, characters, "").model_dump(mode="json", exclude_none=True)
    lines = [f"{key} = {json.dumps(value)}" for key, value in job.items() if key != "dataset"]
    run.job.write_text("\n".join([*lines, "[dataset]"]))
    identity = asdict(this_process())
    start_s = identity.pop("start_s")
    EventLog(run.events).append(Started(**identity, process_start_s=start_s))
    assert run.status() is Status.RUNNING
    return run


def test_a_terminal_that_follows_a_run_rings_when_it_ends(waiting: Run) -> None:
    terminal = Terminal(command("attach", waiting.id))
    terminal.read_until(b"\x1b[")
    assert b"\a" not in terminal.drawn
    EventLog(waiting.events).append(Finished({}))
    text = f"{waiting.id}: finished".encode()
    drawn = terminal.read_until(b"\x1b]777;notify;hanzi-tui;" + text + b"\x1b\\")
    assert b"\a\x1b]9;" + text + b"\x1b\\" in drawn
    assert terminal.wait() == 0


def test_who_comes_later_or_wants_no_bell_hears_none(waiting: Run) -> None:
    quiet = Terminal(["/usr/bin/env", "HANZI_NOTIFY__BELL=false", *command("attach", waiting.id)])
    quiet.read_until(b"\x1b[")
    EventLog(waiting.events).append(Finished({}))
    quiet.read_until(b"done")
    assert quiet.wait() == 0
    later = Terminal(command("attach", waiting.id))
    later.read_until(b"done")
    assert later.wait() == 0
    assert b"\a" not in quiet.drawn + later.drawn
    assert "\a" not in called("attach", waiting.id).stderr


def test_the_dashboard_rings_when_a_run_that_it_watches_ends(waiting: Run) -> None:
    terminal = Terminal(command())
    terminal.read_until(b"few")
    assert b"\x1b]9;" not in terminal.drawn
    EventLog(waiting.events).append(Finished({}))
    text = f"{waiting.id}: finished".encode()
    assert b"\a\x1b]9;" + text + b"\x1b\\" in terminal.read_until(b"]9;" + text + b"\x1b\\")
    terminal.type(b"q")
    assert terminal.wait() == 0


def test_what_a_notice_says_steers_no_terminal() -> None:
    said = notice("a\x1b]0;title\a\nb", {"TERM": "xterm"})
    assert said.count("\x1b]") == 2
    assert said.count("\a") == 1
    assert "\n" not in said
    for term in ("linux", "dumb", ""):
        assert notice("text", {"TERM": term}) == "\a"
    assert notice("text", os.environ | {"TERM": "linux"}) == "\a"
