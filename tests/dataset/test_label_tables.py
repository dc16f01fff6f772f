"""Numbered label folders and the tables that say what the numbers mean."""

from __future__ import annotations

import json
import tarfile
import zipfile
from pathlib import Path

import pytest
from pictures import glyph_png

from pipeline.dataset.sources import Listing, open_source
from pipeline.problems import Problem

CHARACTERS = "永字八法"


def numbered(root: Path, names: list[str]) -> Path:
    """Makes a folder of folders of these names, with one image each."""
    for name in names:
        (root / name).mkdir(parents=True)
        (root / name / "1.png").write_bytes(glyph_png())
    return root


def labels(listing: Listing) -> dict[str, str]:
    return {image.path.split("/")[-2]: image.label for image in listing.images}


PLAIN = [str(number) for number in range(4)]
EXPECTED = dict(zip(PLAIN, CHARACTERS, strict=True))


@pytest.mark.parametrize(("name", "text"), [
    ("label_character.csv", "label,character\n0,永\n1,字\n2,八\n3,法\n"),
    ("label_character.csv", "0,永\n1,字\n2,八\n3,法\n"),
    ("labels.csv", "character,id\n永,0\n字,1\n八,2\n法,3\n"),
    ("labels.tsv", "0\tU+6C38\t永\n1\tU+5B57\t字\n2\tU+516B\t八\n3\tU+6CD5\t法\n"),
    ("label.txt", "永\n字\n八\n法\n"),
    ("char_dict.json", json.dumps({"永": 0, "字": 1, "八": 2, "法": 3})),
    ("classes.json", json.dumps(list(CHARACTERS))),
    ("mapping.json", json.dumps([[number, char] for number, char in enumerate(CHARACTERS)])),
    ("labels.py", "labels = [('永', 0), ('字', 1), ('八', 2), ('法', 3)]\n"),
    ("lables_caoshu.py", "labels_caoshu = [\n    '永',\n    '字',\n    '八',\n    '法',\n]\n"),
    ("labels.py", "import os\nX = 1\nlabels = {0: '永', 1: '字', 2: '八', 3: '法'}\n"),
])  # fmt: skip
def test_tables_of_all_kinds_name_numbered_folders(tmp_path: Path, name: str, text: str) -> None:
    source = numbered(tmp_path / "set", PLAIN)
    (source / name).write_text(text)
    listing = open_source(source).list()
    assert labels(listing) == EXPECTED
    assert ("source.labels_from", {"path": str(source / name)}) in listing.notes


def test_a_list_in_python_source_is_never_run(tmp_path: Path) -> None:
    source = numbered(tmp_path / "set", PLAIN)
    ran = tmp_path / "ran"
    (source / "labels.py").write_text(
        f"open({str(ran)!r}, 'w')\nlabels = ['永', '字', '八', '法']\n"
        f"others = [open({str(ran)!r}, 'w')] * 9\n"
    )
    assert labels(open_source(source).list()) == EXPECTED
    assert not ran.exists()


def test_leading_zeros_and_numbers_from_one_are_understood(tmp_path: Path) -> None:
    source = numbered(tmp_path / "zeros", ["00000", "00001", "00002", "00003"])
    (source / "labels.csv").write_text("0,永\n1,字\n2,八\n3,法\n")
    assert labels(open_source(source).list()) == {
        "00000": "永", "00001": "字", "00002": "八", "00003": "法",
    }  # fmt: skip
    source = numbered(tmp_path / "ones", ["1", "2", "3", "4"])
    (source / "labels.txt").write_text("永\n字\n八\n法\n")
    assert labels(open_source(source).list()) == dict(zip("1234", CHARACTERS, strict=True))


def test_a_table_beside_the_folder_and_one_in_gbk_are_found(tmp_path: Path) -> None:
    source = numbered(tmp_path / "data" / "images", PLAIN)
    table = "label,character\n" + "".join(f"{n},{c}\n" for n, c in EXPECTED.items())
    (tmp_path / "data" / "label_character.csv").write_bytes(table.encode("gbk"))
    assert labels(open_source(source).list()) == EXPECTED
    assert labels(open_source(tmp_path / "data").list()) == EXPECTED


def test_folders_that_are_no_numbers_keep_their_names(tmp_path: Path) -> None:
    source = numbered(tmp_path / "set", ["永", "1"])
    (source / "labels.txt").write_text("甲\n乙\n")
    assert labels(open_source(source).list()) == {"永": "永", "1": "1"}


def test_numbers_without_a_table_are_labels(tmp_path: Path) -> None:
    assert labels(open_source(numbered(tmp_path / "set", PLAIN)).list()) == dict(
        zip(PLAIN, PLAIN, strict=True)
    )


def test_folders_that_the_table_does_not_know_are_rejected(tmp_path: Path) -> None:
    source = numbered(tmp_path / "set", [*PLAIN, "99"])
    (source / "labels.csv").write_text("0,永\n1,字\n2,八\n3,法\n")
    listing = open_source(source).list()
    assert labels(listing) == EXPECTED
    assert [(r.path, r.code) for r in listing.rejected] == [("99/1.png", "source.unmapped")]


def test_a_table_that_the_user_names_counts_for_any_folder(tmp_path: Path) -> None:
    source = numbered(tmp_path / "set", ["yong", "zi"])
    table = tmp_path / "pinyin.csv"
    table.write_text("yong,永\nzi,字\n")
    listing = open_source(source, label_file=table).list()
    assert labels(listing) == {"yong": "永", "zi": "字"}
    for wrong in ("a,b\nc,d\n", ""):
        table.write_text(wrong)
        with pytest.raises(Problem) as refused:
            open_source(source, label_file=table).list()
        assert refused.value.code == "source.label_file"
        assert str(table) in str(refused.value)


@pytest.mark.parametrize(("name", "content"), [
    ("labels.py", b"labels = ["), ("labels.py", b"x = " + b"(" * 100_000), ("labels.json", b"{"),
    ("labels.json", b"[[]]"), ("labels.json", b'{"0": {"a": 1}}'), ("labels.json", b"3"),
    ("labels.csv", b"\x81\xff\x00\xff"), ("labels.py", b""), ("labels.txt", b""),
])  # fmt: skip
def test_a_damaged_table_maps_nothing(tmp_path: Path, name: str, content: bytes) -> None:
    source = numbered(tmp_path / "set", PLAIN)
    (source / name).write_bytes(content)
    assert labels(open_source(source).list()) == dict(zip(PLAIN, PLAIN, strict=True))


def test_a_table_within_an_archive_is_read(tmp_path: Path) -> None:
    folder = numbered(tmp_path / "set", PLAIN)
    (folder / "label_character.csv").write_text("label,character\n0,永\n1,字\n2,八\n3,法\n")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(tmp_path / "set.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for file in files:
            packed.write(file, file.relative_to(tmp_path))
    with tarfile.open(tmp_path / "set.tar.gz", "w:gz") as tar:
        for file in files:
            tar.add(file, file.relative_to(tmp_path))
    for name in ("set.zip", "set.tar.gz"):
        assert labels(open_source(tmp_path / name).list()) == EXPECTED


def test_a_table_headed_folder_and_label_counts_for_the_folders_it_names(tmp_path: Path) -> None:
    source = numbered(tmp_path / "set", ["%2E", "永", "7"])
    (source / "labels.csv").write_text("folder,label\n%2E,.\n")
    assert labels(open_source(source).list()) == {"%2E": ".", "永": "永", "7": "7"}
