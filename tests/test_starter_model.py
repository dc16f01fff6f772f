"""The recogniser that comes with the program works before anything was trained."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.bundle import open_bundle
from pipeline.recognition.recognizer import Recognizer
from pipeline.starter import BACKBONE, model_folder
from pipeline.workspace import Workspace

MEGABYTE = 1_000_000


def test_it_is_whole_and_small() -> None:
    bundle = open_bundle(model_folder())
    assert bundle.name == "starter"
    assert bundle.network(1).classes == len(bundle.description.labels)
    files = [*model_folder().iterdir(), model_folder().with_name(BACKBONE)]
    assert sum(file.stat().st_size for file in files) <= 8 * MEGABYTE


def test_it_knows_the_simplified_standard_and_the_common_traditional_forms() -> None:
    labels = open_bundle(model_folder()).description.labels
    codes = [bytes((a, b)) for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF)]
    simplified = {code.decode("gb2312", "ignore") for code in codes} - {""}
    assert len(simplified) == 6763 and simplified <= set(labels)
    assert set("國學書體龍馬") <= set(labels) and "ㄅ" not in labels
    assert len(set(labels)) == len(labels) > 8500


def test_it_reads_the_starter_dataset(starter: Path) -> None:
    pictures = [(path, label.name) for label in starter.iterdir() for path in label.iterdir()][::10]
    answers = Recognizer(open_bundle(model_folder())).recognize([path for path, _ in pictures])
    right = [a.candidates[0].label == said for a, (_, said) in zip(answers, pictures, strict=True)]
    assert len(right) == 120 and np.mean(right) >= 0.7


def test_its_backbone_has_the_shapes_of_the_network_without_the_last_layer() -> None:
    with np.load(model_folder().with_name(BACKBONE), allow_pickle=False) as stored:
        about = json.loads(stored["meta"].tobytes())
        weights = [stored[str(number)] for number in range(len(stored.files) - 1)]
    assert about["model"] == "hanzi_s" and about["input"][-1] == 1
    assert {weight.dtype for weight in weights} == {np.dtype(np.float32)}
    assert weights[0].shape == (3, 3, 1, 32) and weights[-1].shape == (256,)
    assert sum(weight.size for weight in weights) == pytest.approx(690_000, rel=0.01)


def test_it_stands_in_where_the_workspace_has_no_model(workspace: Workspace) -> None:
    assert workspace.model_or_starter("") == (model_folder(), True)
    assert workspace.model_or_starter("starter") == (model_folder(), True)
    shutil.copytree(model_folder(), workspace.models / "mine")
    assert workspace.model_or_starter("") == (workspace.models / "mine", False)
    assert workspace.model_or_starter("starter") == (model_folder(), True)
    shutil.copytree(model_folder(), workspace.models / "starter")
    assert workspace.model_or_starter("starter") == (workspace.models / "starter", False)
