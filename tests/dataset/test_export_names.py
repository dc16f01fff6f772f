"""Folders and files of an exported tree have names that every file system takes, none twice."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote

import pytest

from pipeline.dataset.export.names import TakenNames, copy_name, file_name, folder_names, numbered


def test_a_label_is_its_folder_wherever_it_can_be() -> None:
    labels = ("一", "ㄚ", "A", "a", "木 字", "stop sign", "𠀀", "...x")
    assert folder_names(labels[:-1]) == {label: label for label in labels[:-1]}


@pytest.mark.parametrize("label", ["/", ".", "..", "a/b", "\\", "?", "*", ":", "100%", "end.", "|"])
def test_a_label_that_is_no_folder_name_is_encoded_and_can_be_read_back(
    label: str, tmp_path: Path
) -> None:
    (folder,) = folder_names([label]).values()
    (tmp_path / folder).mkdir()
    assert os.listdir(tmp_path) == [folder]
    assert unquote(folder) == label


def test_encoded_labels_never_meet_labels_that_look_like_them() -> None:
    labels = ["/", "%2F", "%252F", ".", "%2E"]
    assert len(set(folder_names(labels).values())) == len(labels)


def test_labels_too_long_for_a_name_stay_apart(tmp_path: Path) -> None:
    labels = ["字" * 200 + end for end in "甲乙"]
    folders = folder_names(labels)
    for folder in folders.values():
        (tmp_path / folder).mkdir()
    assert len(os.listdir(tmp_path)) == 2


def test_labels_that_differ_in_case_stay_apart_where_the_file_system_ignores_it() -> None:
    labels = ["A", "AB", "Ab", "a", "aB", "ab", "É", "é"]
    folders = folder_names(labels, ignores_case=True)
    assert len({folder.casefold() for folder in folders.values()}) == len(labels)
    assert {label: unquote(folder) for label, folder in folders.items()} == {x: x for x in labels}
    assert folders["A"] == "A"


@pytest.mark.parametrize(
    ("path", "folders", "name"),
    [
        ("一/x.png", ["一"], "x.png"),
        ("train/一/x.png", ["train/一", "val/一"], "x.png"),
        ("一/w017/x.PNG", ["一"], "w017-x.PNG"),
        ("C016.gnt/000123", [], "C016.gnt-000123.png"),
        ("0001/x.jpg", [], "0001-x.jpg"),
        ("../elsewhere/x.jpg", [], "elsewhere-x.jpg"),
        ("一/a:b?.png", ["一"], "a_b_.png"),
        ("一/a\nb\udcff.png", ["一"], "a_b_.png"),
        ("一/.png", ["一"], "png.png"),
    ],
)
def test_a_file_is_named_by_what_stands_below_its_label(
    path: str, folders: list[str], name: str
) -> None:
    assert file_name(path, folders) == name


def test_a_long_file_name_keeps_its_suffix_and_leaves_room_for_a_number() -> None:
    names = [file_name(f"一/{'字' * 80}{end}.jpeg", ["一"]) for end in "甲乙"]
    assert names[0] != names[1]
    for name in names:
        assert name.endswith(".jpeg")
        assert len(copy_name(numbered(name, 10_000), 10_000).encode()) <= 255


def test_names_that_clash_are_numbered() -> None:
    taken = TakenNames()
    names = ["x.png", "x.png", "X.PNG", "x-2.png", "é.png", "e\u0301.png"]
    given = [numbered(name, taken.number(name, 0)) for name in names]
    assert given == ["x.png", "x-2.png", "X-3.PNG", "x-2-2.png", "é.png", "e\u0301-2.png"]


def test_names_of_copies_are_kept_free() -> None:
    taken = TakenNames()
    names = ["x.png", "x.jpg", "x_aug_0.png"]
    given = [numbered(name, taken.number(name, 2)) for name in names]
    assert given == ["x.png", "x-2.jpg", "x_aug_0-2.png"]
