"""What a split is worth is counted from the images, whoever made it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.dataset.groups import Groups
from pipeline.dataset.leakage import SplitReport, split_report, tell
from pipeline.dataset.split import TEST, TRAIN, VALIDATION, split_indices
from pipeline.dataset.split_file import UNKNOWN, read_split
from pipeline.events import EventLog, EventReader, Report
from pipeline.problems import Problem

NAMES = ["一", "二", "三"]
# Nine images: three of each class, in the order of the classes.
CLASSES = np.repeat(np.arange(3, dtype=np.int32), 3)
SPLITS = np.tile(np.array([TRAIN, VALIDATION, TEST], np.int8), 3)


def different(columns: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (9, columns), dtype=np.uint8)


def prints() -> NDArray[np.int8]:
    return different(64).view(np.int8)


def told(found: SplitReport, folder: Path, validation: float = 0.33, test: float = 0.33) -> str:
    log = EventLog(folder / "events.jsonl")
    tell(found, Report(log), validation, test)
    events = EventReader(folder / "events.jsonl").read()
    return "\n".join(event.event.text for event in events)  # type: ignore[attr-defined]


def test_a_clean_split_is_told_to_be_one(tmp_path: Path) -> None:
    groups = Groups(SPLITS.astype(np.int32), ("w1", "w2", "w3"))
    found = split_report(CLASSES, NAMES, SPLITS, different(16), prints=prints(), distance=4,
                         groups=groups)  # fmt: skip
    assert not found.leaks
    assert found.counts == found.classes == {"train": 3, "validation": 3, "test": 3}
    assert found.groups == {"train": 1, "validation": 1, "test": 1}
    assert "Leakage 0" in told(found, tmp_path)
    assert json.loads(json.dumps(found.to_dict()))["copies_across"] == 0


def test_every_image_with_a_twin_on_another_side_is_counted(tmp_path: Path) -> None:
    content, shapes = different(16), prints()
    content[[1, 2]] = content[0]  # train, validation, test
    shapes[8] = shapes[3]  # test and train, other files
    shapes[8, 0] += 1
    found = split_report(CLASSES, NAMES, SPLITS, content, prints=shapes, distance=4)
    assert (found.copies_across, found.near_across, found.groups_across) == (2, 1, 0)
    assert "LEAKAGE" in told(found, tmp_path)
    assert "2 have an exact copy" in told(found, tmp_path)


def test_a_copy_on_the_same_side_is_no_leak() -> None:
    content = different(16)
    content[[2, 5]] = content[8]
    assert not split_report(CLASSES, NAMES, SPLITS, content).leaks


def test_a_writer_on_two_sides_is_counted() -> None:
    groups = Groups(np.array([0, 1, 2, 0, 1, 2, 0, 1, 1], np.int32), ("w1", "w2", "w3"))
    found = split_report(CLASSES, NAMES, SPLITS, different(16), groups=groups)
    assert found.groups_across == 1
    assert found.groups == {"train": 1, "validation": 1, "test": 2}


def test_classes_that_are_missing_somewhere_are_named(tmp_path: Path) -> None:
    splits = np.array([0, 1, 2, 0, 0, 0, 2, 2, 2], np.int8)
    groups = Groups(np.array([0, 1, 2, 0, 0, 0, 2, 2, 2], np.int32), ("w1", "w2", "w3"))
    found = split_report(CLASSES, NAMES, splits, different(16), groups=groups)
    assert found.absent == {"train": ("三",), "validation": ("二", "三"), "test": ("二",)}
    assert found.one_group == ("二", "三")
    text = told(found, tmp_path)
    assert "1 class has no training image, so it cannot be learned: 三" in text
    assert "2 classes are known from one group only" in text


def test_a_split_that_ties_prevent_says_so(tmp_path: Path) -> None:
    shapes = prints()
    shapes[[3, 7]] = shapes[2]
    groups = Groups(SPLITS.astype(np.int32), ("w1", "w2", "w3"))
    alike = np.array([0, 1, 2, 2, 4, 5, 6, 2, 8], np.int32)
    splits = split_indices(CLASSES, different(16), 0.1, 0.2, 0, groups=groups, alike=alike)
    found = split_report(CLASSES, NAMES, splits, different(16), prints=shapes, distance=4,
                         groups=groups)  # fmt: skip
    assert found.counts == {"train": 9, "validation": 0, "test": 0}
    assert (found.largest, found.largest_groups) == (9, 3)
    text = told(found, tmp_path, 0.1, 0.2)
    assert "9 of 9 images (3 groups) are tied into one set" in text
    assert "100 % of the images train" in text


@pytest.fixture
def split_csv(tmp_path: Path) -> Path:
    path = tmp_path / "split.csv"
    path.write_text("path,label,split\r\n一/1.png,一,train\r\n一/2.png,一,test\r\n"
                    "二/1.png,二,validation\r\n", "utf-8")  # fmt: skip
    return path


def test_a_split_is_read_back_and_what_is_gone_is_named(split_csv: Path) -> None:
    splits, gone = read_split(split_csv, ["一/2.png", "一/1.png"], ["一", "一"])
    assert splits.tolist() == [TEST, TRAIN]
    assert gone == ["二/1.png"]


def test_an_image_that_a_split_does_not_know_is_marked(split_csv: Path) -> None:
    splits, _gone = read_split(split_csv, ["一/1.png", "一/3.png"], ["一", "一"])
    assert splits.tolist() == [TRAIN, UNKNOWN]


def test_an_image_that_a_split_knows_by_another_label_is_an_error_that_names_it(
    split_csv: Path,
) -> None:
    with pytest.raises(Problem, match=r"二/1\.png") as raised:
        read_split(split_csv, ["一/1.png", "二/1.png"], ["一", "三"])
    assert raised.value.code == "split_file.other_label"


@pytest.mark.parametrize(
    ("line", "said"),
    [("一/4.png,一,training", "line 5"), ("一/1.png,一,test", "a second time"), ("一", "line 5")],
)
def test_a_line_that_is_no_split_is_named(split_csv: Path, line: str, said: str) -> None:
    with open(split_csv, "a", encoding="utf-8") as file:
        file.write(line + "\r\n")
    with pytest.raises(Problem, match=said):
        read_split(split_csv, ["一/1.png"], ["一"])


def test_a_file_that_is_no_table_or_not_there_is_a_worded_problem(tmp_path: Path) -> None:
    for name, code in (("none.csv", "unreadable"), ("notes.txt", "bad_line")):
        (tmp_path / "notes.txt").write_text("images and their split")
        with pytest.raises(Problem) as raised:
            read_split(tmp_path / name, [], [])
        assert raised.value.code == f"split_file.{code}"
