"""CASIA's .gnt files, written here byte by byte from the published format."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from pictures import glyph_pixels
from workers import done

from pipeline.dataset.records import open_dataset
from pipeline.dataset.sources import open_source
from pipeline.dataset.sources.limits import Limits
from pipeline.images import normalize
from pipeline.jobs import PrepareJob
from pipeline.problems import Problem
from pipeline.runs import Status
from pipeline.settings import DatasetSettings
from pipeline.workspace import Workspace


def sample(label: str | bytes, shift: int = 0, size: tuple[int, int] = (41, 57)) -> bytes:
    tag = label if isinstance(label, bytes) else label.encode("gbk").ljust(2, b"\0")
    pixels = glyph_pixels(shift, size).tobytes()
    return struct.pack("<L", 10 + len(pixels)) + tag + struct.pack("<HH", *size) + pixels


def write_gnt(path: Path, samples: Sequence[bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(samples))
    return path


def test_a_sample_is_its_label_and_its_pixels(tmp_path: Path) -> None:
    source = open_source(
        write_gnt(tmp_path / "C016.gnt", [sample("啊", 3), sample("A", -2, (9, 8))])
    )
    listing = source.list()
    assert source.kind == "gnt"
    assert [(image.path, image.label) for image in listing.images] == [
        ("C016.gnt/000001", "A"), ("C016.gnt/000000", "啊"),
    ]  # fmt: skip
    with source.open() as reader:
        latin, hanzi = (reader.read(image) for image in listing.images)
    assert np.array_equal(hanzi, glyph_pixels(3, (41, 57)))
    assert np.array_equal(latin, glyph_pixels(-2, (9, 8)))


def test_a_folder_of_writers_is_prepared_and_split_by_them(
    workspace: Workspace, tmp_path: Path
) -> None:
    for writer in range(8):
        samples = [
            sample(label, shift, (40 + writer, 57)) for shift, label in enumerate("啊阿埃挨")
        ]
        write_gnt(tmp_path / "HWDB" / "trn" / f"C{writer:03}.gnt", samples)
    run = done(PrepareJob(
        workspace=workspace.root, source=tmp_path / "HWDB", name="hwdb",
        dataset=DatasetSettings(size=32, processes=1, group=r"([^/]+)\.gnt/", near_duplicates=0),
    ))  # fmt: skip
    assert run.status() is Status.FINISHED, run.events.read_text()
    dataset = open_dataset(workspace.dataset("hwdb"))
    assert dataset.labels == tuple(sorted("啊阿埃挨"))
    assert sum(dataset.counts.values()) == 32
    sides: dict[str, set[str]] = {}
    with open_source(tmp_path / "HWDB").open() as reader:
        images = {image.path: image for image in open_source(tmp_path / "HWDB").list().images}
        for split in dataset.counts:
            for row, origin in zip(
                dataset.split(split).images, dataset.sources(split), strict=True
            ):
                assert np.array_equal(
                    row, normalize(reader.read(images[origin["path"]]), dataset.spec)
                )
                sides.setdefault(origin["path"].split("/")[1], set()).add(split)
    assert len(sides) == 8
    assert all(len(splits) == 1 for splits in sides.values())
    assert all(dataset.counts.values())


@pytest.mark.parametrize("cut", [5, 400])
def test_of_a_torn_file_the_whole_samples_are_kept(tmp_path: Path, cut: int) -> None:
    whole = [sample("啊"), sample("阿"), sample("埃")]
    path = write_gnt(tmp_path / "torn.gnt", [b"".join(whole)[: len(whole[0]) * 2 + cut]])
    listing = open_source(path).list()
    assert [image.label for image in listing.images] == ["啊", "阿"]
    [torn] = listing.rejected
    assert torn.code == "source.gnt_torn"
    assert f"sample 2, at byte {2 * len(whole[0])}" in torn.reason


def test_a_sample_that_contradicts_itself_ends_its_file_and_no_other(tmp_path: Path) -> None:
    lie = bytearray(sample("阿"))
    lie[6:8] = struct.pack("<H", 4000)
    write_gnt(tmp_path / "set" / "C001.gnt", [sample("啊"), bytes(lie), sample("埃")])
    write_gnt(tmp_path / "set" / "C002.gnt", [sample("挨")])
    (tmp_path / "set" / "C003.gnt").write_bytes(b"")
    (tmp_path / "set" / "C004.gnt").mkdir()
    listing = open_source(tmp_path / "set").list()
    assert {image.label for image in listing.images} == {"啊", "挨"}
    assert {(r.path, r.code) for r in listing.rejected} == {("C001.gnt", "source.gnt_torn")}


def test_a_label_that_is_no_character_and_pixels_beyond_the_limit_are_rejected(
    tmp_path: Path,
) -> None:
    path = write_gnt(tmp_path / "C016.gnt", [sample("啊"), sample(b"\xff\xff"), sample(b"\n\0")])
    source = open_source(path, Limits(pixels=100))
    listing = source.list()
    assert [r.code for r in listing.rejected] == ["source.gnt_label"] * 2
    with source.open() as reader, pytest.raises(Problem) as refused:
        reader.read(listing.images[0])
    assert refused.value.code == "image.too_large"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_of_writers_is_read_as_its_folder_is(tmp_path: Path, method: int) -> None:
    folder, packed = tmp_path / "HWDB1.1trn_gnt", tmp_path / "HWDB1.1trn_gnt.zip"
    for writer in range(3):
        samples = [sample(label, shift + writer) for shift, label in enumerate("啊阿埃")]
        write_gnt(folder / "HWDB" / f"C{writer:03}.gnt", samples)
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("HWDB/readme.txt", "by writers")
        for path in sorted(folder.rglob("*.gnt")):
            archive.write(path, path.relative_to(folder))
        archive.writestr("../outside.gnt", sample("挨"))
        archive.writestr("__MACOSX/._C000.gnt", b"a fork")
    unpacked, source = open_source(folder), open_source(packed)
    assert source.kind == "gnt"
    listing = source.list()
    assert listing.images.paths == unpacked.list().images.paths
    assert listing.images.label_index == unpacked.list().images.label_index
    assert [(r.path, r.code) for r in listing.rejected] == [("../outside.gnt", "source.outside")]
    with source.open() as reader, unpacked.open() as plain:
        for image in reversed(listing.images):
            assert np.array_equal(reader.read(image), plain.read(image))


def test_of_a_damaged_file_in_a_zip_the_samples_before_it_and_the_other_files_are_kept(
    tmp_path: Path,
) -> None:
    packed = tmp_path / "torn.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        noise = np.random.default_rng(0).integers(0, 255, (200, 200), np.uint8).tobytes()
        noisy = (
            struct.pack("<L", 10 + len(noise)) + "阿".encode("gbk") + struct.pack("<HH", 200, 200)
        )
        archive.writestr("C001.gnt", sample("啊") + noisy + noise + sample("埃"))
        archive.writestr("C002.gnt", sample("挨"))
        place = archive.getinfo("C001.gnt").compress_size // 2
    content = bytearray(packed.read_bytes())
    content[place : place + 2000] = b"\xff" * 2000
    packed.write_bytes(content)
    listing = open_source(packed).list()
    assert {"啊", "挨"} <= {image.label for image in listing.images}
    assert [r.path for r in listing.rejected] == ["C001.gnt"]
    assert listing.rejected[0].code in ("source.torn", "source.gnt_torn")
