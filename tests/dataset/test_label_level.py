"""Where in a tree the labels are, and which trees say themselves what trains."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from pictures import glyph_png
from workers import done

from pipeline.dataset.records import open_dataset
from pipeline.dataset.sources import Listing, open_source
from pipeline.jobs import PrepareJob
from pipeline.settings import DatasetSettings
from pipeline.workspace import Workspace


def tree(root: Path, *paths: str) -> Path:
    for number, path in enumerate(paths):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(glyph_png(number % 20 - 10))
    return root


def found(listing: Listing) -> set[tuple[str, str]]:
    return {(image.label, image.split) for image in listing.images}


@pytest.mark.parametrize(("paths", "expected"), [
    (["永/1.png", "字/1.png"], {("永", ""), ("字", "")}),
    (["永/1.png", "永/writer/2.png"], {("永", "")}),
    (["set/永/1.png", "set/字/1.png"], {("永", ""), ("字", "")}),
    (["a/b/永/1.png", "a/b/字/1.png"], {("永", ""), ("字", "")}),
    (["train/永/1.png", "val/永/2.png", "test/字/3.png"],
     {("永", "train"), ("永", "validation"), ("字", "test")}),
    (["set/Training/永/1.png", "set/Testing/永/2.png"], {("永", "train"), ("永", "test")}),
    (["train/永/1.png", "train/字/1.png"], {("永", ""), ("字", "")}),
    (["train/1.png", "bus/1.png"], {("train", ""), ("bus", "")}),
    (["val/永/1.png", "test/永/1.png"], {("val", ""), ("test", "")}),
])  # fmt: skip
def test_labels_are_found_below_wrappers_and_splits_in_folders_and_in_archives(
    tmp_path: Path, paths: list[str], expected: set[tuple[str, str]]
) -> None:
    folder = tree(tmp_path / "folder", *paths)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in paths:
            archive.write(folder / path, path)
    for source in (folder, tmp_path / "set.zip"):
        listing = open_source(source).list()
        assert found(listing) == expected
        own = any(split for _label, split in expected)
        assert ("source.own_split" in dict(listing.notes)) == own


def test_images_in_no_label_folder_are_rejected(tmp_path: Path) -> None:
    source = tree(tmp_path / "set", "cover.png", "in/over.png", "in/永/1.png", "in/字/1.png")
    listing = open_source(source).list()
    assert found(listing) == {("永", ""), ("字", "")}
    assert {(r.path, r.code) for r in listing.rejected} == {
        ("cover.png", "source.no_label_folder"), ("in/over.png", "source.no_label_folder"),
    }  # fmt: skip


def test_label_folders_without_an_image_are_named(tmp_path: Path) -> None:
    source = tree(tmp_path / "set", "永/1.png", "字/1.png")
    (source / "空").mkdir()
    notes = dict(open_source(source).list().notes)
    assert notes["source.empty_folders"] == {"count": 1, "names": "空"}


def test_a_tree_that_is_split_already_keeps_its_split(workspace: Workspace, tmp_path: Path) -> None:
    paths = [
        f"{part}/{label}/{part}{number}.png"
        for label in "永字"
        for part, count in (("train", 5), ("val", 2), ("test", 3))
        for number in range(count)
    ]
    source = tree(tmp_path / "set", *paths)
    run = done(PrepareJob(workspace=workspace.root, source=source, name="set",
                          dataset=DatasetSettings(size=32, processes=1)))  # fmt: skip
    assert run.finished() is not None, run.events.read_text()
    dataset = open_dataset(workspace.dataset("set"))
    assert dataset.counts == {"train": 10, "validation": 4, "test": 6}
    for name, part in (("train", "train"), ("validation", "val"), ("test", "test")):
        assert all(origin["path"].startswith(part) for origin in dataset.sources(name))
    assert dataset.labels == ("字", "永")
