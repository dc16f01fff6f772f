"""Two evaluations of the same images are told apart image by image."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from hanzi_tui.commands.compare import compare as command
from hanzi_tui.commands.options import Common
from pipeline.evaluation.compare import compare
from pipeline.evaluation.results import Results, read_results
from pipeline.evaluation.tables import ANSWER
from pipeline.problems import Problem
from pipeline.workspace import Workspace

LABELS = ("己", "已", "巳")


def evaluation(folder: Path, images: list[tuple[str, int, int]]) -> Results:
    """Writes what an evaluation leaves: path, truth and guess of each image."""
    folder.mkdir(parents=True)
    (folder / "job.toml").touch()
    answers = np.zeros(len(images), ANSWER)
    answers["truth"] = [truth for _path, truth, _guess in images]
    answers["guess"] = [guess for _path, _truth, guess in images]
    np.save(folder / "answers.npy", answers)
    (folder / "labels.txt").write_text("".join(f"{label}\n" for label in LABELS), "utf-8")
    said = {"format": 2, "groups": [], "model": folder.name}
    (folder / "evaluation.json").write_text(json.dumps(said), "utf-8")
    with open(folder / "predictions.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("path",), *((path,) for path, _truth, _guess in images)])
    return read_results(folder)


OLD = [("a", 0, 0), ("b", 0, 1), ("c", 1, 1), ("d", 1, 2), ("e", 2, 2), ("f", 2, 2)]
NEW = [("f", 2, 2), ("e", 2, 0), ("d", 1, 1), ("c", 1, 1), ("b", 0, 0), ("a", 0, 0)]


def test_better_and_worse_are_told_by_image_whatever_their_order(tmp_path: Path) -> None:
    old, new = evaluation(tmp_path / "old", OLD), evaluation(tmp_path / "new", NEW)
    found = compare(old, new)
    assert (found.images, found.old_right, found.new_right, found.both_wrong) == (6, 4, 5, 0)
    assert [new.paths[row] for row in found.better] == ["d", "b"]
    assert [new.paths[row] for row in found.worse] == ["e"]
    assert [old.paths[row] for row in found.old_row] == new.paths
    assert [(c.label, c.images, c.old, c.new) for c in found.classes] == [
        ("巳", 2, 2, 1), ("己", 2, 1, 2), ("已", 2, 1, 2)]  # fmt: skip
    assert found.p_value == 1.0
    same = compare(old, old)
    assert (len(same.better), len(same.worse), same.p_value, same.classes) == (0, 0, 1.0, ())


@pytest.mark.parametrize("other", [OLD[:-1], [*OLD[:-1], ("g", 2, 2)], [*OLD[:-1], ("f", 0, 2)]])
def test_evaluations_of_other_images_cannot_be_compared(
    tmp_path: Path, other: list[tuple[str, int, int]]
) -> None:
    old, new = evaluation(tmp_path / "old", OLD), evaluation(tmp_path / "new", other)
    with pytest.raises(Problem) as caught:
        compare(old, new)
    assert caught.value.code == "comparison.other_images"
    assert caught.value.params["common"] == 5


def test_the_command_tells_which_images_changed(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluation(workspace.runs / "old", OLD)
    evaluation(workspace.runs / "new", NEW)
    given = Common(workspace=workspace.root)
    assert command("old", "new", common=given) == 0
    printed = capsys.readouterr().out
    assert "巳\t2\t2\t1\t-1" in printed
    assert "may well be chance" in printed
    assert command("old", "new", common=Common(workspace=workspace.root, json=True)) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["worse"] == [{"path": "e", "truth": "巳", "old": "巳", "new": "己"}]
    assert [image["path"] for image in told["better"]] == ["d", "b"]


def test_a_run_without_an_evaluation_says_how_to_make_one(workspace: Workspace) -> None:
    run = workspace.runs / "empty"
    run.mkdir(parents=True)
    (run / "job.toml").touch()
    with pytest.raises(Problem, match="hanzi-tui evaluate"):
        command("empty", "empty", common=Common(workspace=workspace.root))
    (run / "evaluation.json").write_text("{", "utf-8")
    with pytest.raises(Problem, match="cannot be read"):
        command("empty", "empty", common=Common(workspace=workspace.root))
