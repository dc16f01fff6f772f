"""A list of paths and labels, as people write them."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from pictures import glyph, glyph_png

from pipeline.dataset.sources import Listing, open_source


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder with images 0.png to 5.png in `pictures`, one of them with a space in its name."""
    folder = tmp_path / "lists"
    (folder / "pictures").mkdir(parents=True)
    for number in range(6):
        glyph(number).save(folder / "pictures" / f"{number}.png")
    glyph(6).save(folder / "pictures" / "my own.png")
    return folder


def listed(folder: Path, name: str, content: str | bytes) -> Listing:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_source(path).list()


def pairs(listing: Listing) -> dict[str, str]:
    return {image.path: image.label for image in listing.images}


EXPECTED = {"pictures/0.png": "永", "pictures/1.png": "字"}


@pytest.mark.parametrize(("name", "text"), [
    ("a.csv", "path,label\npictures/0.png,永\npictures/1.png,字\n"),
    ("a.csv", "label,path\n永,pictures/0.png\n字,pictures/1.png\n"),
    ("a.csv", "id;filename;character\n1;pictures/0.png;永\n2;pictures/1.png;字\n"),
    ("a.tsv", "pictures/0.png\t永\r\npictures/1.png\t字\r\n"),
    ("a.txt", "pictures/0.png 永\n\npictures/1.png 字\n"),
    ("a.txt", "永\tpictures/0.png\n字\t./pictures/1.png\n"),
    ("a.txt", "pictures\\0.png 永\npictures\\1.png 字\n"),
    ("a.csv", "\ufeffpath,label\n\"pictures/0.png\",\"永\"\npictures/1.png,字\n"),
])  # fmt: skip
def test_columns_are_found_whatever_their_order_and_their_marks(
    images: Path, name: str, text: str
) -> None:
    assert pairs(listed(images, name, text)) == EXPECTED


@pytest.mark.parametrize("encoding", ["gbk", "big5", "utf-16"])
def test_lists_in_other_encodings_are_read(images: Path, encoding: str) -> None:
    rows = "".join(f"pictures/{i}.png,{label}\n" for i, label in enumerate("永字國書寫法"))
    listing = listed(images, "a.csv", f"path,label\n{rows}".encode(encoding))
    assert [image.label for image in listing.images] == sorted("永字國書寫法")


def test_names_on_disk_may_be_in_the_bytes_of_the_list(images: Path) -> None:
    raw = os.path.join(os.fsencode(images), "永.png".encode("gbk"))
    Path(os.fsdecode(raw)).write_bytes(glyph_png())
    rows = "path,label\n永.png,永\n" + "".join(f"{char}.png,{char}\n" for char in "字国书写法")
    source_path = images / "a.csv"
    source_path.write_bytes(rows.encode("gbk"))
    source = open_source(source_path)
    image = next(image for image in source.list().images if image.label == "永")
    with source.open() as reader:
        assert reader.read(image) == glyph_png()


def test_a_column_of_splits_is_kept(images: Path) -> None:
    text = (
        "path,label,split\npictures/0.png,永,train\npictures/1.png,永,val\npictures/2.png,永,test\n"
    )
    listing = listed(images, "a.csv", text)
    assert [image.split for image in listing.images] == ["train", "validation", "test"]


def test_a_path_may_hold_spaces(images: Path) -> None:
    assert pairs(listed(images, "a.txt", "pictures/my own.png 永\n")) == {
        "pictures/my own.png": "永"
    }


def test_relative_paths_may_not_leave_the_folder_and_absolute_ones_are_meant(
    images: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.png"
    glyph().save(outside)
    listing = listed(images, "a.csv", f"path,label\n../outside.png,永\n{outside},字\n")
    assert pairs(listing) == {str(outside): "字"}
    assert [(r.path, r.code) for r in listing.rejected] == [("../outside.png", "source.outside")]


def test_what_is_wrong_in_a_list_is_said_by_line(images: Path) -> None:
    listing = listed(images, "a.csv", (
        "path,label\npictures/0.png,永\npictures/0.png,永\npictures/0.png,字\npictures/1.png,\n"
        "notes.md,永\npictures/gone.png,永\npictures/2.png,e\u0301\n"
    ))  # fmt: skip
    assert pairs(listing) == {
        "pictures/0.png": "永", "pictures/2.png": "é", "pictures/gone.png": "永",
    }  # fmt: skip
    assert Counter(rejected.code for rejected in listing.rejected) == {
        "source.two_labels": 1, "source.repeated": 1, "source.bad_label": 1,
    }  # fmt: skip
    assert listing.others == 1


def test_numbers_get_their_labels_from_the_table_beside_the_list(images: Path) -> None:
    (images / "label_character.csv").write_text("label,character\n0,永\n1,字\n")
    listing = listed(images, "train.txt", "pictures/0.png 0\npictures/1.png 1\n")
    assert pairs(listing) == EXPECTED
