"""The curves of trainings as pictures and tables."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from test_command_line import called, one_line

from pipeline import runs
from pipeline.events import EventLog, Metric, Resumed
from pipeline.runs import Run
from pipeline.training.plot.chart import PAPER
from pipeline.training.plot.curves import curves_of
from pipeline.workspace import Workspace

SVG = "{http://www.w3.org/2000/svg}"


def told(workspace: Workspace, name: str, *accuracies: float, resumed_at: int = 0) -> Run:
    """Returns a run beside the trained one, as it looks while it trains: ten steps an epoch.

    Args:
        accuracies: of validation, one an epoch; they begin anew after a resume.
        resumed_at: the epoch after which the run was resumed once, at its end.
    """
    original = runs.listed(workspace.runs)[-1]
    folder = workspace.runs / name
    folder.mkdir()
    (folder / "job.toml").write_text(original.job.read_text())
    log = EventLog(folder / "events.jsonl")
    for epoch, accuracy in enumerate(accuracies):
        values = {"accuracy": accuracy + 0.01, "loss": 1 - accuracy, "val_accuracy": accuracy,
                  "val_loss": 1.05 - accuracy}  # fmt: skip
        log.append(Metric("epoch", epoch, 10 * (epoch + 1), values))
        if epoch == resumed_at > 0:
            log.append(Resumed(epoch, 10 * epoch))
            log.append(Metric("epoch", epoch, 10 * (epoch + 1), {**values, "val_accuracy": 0.5}))
    return Run(folder)


def test_a_training_leaves_the_picture_of_its_curves(trained: Workspace) -> None:
    run = runs.listed(trained.runs)[-1]
    with Image.open(run.path / "curves.png") as picture:
        colours = picture.convert("RGB").getcolors(1 << 24)
    assert colours is not None
    most, ground = max(colours)
    assert "#{:02x}{:02x}{:02x}".format(*ground) == PAPER
    assert most < sum(count for count, _colour in colours)


@pytest.mark.parametrize("suffix", ["png", "svg", "csv"])
def test_several_runs_are_drawn_over_each_other_whatever_the_file(
    trained: Workspace, suffix: str
) -> None:
    told(trained, "night-one", 0.2, 0.6, 0.9)
    told(trained, "night-汉", 0.1, 0.4)
    ended = called("plot", "night-one", "night-汉", "-o", f"both.{suffix}")
    assert ended.returncode == 0, ended.stderr
    content = Path(f"both.{suffix}").read_bytes()
    if suffix == "png":
        assert Image.open(io.BytesIO(content)).size[0] > 1000
        return
    text = content.decode("utf-8")
    if suffix == "csv":
        rows = list(csv.DictReader(io.StringIO(text)))
        assert [(row["run"], row["epoch"], row["val_accuracy"]) for row in rows] == [
            ("night-one", "1", "0.2"), ("night-one", "2", "0.6"), ("night-one", "3", "0.9"),
            ("night-汉", "1", "0.1"), ("night-汉", "2", "0.4"),
        ]  # fmt: skip
        return
    drawing = ElementTree.fromstring(text)
    words = [element.text for element in drawing.iter(f"{SVG}text")]
    assert {"night-one", "night-汉", "accuracy", "loss", "training", "validation"} <= set(words)
    assert "accuracy 0.9000, best epoch 3 of 3" in words
    lines = [element for element in drawing.iter(f"{SVG}polyline")
             if len(element.attrib["points"].split()) > 2]  # fmt: skip
    assert len(lines) == 4  # accuracy and loss of training and validation; the other run has two


def test_the_best_epoch_is_ringed_where_its_value_is(trained: Workspace) -> None:
    told(trained, "up-and-down", 0.5, 0.9, 0.7)
    assert called("plot", "up-and-down", "-o", "a.svg").returncode == 0
    drawing = ElementTree.fromstring(Path("a.svg").read_text("utf-8"))
    rings = [element for element in drawing.iter(f"{SVG}circle") if element.attrib["r"] == "5"]
    ticks = {element.text: element for element in drawing.iter(f"{SVG}text")}
    _legend, accuracy, loss = rings
    assert accuracy.attrib["cx"] == loss.attrib["cx"] == ticks["2"].attrib["x"]
    assert float(accuracy.attrib["cy"]) == pytest.approx(float(ticks["0.9"].attrib["y"]) - 4, 0.1)


def test_a_resumed_run_is_one_curve(trained: Workspace) -> None:
    curves = curves_of(told(trained, "resumed", 0.2, 0.4, 0.6, resumed_at=1), "accuracy")
    assert curves is not None
    assert curves.points("val_accuracy") == [(1, 0.2), (2, 0.5), (3, 0.6)]


def test_over_minutes_the_time_in_which_nothing_ran_does_not_count(trained: Workspace) -> None:
    run = told(trained, "paused")
    stamps = [("started", 0.0, 0), ("metric", 60.0, 1), ("metric", 120.0, 2),
              ("started", 9000.0, 0), ("resumed", 9005.0, 1), ("metric", 9060.0, 2)]  # fmt: skip
    with open(run.events, "w", encoding="utf-8") as log:
        for sequence, (kind, time_s, epoch) in enumerate(stamps):
            event = {"started": {"pid": 1, "process_start_s": 0.0, "host": "h", "boot_id": "b"},
                     "resumed": {"epoch": epoch, "step": epoch * 10},
                     "metric": {"scope": "epoch", "epoch": epoch - 1, "step": epoch * 10,
                                "values": {"val_accuracy": 0.5, "val_loss": 1.0}}}  # fmt: skip
            line = {"sequence": sequence, "time": time_s, "kind": kind, **event[kind]}
            log.write(json.dumps(line) + "\n")
    curves = curves_of(run, "accuracy")
    assert curves is not None
    assert curves.minutes == (1.0, 3.0)
    assert called("plot", "paused", "--across", "minutes", "-o", "a.svg").returncode == 0
    words = [e.text for e in ElementTree.parse("a.svg").iter(f"{SVG}text")]
    assert "minutes" in words
    assert "epoch" not in words


def test_what_cannot_be_drawn_is_told_in_a_line(trained: Workspace) -> None:
    prepared, run = runs.listed(trained.runs)
    told(trained, "just-begun")
    one_line(called("plot", "just-begun"), "just-begun", "no finished epoch", code=1)
    one_line(called("plot", prepared.id), prepared.id, "no training", code=1)
    one_line(called("plot", run.id, "-o", "curves.gif"), "curves.gif", ".png, .svg or .csv", code=1)
    one_line(called("plot", run.id, "-o", "no/such/curves.png"), "no/such/curves.png", code=1)
    one_line(called("plot", "none-such"), "none-such")


def test_a_run_that_names_nothing_is_the_last_training(trained: Workspace) -> None:
    ended = called("plot", "--json")
    assert ended.returncode == 0
    assert re.search(r'"path": "curves.png"', ended.stdout)
    assert Path("curves.png").stat().st_size > 10_000
