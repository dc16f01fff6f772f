"""The command line as people and scripts meet it: real processes, pipes and a terminal."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from terminals import Terminal
from workers import until

from pipeline import runs
from pipeline.runs import Status
from pipeline.workspace import Workspace

COMMANDS = [
    "demo",
    "scan",
    "prepare",
    "train",
    "evaluate",
    "recognize",
    "summary",
    "graph",
    "export",
    "import-model",
    "status",
    "runs",
    "attach",
    "stop",
    "plot",
    "tensorboard",
    "check",
    "config",
]
QUICK = ["--model", "cnn", "--batch-size", "16", "--devices", "cpu"]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "hanzi_tui", *map(str, arguments)]


def called(
    *arguments: object, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL, env=env)  # fmt: skip


def begun_by(follower: subprocess.Popen[str]) -> str:
    """Returns the id of the run that a program says it has started."""
    assert follower.stderr is not None
    said = (re.match(r"run (\S+)$", line) for line in follower.stderr)
    return next(match[1] for match in said if match)


def one_line(ended: subprocess.CompletedProcess[str], *words: str, code: int = 2) -> None:
    assert ended.returncode == code, ended.stderr
    assert ended.stdout == ""
    [line] = ended.stderr.splitlines()
    for word in words:
        assert word in line


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name: str) -> None:
    ended = called(name, "--help")
    assert ended.returncode == 0
    assert ended.stderr == ""
    assert ended.stdout.startswith(f"Usage: hanzi-tui {name}")
    assert "\x1b" not in ended.stdout


def test_help_shows_units_bounds_and_defaults() -> None:
    text = " ".join(called("train", "--help", env={**os.environ, "COLUMNS": "200"}).stdout.split())
    assert "--epochs" in text
    assert "[default: " in text
    assert "[degrees]" in text
    assert "[choices: hanzi_s, hanzi_m, cnn," in text


def test_the_version_is_the_packages() -> None:
    from importlib.metadata import version

    assert called("--version").stdout.strip() == version("hanzi-tui")


def test_without_a_terminal_the_program_alone_prints_its_state_and_no_escape_byte() -> None:
    ended = called()
    assert ended.returncode == 2
    assert "workspace" in ended.stdout
    assert "\x1b" not in ended.stdout + ended.stderr


def test_mistakes_get_one_clear_line_and_leave_nothing_behind(characters: Path) -> None:
    one_line(called("train", "hwdb"), "There is no prepared dataset 'hwdb'", "hanzi-tui prepare")
    one_line(called("evaluate"), "There is no model", "hanzi-tui train")
    one_line(called("evaluate", "other"), "There is no model 'other'")
    one_line(called("recognize", characters, "--model", "other"), "There is no model 'other'")
    one_line(called("attach"), "There is no run 'last'")
    one_line(called("prepare", characters, "--name", "../up"), "'../up' cannot be a name")
    one_line(called("prepare", characters, "--size", "4"), "--size 4 is not allowed", "16")
    one_line(called("train", "x", "--epoch", "3"), "--epoch", "--epochs")
    one_line(called("evalute"), "evalute", "evaluate")
    one_line(called("evaluate", "a", "b"), "b")
    one_line(called("status", "--settings", "night.toml"), "night.toml")
    Path("settings.toml").write_text("[training]\nepoch = 3\n")
    one_line(called("status"), "settings.toml", "[training]", "epoch", "did you mean epochs")
    assert [path.name for path in Path.cwd().iterdir()] == ["settings.toml"]


def test_the_road_from_folder_to_answer_prints_data_on_stdout_only(characters: Path) -> None:
    prepared = called("prepare", characters, "--name", "few", "--size", "32")
    assert prepared.returncode == 0, prepared.stderr
    header, row = (line.split("\t") for line in prepared.stdout.splitlines())
    assert header[:2] == ["dataset", "classes"]
    assert row[:2] == ["few", "4"]
    assert "\x1b" not in prepared.stdout + prepared.stderr
    trained = called("train", "few", *QUICK, "--epochs", "2", "--name", "mine")
    assert trained.returncode == 0, trained.stderr
    assert trained.stdout.splitlines()[1].startswith("mine\t")
    assert "epoch 2" in trained.stderr
    judged = called("evaluate", "--json")
    events = [json.loads(line) for line in judged.stdout.splitlines()]
    assert events[-1]["kind"] == "finished"
    assert 0 <= events[-1]["summary"]["top_1"] <= 1
    images = sorted(characters.glob("*/*"))[:3]
    found = called("recognize", *images, "--top", "2")
    assert found.returncode == 0
    lines = [line.split("\t") for line in found.stdout.splitlines()]
    assert [line[0] for line in lines] == [str(image) for image in images]
    assert all(re.fullmatch(r". [01]\.\d{3}", answer) for line in lines for answer in line[1:])
    assert found.stderr == "model mine\n"
    state = json.loads(called("status", "--json").stdout)
    assert (state["datasets"], state["models"], state["running"]) == (["few"], ["mine"], [])
    listed = called("runs").stdout.splitlines()
    assert len(listed) == 4
    assert all("finished" in line for line in listed[1:])
    assert called("attach", "last", "--json").stdout == judged.stdout


def test_a_trial_tells_what_a_training_would_take_and_starts_none(trained: Workspace) -> None:
    before = len(runs.listed(trained.runs))
    tried = called("train", "--trial", "--json", *QUICK, "--epochs", "3")
    assert tried.returncode == 0, tried.stderr
    told = json.loads(tried.stdout)
    assert (told["model"], told["epochs"], told["devices"]) == ("cnn", 3, ["CPU"])
    assert told["training_s"] == pytest.approx(3 * told["epoch_s"])
    assert told["memory_bytes"] > 100_000_000
    assert len(runs.listed(trained.runs)) == before
    one_line(called("train", "nowhere", "--trial"), "nowhere", "few")


def test_a_detached_training_is_seen_stopped_and_resumed(trained: Workspace) -> None:
    began = time.monotonic()
    started = called("train", "few", *QUICK, "--epochs", "300", "--detach", "--json")
    assert time.monotonic() - began < 10
    run = runs.find(trained.runs, json.loads(started.stdout)["run"])
    asyncio.run(until(lambda: run.last_epoch() is not None))
    assert called("status").stdout.count(run.id) == 1
    stopped = called("stop", run.id)
    assert (stopped.returncode, run.status()) == (0, Status.STOPPED), stopped.stderr
    one_line(called("stop", run.id), "is not under way", code=1)
    run.job.write_text(run.job.read_text().replace("epochs = 300", "epochs = 3"))
    resumed = called("train", "--resume", run.id)
    assert resumed.returncode == 0, resumed.stderr
    assert "resumed at epoch" in resumed.stderr
    one_line(called("train", "--resume", run.id), "is finished", code=1)
    assert called("runs", "rm", run.id).returncode == 0
    assert not run.path.exists()


def test_killing_the_follower_leaves_the_job_and_attach_tells_the_whole_story(
    trained: Workspace,
) -> None:
    follower = subprocess.Popen(command("train", "few", *QUICK, "--epochs", "12"),
                                stderr=subprocess.PIPE, text=True)  # fmt: skip
    name = begun_by(follower)
    run = runs.find(trained.runs, name)
    asyncio.run(until(lambda: run.last_progress() is not None))
    follower.send_signal(signal.SIGKILL)
    follower.wait()
    assert run.status() is Status.RUNNING
    told = called("attach", name)
    assert told.returncode == 0
    epochs = [int(n) for n in re.findall(r"^epoch (\d+) ", told.stderr, re.MULTILINE)]
    assert epochs == list(range(1, 13))


def test_ctrl_c_with_nobody_to_ask_leaves_the_job_running(trained: Workspace) -> None:
    follower = subprocess.Popen(
        command("train", "few", *QUICK, "--epochs", "12"),
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    run = runs.find(trained.runs, begun_by(follower))
    asyncio.run(until(lambda: run.last_progress() is not None))
    follower.send_signal(signal.SIGINT)
    rest = follower.communicate(timeout=20)[1]
    assert follower.returncode == 130
    assert f"hanzi-tui attach {run.id}" in rest
    assert run.status() is Status.RUNNING
    assert called("stop", run.id, "--now").returncode == 0
    assert (run.status(), run.requested()) == (Status.STOPPED, "now")
    assert list((run.path / "checkpoints").glob("step-*.npz"))


def test_a_terminal_gets_a_bar_and_a_hang_up_does_not_touch_the_job(trained: Workspace) -> None:
    terminal = Terminal(command("train", "few", *QUICK, "--epochs", "12"))
    drawn = terminal.read_until(b"\xe2\x94\x81", b"-----")
    assert b"\x1b[" in drawn
    [run] = [r for r in runs.listed(trained.runs) if r.status().live]
    terminal.hang_up()
    assert run.status() is Status.RUNNING
    told = called("attach", run.id)
    assert told.returncode == 0
    assert run.status() is Status.FINISHED


def test_ctrl_c_at_a_terminal_asks_and_stops_only_when_told_to(trained: Workspace) -> None:
    terminal = Terminal(command("train", "few", *QUICK, "--epochs", "300"))
    terminal.read_until(b"steps")
    [run] = [r for r in runs.listed(trained.runs) if r.status().live]
    terminal.type(b"\x03")
    terminal.read_until(b"leave it running")
    assert run.status() is Status.RUNNING
    terminal.type(b"s\n")
    terminal.read_until(b"go on later")
    assert terminal.wait() == 130
    assert run.status() is Status.STOPPED


def test_a_name_that_would_steer_the_terminal_is_spelled_out(trained: Workspace) -> None:
    bad = Path("red\x1b[31m\nline.png")
    bad.write_text("not an image")
    ended = called("recognize", bad)
    assert ended.returncode == 1
    assert "\x1b" not in ended.stderr
    assert "red\\x1b[31m\\nline.png" in ended.stderr


def test_the_settings_can_be_shown_checked_and_changed() -> None:
    assert called("config", "set", "training.epochs", "5").returncode == 0
    shown = called("config", "show", "--origin").stdout
    assert re.search(r"^epochs = 5 +# settings.toml$", shown, re.MULTILINE)
    assert called("config", "validate").returncode == 0
    one_line(called("config", "set", "training.epochs", "-1"), "epochs")
    one_line(called("config", "set", "epochs", "5"), "section")
    assert "settings.toml\tread" in called("config", "path").stdout


def test_check_tells_what_this_machine_can_do() -> None:
    ended = called("check", "--json")
    told = json.loads(ended.stdout)
    assert told["verdict"].startswith("environment.")
    assert told["facts"]["python"]["version"] == sys.version.split()[0]
    assert ended.returncode == (1 if told["verdict"] == "environment.not_ready" else 0)
