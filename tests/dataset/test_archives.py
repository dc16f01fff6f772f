"""A zip or tar archive is read where it lies, whatever its names are written in."""

from __future__ import annotations

import io
import os
import stat
import struct
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from pictures import glyph_png

from pipeline.dataset.sources import Listing, Source, open_source
from pipeline.dataset.sources.limits import Limits
from pipeline.problems import Problem

LABELS = "永字八法東國書寫漢體龍鳳"


def labels(listing: Listing) -> Counter[str]:
    return Counter(image.label for image in listing.images)


def contents(source: Source) -> dict[str, bytes]:
    listing = source.list()
    order = listing.order or range(len(listing.images))
    with source.open() as reader:
        read = [(listing.images[i].path, reader.read(listing.images[i])) for i in order]
    return {path: bytes(content) for path, content in read}


def raw_zip(path: Path, members: Iterable[tuple[bytes, bytes]]) -> None:
    """Writes a zip whose names are just these bytes, without a word on their encoding."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(members):
            # zipfile writes ASCII names as they are, so the bytes are put in afterwards.
            archive.writestr(f"{number:0{len(name)}}", content)
    packed = bytearray(path.read_bytes())
    for marker, at_name in ((b"PK\3\4", 30), (b"PK\1\2", 46)):
        place = 0
        for number, (name, _content) in enumerate(members):
            place = packed.index(marker, place) + at_name
            assert packed[place : place + len(name)] == f"{number:0{len(name)}}".encode()
            packed[place : place + len(name)] = name
    path.write_bytes(packed)


@pytest.mark.parametrize("encoding", ["gbk", "big5", "utf-8"])
@pytest.mark.parametrize("wrapped", ["", "書法/"])
def test_names_without_a_word_on_their_encoding_are_read_alike(
    tmp_path: Path, encoding: str, wrapped: str
) -> None:
    members = [(f"{wrapped}{label}/顏_{i}.png".encode(encoding), glyph_png(i))
               for label in LABELS for i in range(2)]  # fmt: skip
    raw_zip(tmp_path / "kai.zip", members)
    listing = open_source(tmp_path / "kai.zip").list()
    assert labels(listing) == dict.fromkeys(LABELS, 2)
    assert {image.path.split("/")[-1] for image in listing.images} == {"顏_0.png", "顏_1.png"}
    told = {"gbk": "GBK", "big5": "Big5", "utf-8": None}[encoding]
    assert [params["encoding"] for code, params in listing.notes if code == "source.names_in"] == (
        [told] if told else []
    )


def test_a_tar_of_gbk_names_is_read(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "set.tar", "w", encoding="gbk", format=tarfile.GNU_FORMAT) as tar:
        for label in LABELS:
            add(tar, f"set/{label}/1.png", glyph_png())
    assert labels(open_source(tmp_path / "set.tar").list()) == dict.fromkeys(LABELS, 1)


def add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


@pytest.mark.parametrize("kind", ["zip", "stored", "bzip2", "w", "w:gz", "w:bz2", "w:xz"])
def test_an_archive_holds_what_the_folder_holds(
    characters: Path, tmp_path: Path, kind: str
) -> None:
    """Members lie in no order at all, and are read in any."""
    files = sorted(characters.glob("*/*"), key=lambda path: path.name)
    if ":" in kind or kind == "w":
        path = tmp_path / "set.tar"
        with tarfile.open(path, kind) as tar:
            for file in files:
                tar.add(file, f"./characters/{file.relative_to(characters)}")
    else:
        path = tmp_path / "set.zip"
        method = {"stored": zipfile.ZIP_STORED, "bzip2": zipfile.ZIP_BZIP2}
        with zipfile.ZipFile(path, "w", method.get(kind, zipfile.ZIP_DEFLATED)) as archive:
            for file in files:
                archive.write(file, file.relative_to(characters))
    packed, folder = open_source(path), open_source(characters)
    assert labels(packed.list()) == labels(folder.list())
    expected = contents(folder)
    strip = len("characters/") if packed.kind == "tar" else 0
    assert {name[strip:]: content for name, content in contents(packed).items()} == expected
    images = packed.list().images
    with packed.open() as reader:
        for image in (images[-1], images[0], images[-1]):
            assert reader.read(image) == expected[image.path[strip:]]


def test_a_zip_of_more_members_than_16_bits_count_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(66_000):
            archive.writestr(f"{number % 7}/{number}.png", b"")
    listing = open_source(tmp_path / "many.zip").list()
    assert len(listing.images) == 66_000
    assert listing.images[0].path == "0/0.png"


def test_what_stands_before_a_zip_moves_nothing(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "plain.zip", "w") as archive:
        archive.writestr("永/1.png", glyph_png())
        archive.writestr("字/1.png", glyph_png(2))
    packed = tmp_path / "setup.zip"
    packed.write_bytes(b"#!/bin/sh\nexit\n" + (tmp_path / "plain.zip").read_bytes())
    assert contents(open_source(packed)) == {"永/1.png": glyph_png(), "字/1.png": glyph_png(2)}


def test_names_that_lead_out_are_rejected_and_nothing_outside_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(glyph_png(7))
    away = (
        "../secret.png",
        f"{secret}",
        "永/../../secret.png",
        "C:/secret.png",
        "永\\..\\..\\s.png",
    )
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("永/1.png", glyph_png())
        for name in away:
            archive.writestr(name, glyph_png(1))
        link = zipfile.ZipInfo("永/link.png")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(secret))
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        add(tar, "永/1.png", glyph_png())
        for name in away:
            add(tar, name, glyph_png(1))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            member = tarfile.TarInfo("永/link.png")
            member.type, member.linkname = kind, str(secret)
            tar.addfile(member)
        device = tarfile.TarInfo("永/device.png")
        device.type = tarfile.CHRTYPE
        tar.addfile(device)
    for name, links in (("evil.zip", 1), ("evil.tar", 2)):
        source = open_source(tmp_path / name)
        assert contents(source) == {"永/1.png": glyph_png()}
        codes = Counter(rejected.code for rejected in source.list().rejected)
        assert codes.pop("source.outside") == len(away)
        assert codes.pop("source.link") == links
        assert set(codes) <= {"source.no_file"}
    assert sorted(os.listdir(tmp_path)) == ["evil.tar", "evil.zip", "secret.png"]


def test_a_member_larger_than_allowed_is_refused_even_if_it_lies_about_its_size(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("永/bomb.png", bytes(50_000_000))
        archive.writestr("永/1.png", glyph_png())
    packed = bytearray(path.read_bytes())
    for marker, at in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        struct.pack_into("<L", packed, packed.index(marker) + at, 1000)
    liar = tmp_path / "liar.zip"
    liar.write_bytes(packed)
    for archive_path in (path, liar):
        source = open_source(archive_path, Limits(file_bytes=1_000_000))
        listing = source.list()
        bomb = next(image for image in listing.images if image.path == "永/bomb.png")
        with source.open() as reader, pytest.raises(Problem) as refused:
            reader.read(bomb)
        assert refused.value.code == "source.too_large"


def test_a_header_of_a_tar_that_swallows_memory_ends_the_reading(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "bomb.tar.gz", "w:gz") as tar:
        add(tar, "永/1.png", glyph_png())
        huge = tarfile.TarInfo("././@LongLink")
        huge.type, huge.size = tarfile.GNUTYPE_LONGNAME, 200_000_000
        tar.addfile(huge, io.BytesIO(bytes(200_000_000)))
    listing = open_source(tmp_path / "bomb.tar.gz").list()
    assert [image.path for image in listing.images] == ["永/1.png"]
    assert [rejected.code for rejected in listing.rejected] == ["source.torn"]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_of_a_tar_that_was_cut_off_the_rest_is_kept(tmp_path: Path, mode: str) -> None:
    whole = tmp_path / "whole.tar"
    with tarfile.open(whole, mode) as tar:
        for number in range(40):
            add(tar, f"永/{number:02}.png", os.urandom(5000))
    torn = tmp_path / "torn.tar"
    torn.write_bytes(whole.read_bytes()[:120_000])
    listing = open_source(torn).list()
    assert 10 < len(listing.images) < 40
    assert listing.rejected[-1].code == "source.torn"


@pytest.mark.parametrize("length", [100, 20])
def test_a_zip_that_was_cut_off_is_refused_with_the_reason(tmp_path: Path, length: int) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("永/1.png", glyph_png())
    torn = tmp_path / "torn.zip"
    torn.write_bytes((tmp_path / "set.zip").read_bytes()[:length])
    with pytest.raises(Problem, match="cut off") as refused:
        open_source(torn).list()
    assert refused.value.code == "source.torn"


def test_members_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number in range(5):
            archive.writestr(f"永/{number}.png", glyph_png(number))
    packed = bytearray(path.read_bytes())
    entries, place = [], 0
    for _number in range(5):
        place = packed.index(b"PK\1\2", place) + 1
        entries.append(place - 1)
    struct.pack_into("<H", packed, entries[1] + 8, 1)  # encrypted
    struct.pack_into("<H", packed, entries[2] + 10, 9)  # Deflate64
    third = struct.unpack_from("<L", packed, entries[3] + 42)[0]
    packed[third + 60] ^= 0xFF
    path.write_bytes(packed)
    source = open_source(path)
    listing = source.list()
    assert {r.path: r.code for r in listing.rejected} == {
        "永/1.png": "source.encrypted", "永/2.png": "source.compression",
    }  # fmt: skip
    with source.open() as reader, pytest.raises(Problem, match="checksum"):
        reader.read(listing.images[1])


def test_a_name_that_stands_twice_counts_once_and_hidden_files_do_not(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "set.tar", "w") as tar:
        add(tar, "永/1.png", glyph_png(1))
        add(tar, "__MACOSX/永/._1.png", b"resource fork")
        add(tar, "永/.hidden.png", b"")
        add(tar, "永/notes.txt", b"no image")
        add(tar, "永/1.png", glyph_png(2))
    source = open_source(tmp_path / "set.tar")
    assert contents(source) == {"永/1.png": glyph_png(2)}
    listing = source.list()
    assert [rejected.code for rejected in listing.rejected] == ["source.repeated"]
    assert listing.others == 1


@pytest.mark.parametrize("name", ["set.rar", "set.7z", "notes.md", "image.png"])
def test_what_is_no_source_says_what_is(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"no archive")
    with pytest.raises(Problem, match=r"\.zip or \.tar") as refused:
        open_source(tmp_path / name)
    assert refused.value.code == "source.unknown_kind"


@pytest.mark.parametrize(
    ("name", "start", "command"),
    [
        ("my set.7z", b"7z\xbc\xaf\x27\x1c", "7z x '{packed}' -o'{folder}'"),
        ("my set.rar", b"Rar!\x1a\x07\x01\x00", "unrar x '{packed}' '{folder}'/"),
    ],
)
def test_of_an_archive_that_is_not_read_the_command_that_unpacks_it_is_named(
    tmp_path: Path, name: str, start: bytes, command: str
) -> None:
    packed = tmp_path / name
    packed.write_bytes(start + bytes(100))
    with pytest.raises(Problem) as refused:
        open_source(packed)
    assert refused.value.code == "source.packed"
    assert command.format(packed=packed, folder=tmp_path / "my set") in str(refused.value)
