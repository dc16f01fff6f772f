"""`hanzi-tui import-model`, as people type it, and the labels they have."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.foreign.labels import read_labels
from pipeline.problems import Problem


def called(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "hanzi_tui", *map(str, arguments)],
                          capture_output=True, text=True, timeout=120, check=False)  # fmt: skip


def test_a_model_of_ours_goes_out_and_comes_in_again(trained_once: Path, tmp_path: Path) -> None:
    """Its own rescaling is inside, its answers are logits, and its ink is light on dark."""
    own = trained_once / "models" / "few-cnn"
    ended = called(
        "import-model", own / "model.keras", "--labels", own / "labels.txt", "--name", "again",
        "--polarity", "light-on-dark", "--workspace", tmp_path, "--json",
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told == {
        "path": str(tmp_path / "models" / "again"), "outputs": "logits",
        "size_px": 32, "channels": 1,
    } | {"parameters": told["parameters"]}  # fmt: skip
    described = json.loads((tmp_path / "models" / "again" / "bundle.json").read_text())
    assert described["parameters"] == told["parameters"] > 300_000
    assert described["settings"]["imported"] == "model.keras"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no.h5", "--input", "-1-1"], "no.h5: there is no such file"),
        (["labels.txt"], "a .keras or .h5 file"),
        (["some.h5", "--kind", "photo", "--polarity", "dark-on-light"], "--polarity is of glyphs"),
    ],
)
def test_a_wrong_command_line_is_one_sentence(arguments: list[str], said: str) -> None:
    Path("labels.txt").write_text("一\n", "utf-8")
    Path("some.h5").touch()
    ended = called("import-model", *arguments, "--labels", "labels.txt")
    assert ended.returncode in (1, 2)
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("labels.txt", "一\n丁\n七\n".encode()),
        ("labels.txt", "\ufeff一\r\n丁\r\n七".encode()),
        ("labels.json", '["一", "丁", "七"]'.encode()),
        (
            "labels.py",
            "import os\n\nlabels_caoshu = [\n    '一',\n    '丁',\n    '七',\n]\n".encode(),
        ),
    ],
)
def test_labels_are_read_as_people_keep_them(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert read_labels(tmp_path / name) == ("一", "丁", "七")


@pytest.mark.parametrize(
    ("name", "content", "code", "part"),
    [
        ("labels.txt", "一\n丁\n一\n".encode(), "labels.twice", "line 1 and again in line 3"),
        ("labels.txt", "一\n\x1b[31m丁\n".encode(), "labels.control", "line 2"),
        ("labels.txt", "一\n\n丁\n".encode(), "labels.empty", "line 2"),
        ("labels.txt", b"", "labels.unreadable", "no list of labels"),
        ("labels.txt", "一\n丁".encode("gbk"), "labels.unreadable", "UTF-8"),
        ("labels.json", b"{", "labels.unreadable", "labels.json"),
        ("labels.py", b"labels = make()", "labels.unreadable", "no list of labels"),
        ("labels.py", b"labels = [1, 2]", "labels.unreadable", "no list of labels"),
    ],
)
def test_labels_that_cannot_be_are_named_with_their_line(
    tmp_path: Path, name: str, content: bytes, code: str, part: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Problem) as raised:
        read_labels(tmp_path / name)
    assert raised.value.code == code
    assert part in str(raised.value)
    assert "\x1b" not in str(raised.value)


def test_a_label_file_of_python_is_never_run(tmp_path: Path) -> None:
    trap = tmp_path / "ran"
    (tmp_path / "labels.py").write_text(
        f"open({str(trap)!r}, 'w')\nlabels = ['一', '丁']\n", "utf-8"
    )
    assert read_labels(tmp_path / "labels.py") == ("一", "丁")
    assert not trap.exists()
