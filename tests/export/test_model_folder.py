"""A model goes out into a folder, and recognises there without the program."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hanzi_tui.commands.options import Common
from hanzi_tui.commands.recognize import recognize
from pipeline.export.networks import ONNX_PACKAGES
from pipeline.settings import RecognitionSettings

HAS_ONNX = all(importlib.util.find_spec(name) for name in ONNX_PACKAGES)


def exported(model: object, form: str, target: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hanzi_tui", "export", str(model), "--format", form, "--json"]
    return subprocess.run([*command, "-o", str(target)], capture_output=True, text=True,
                          timeout=120, check=False)  # fmt: skip


def without_the_program(tmp_path: Path) -> dict[str, str]:
    """Returns an environment in which importing the program fails."""
    trap = tmp_path / "trap"
    for name in ("pipeline", "hanzi_tui"):
        (trap / name).mkdir(parents=True)
        (trap / name / "__init__.py").write_text("raise ImportError('not here')")
    return {**os.environ, "PYTHONPATH": str(trap)}


@pytest.fixture
def model(trained_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained_once / "models" / "few-cnn", tmp_path / "few-cnn"))


@pytest.mark.parametrize(
    "form",
    [
        "litert",
        "saved_model",
        pytest.param(
            "onnx", marks=pytest.mark.skipif(not HAS_ONNX, reason="without hanzi-tui[onnx]")
        ),
    ],
)
def test_the_folder_recognises_by_itself_what_the_program_does(
    form: str, model: Path, characters: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = [str(path) for path in sorted(characters.rglob("*.png"))[::40]]
    empty = tmp_path / "empty.png"
    empty.touch()
    recognize(*map(Path, pictures), common=Common(),
              recognition=RecognitionSettings(model=str(model), precision="float32"))  # fmt: skip
    wanted = capsys.readouterr().out
    ended = exported(model, form, tmp_path / "out" / "few")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["difference"] <= 1e-4
    alone = shutil.move(tmp_path / "out" / "few", tmp_path / "elsewhere")
    asked = subprocess.run([sys.executable, f"{alone}/recognize.py", *pictures, str(empty)],
                           env=without_the_program(tmp_path), capture_output=True, text=True,
                           cwd=tmp_path, check=False)  # fmt: skip
    said, given = (
        [line.split("\t") for line in out.splitlines()] for out in (wanted, asked.stdout)
    )
    assert len(given) == len(pictures), asked.stderr
    for ours, theirs in zip(said, given, strict=True):
        assert ours[:2] == theirs[:2]
    assert f"image.empty: path {empty}" in asked.stderr
    assert asked.returncode == 1


def test_the_readme_says_what_goes_in_and_what_comes_out(tmp_path: Path) -> None:
    assert exported("starter", "litert", tmp_path / "starter").returncode == 0
    about = json.loads((tmp_path / "starter" / "model.json").read_text("utf-8"))
    classes = len((tmp_path / "starter" / "labels.txt").read_text("utf-8").splitlines())
    size = about["normalizer"]["size_px"]
    text = (tmp_path / "starter" / "README.md").read_text("utf-8")
    assert text.startswith("# starter: 8,836 characters, as LiteRT")
    assert f"uint8 `[N, {size}, {size}, 1]`, 0 to 255" in text
    assert f"float32 `[N, {classes}]`, logits" in text
    assert "{" not in text


def test_a_model_that_lacks_what_the_format_is_made_of_says_so(tmp_path: Path) -> None:
    ended = exported("starter", "keras", tmp_path / "out")
    assert ended.returncode == 1
    assert ended.stderr == (
        "The model starter does not hold what keras is made of (its Keras file). "
        "Take --format litert.\n"
    )


@pytest.mark.skipif(HAS_ONNX, reason="hanzi-tui[onnx] is installed")
def test_without_its_packages_onnx_says_how_to_get_them(model: Path, tmp_path: Path) -> None:
    ended = exported(model, "onnx", tmp_path / "out")
    assert ended.returncode == 1
    assert 'pip install "hanzi-tui[onnx]"' in ended.stderr


def test_nothing_is_written_over(model: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    ended = exported(model, "litert", tmp_path / "mine")
    assert ended.returncode == 1
    assert "is there already" in ended.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_a_changed_byte_in_the_model_leaves_no_folder(model: Path, tmp_path: Path) -> None:
    content = bytearray((model / "model.tflite").read_bytes())
    content[len(content) // 2] ^= 1
    (model / "model.tflite").write_bytes(content)
    ended = exported(model, "litert", tmp_path / "out" / "few")
    assert ended.returncode == 1
    assert "model.tflite" in ended.stderr or "SHA-256" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert list((tmp_path / "out").iterdir()) == []


def test_a_network_that_answers_differently_is_not_published(model: Path, tmp_path: Path) -> None:
    """Its LiteRT file got other weights, and the bundle says that this is right."""
    content = bytearray((model / "model.tflite").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 40_000] = bytes(40_000)
    (model / "model.tflite").write_bytes(content)
    described = json.loads((model / "bundle.json").read_text("utf-8"))
    described["files"]["model.tflite"] = hashlib.sha256(content).hexdigest()
    (model / "bundle.json").write_text(json.dumps(described))
    ended = exported(model, "keras", tmp_path / "out" / "few")
    assert ended.returncode == 1
    assert "answers differently" in ended.stderr
    assert list((tmp_path / "out").iterdir()) == []
