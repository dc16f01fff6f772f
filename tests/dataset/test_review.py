"""What a person marks as mislabelled is left out or relabelled; the source stays as it is."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from workers import done

from pipeline.dataset.records import open_dataset
from pipeline.dataset.review import Mark, mark, read_review, review_file, unmark
from pipeline.events import EventReader, Log
from pipeline.jobs import PrepareJob
from pipeline.problems import Problem
from pipeline.runs import Run, Status
from pipeline.settings import DatasetSettings
from pipeline.workspace import Workspace


def test_marks_are_kept_replaced_and_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "few.review.csv"
    assert read_review(path) == {}
    mark(path, Mark("未/a.png", "未", "drop"), Mark("未/b\udcff.png", "未", "relabel", "末"))
    mark(path, Mark("未/a.png", "未", "relabel", "木"))
    assert read_review(path) == {
        "未/a.png": Mark("未/a.png", "未", "relabel", "木"),
        "未/b\udcff.png": Mark("未/b\udcff.png", "未", "relabel", "末"),
    }
    unmark(path, "未/a.png", "never marked")
    assert list(read_review(path)) == ["未/b\udcff.png"]


@pytest.mark.parametrize("bad", [Mark("a", "未", "relabel"), Mark("a", "未", "relabel", "a\nb"),
                                 Mark("a", "未", "drop", "末")])  # fmt: skip
def test_a_mark_that_means_nothing_is_refused_and_changes_nothing(
    tmp_path: Path, bad: Mark
) -> None:
    path = tmp_path / "few.review.csv"
    mark(path, Mark("b", "未", "drop"))
    with pytest.raises(Problem) as caught:
        mark(path, bad)
    assert caught.value.code == "review.bad_line"
    assert list(read_review(path)) == ["b"]


@pytest.mark.parametrize("lines", ["a,b,burn,", "a,b,drop", "a,b,drop,\na,b,drop,"])
def test_a_table_that_is_no_review_list_is_named_with_its_line(tmp_path: Path, lines: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"path,label,action,new_label\n{lines}\n", "utf-8")
    with pytest.raises(Problem, match=r"x\.csv, line"):
        read_review(path)


def test_the_list_lies_beside_the_dataset_or_is_named_as_the_folder(workspace: Workspace) -> None:
    beside = workspace.datasets / "few.review.csv"
    assert review_file(workspace, {"dataset": "few", "source": ""}) == beside
    assert review_file(workspace, {"dataset": "", "source": "/data/few.zip"}) == beside


def prepare(workspace: Workspace, source: Path, name: str, **settings: object) -> Run:
    run = done(PrepareJob(workspace=workspace.root, source=source, name=name,
                          dataset=DatasetSettings(size=32, **settings)))  # type: ignore[arg-type]  # fmt: skip
    assert run.status() is Status.FINISHED, run.worker_log.read_text()
    return run


def test_prepare_drops_and_relabels_and_keeps_the_split(
    workspace: Workspace, characters: Path, tmp_path: Path
) -> None:
    source = tmp_path / "few"
    for folder in sorted(characters.iterdir())[:2]:
        (source / folder.name).mkdir(parents=True)
        for image in sorted(folder.iterdir())[:12]:
            shutil.copy(image, source / folder.name)
    before = {path: path.stat().st_mtime_ns for path in source.rglob("*")}
    prepare(workspace, source, "plain")
    split_file = workspace.dataset("plain") / "split.csv"
    split_of = {row["path"]: row["split"] for row in table(split_file)}
    one, other = sorted(folder.name for folder in source.iterdir())
    dropped, relabelled = [path for path in split_of if path.startswith(one)][:2]
    review = workspace.review("plain")
    mark(review, Mark(dropped, one, "drop"), Mark(relabelled, one, "relabel", other),
         Mark(f"{other}/gone.png", other, "drop"))  # fmt: skip

    run = prepare(workspace, source, "reviewed", review_file=str(review),
                  split_file=str(split_file))  # fmt: skip
    told = next(s.event for s in EventReader(run.events).read()
                if isinstance(s.event, Log) and s.event.code == "review.followed")  # fmt: skip
    assert told.params == {"dropped": 1, "relabelled": 1, "idle": 1}
    dataset = open_dataset(workspace.dataset("reviewed"))
    images = {s["path"]: (name, s["label"]) for name in ("train", "validation", "test")
              for s in dataset.sources(name)}  # fmt: skip
    assert dropped not in images
    assert images[relabelled] == (split_of[relabelled], other)
    assert {path: split for path, (split, _label) in images.items()} == {
        path: split for path, split in split_of.items() if path != dropped
    }
    rejected = table(dataset.path / "rejected.csv")
    assert [(row["path"], row["code"]) for row in rejected] == [(dropped, "review.dropped")]
    described = json.loads((dataset.path / "dataset.json").read_text("utf-8"))
    assert described["reviewed"] == told.params
    assert described["origin"]["review_file"]
    assert {path: path.stat().st_mtime_ns for path in source.rglob("*")} == before


def table(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
