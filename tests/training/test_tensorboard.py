"""Logs for TensorBoard: written while a network learns, or made of a run's events."""

from __future__ import annotations

import io
import json
import os
import signal
import struct
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.graph_pb2 import GraphDef
from test_command_line import called, command, one_line
from trained_here import codes, events, train_here, train_until

from hanzi_tui.commands.tensorboard import forwarding
from pipeline import runs
from pipeline.events import Resumed
from pipeline.training.board.logs import FOLDER, Logs
from pipeline.workspace import Workspace

NETWORK = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def logged(folder: Path) -> Iterator[Event]:
    """Yields the events of all files of a folder, in the order in which they were written."""
    for path in sorted(folder.glob("events.out.tfevents.*"), key=lambda path: path.stat().st_mtime):
        file = io.BytesIO(path.read_bytes())
        while header := file.read(12):
            yield Event.FromString(file.read(struct.unpack("<Q4x", header)[0]))
            file.read(4)


def scalars(folder: Path, tag: str) -> dict[int, float]:
    return {event.step: round(value.simple_value, 5) for event in logged(folder)
            for value in event.summary.value if value.tag == tag}  # fmt: skip


def pictures(folder: Path, tag: str) -> list[tuple[int, int]]:
    files = [value.image.encoded_image_string for event in logged(folder)
             for value in event.summary.value if value.tag == tag]  # fmt: skip
    return [Image.open(io.BytesIO(file)).size for file in files]


def begun(workspace: Workspace) -> None:
    """Gives the run "here" what a run has when its worker starts."""
    (workspace.runs / "here").mkdir(exist_ok=True)
    (workspace.runs / "here" / "job.toml").write_text(
        runs.listed(workspace.runs)[0].job.read_text()
    )


def test_a_training_with_logs_leaves_curves_pictures_and_graph_over_a_resume(
    trained: Workspace,
) -> None:
    begun(trained)
    train_until(trained, 16, epochs=3, tensorboard=True)
    train_here(trained, epochs=3, tensorboard=True)
    folder = trained.runs / "here" / FOLDER
    run = runs.Run(folder.parent)
    epochs = [metric for metric in run.metrics() if metric.scope == "epoch"]
    for name in ("accuracy", "loss"):
        assert scalars(folder / "train", f"epoch/{name}") == {
            metric.step: round(metric.values[name] or 0, 5) for metric in epochs
        }
        assert scalars(folder / "validation", f"epoch/{name}") == {
            metric.step: round(metric.values[f"val_{name}"] or 0, 5) for metric in epochs
        }
    assert scalars(folder / "train", "step/learning_rate")
    assert len(pictures(folder / "validation", "confusion")) == 3
    assert pictures(folder / "validation", "confusion")[0] == (512, 512)
    assert len(pictures(folder / "validation", "samples")) == 3
    [graph] = [event.graph_def for event in logged(folder / "train") if event.graph_def]
    assert "MatMul" in {node.op for node in GraphDef.FromString(graph).node}
    dropped = [event.step for event in logged(folder / "train")
               if event.session_log.status == SessionLog.START]  # fmt: skip
    [resumed] = [event.step for event in events(trained) if isinstance(event, Resumed)]
    assert dropped == [resumed + 1]


def test_logs_that_cannot_be_written_are_a_warning_and_training_goes_on(
    trained: Workspace,
) -> None:
    begun(trained)
    (trained.runs / "here" / FOLDER).write_text("in the way")
    train_here(trained, epochs=1, tensorboard=True)
    assert "tensorboard.not_written" in codes(trained)


def test_a_run_without_logs_is_converted_and_grows_with_it(trained: Workspace) -> None:
    run = runs.listed(trained.runs)[-1]
    lines = run.events.read_bytes().splitlines(keepends=True)
    run.events.write_bytes(b"".join(lines[:-4]))
    logs = Logs(run, Path("made"))
    logs.update()
    before = scalars(Path("made/validation"), "epoch/accuracy")
    with open(run.events, "ab") as file:
        file.writelines(lines[-4:])
    logs.update()
    logs.close()
    after = scalars(Path("made/validation"), "epoch/accuracy")
    epochs = [metric for metric in run.metrics() if metric.scope == "epoch"]
    assert len(after) == len(epochs) == 2
    assert before.items() <= after.items()


def test_tensorboard_shows_runs_on_this_machine_only_and_ends_with_ctrl_c(
    trained: Workspace,
) -> None:
    started = subprocess.Popen(
        command("tensorboard", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    told = json.loads(started.stdout.readline())
    port = int(told["url"].rstrip("/").rpartition(":")[2])
    try:
        assert f"-L {port}:localhost:{port}" in told["ssh"]
        listening = open("/proc/net/tcp").read() + open("/proc/net/tcp6").read()  # noqa: SIM115
        places = {line.split()[1].split(":")[0] for line in listening.splitlines()
                  if f":{port:04X} " in line and " 0A " in line}  # fmt: skip
        assert places <= {"0100007F", "00000000000000000000000001000000"}
        run = runs.listed(trained.runs)[-1]
        shown = f"{told['url']}data/plugin/scalars/tags"
        for _attempt in range(200):
            with NETWORK.open(shown, timeout=30) as answer:
                tags = json.load(answer)
            if f"{run.id}/validation" in tags:
                break
            started_still = started.poll() is None
            assert started_still
        assert "epoch/accuracy" in tags[f"{run.id}/validation"]
    finally:
        started.send_signal(signal.SIGINT)
        assert started.wait(30) == 0
    assert "Traceback" not in (started.stderr.read() if started.stderr else "")


def test_the_line_for_a_laptop_names_the_host_it_came_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "li")
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.5 50000 10.0.0.9 2222")
    assert forwarding(6006) == "ssh -N -L 6006:localhost:6006 -p 2222 li@10.0.0.9"
    monkeypatch.delenv("SSH_CONNECTION")
    assert forwarding(6007) == f"ssh -N -L 6007:localhost:6007 li@{os.uname().nodename}"


def test_without_trainings_there_is_nothing_to_show() -> None:
    one_line(called("tensorboard"), "no training to show")


def test_making_logs_needs_no_tensorflow() -> None:
    program = ("import sys; import pipeline.training.board.logs, pipeline.training.board.server,"
               "pipeline.training.plot.write; assert 'tensorflow' not in sys.modules")  # fmt: skip
    subprocess.run([sys.executable, "-c", program], check=True)
