"""The layers of a finished model, told and drawn."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import keras
import pytest

from pipeline.anatomy.blocks import blocks
from pipeline.anatomy.drawing import dot, svg
from pipeline.anatomy.layers import Anatomy, Layer
from pipeline.anatomy.layout import layout
from pipeline.anatomy.of_keras import keras_anatomy
from pipeline.anatomy.reading import anatomy
from pipeline.bundle import open_bundle
from pipeline.problems import Problem
from pipeline.workspace import Workspace

SVG = "{http://www.w3.org/2000/svg}"


def called(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "hanzi_tui", *map(str, arguments)],
                          capture_output=True, text=True, timeout=120, check=False)  # fmt: skip


@pytest.fixture(scope="module")
def branched() -> Anatomy:
    """Two branches that meet twice, the second time past a nested model."""
    source = keras.Input((8, 8, 2), name="image")
    x = keras.layers.Conv2D(4, 3, padding="same", name="first")(source)
    x = keras.layers.ReLU(name="relu")(x)
    y = keras.layers.DepthwiseConv2D(3, padding="same", name="each")(x)
    z = keras.layers.SeparableConv2D(4, 3, padding="same", name="apart")(y)
    x = keras.layers.Add(name="sum")([x, z])
    inner = keras.Sequential(
        [keras.Input((8, 8, 4)), keras.layers.Conv2D(4, 1, name="one")], name="inner"
    )
    x = keras.layers.Concatenate(name="both")([inner(x), x])
    x = keras.layers.Dense(3, name='logits<"&')(keras.layers.Flatten(name="flat")(x))
    return keras_anatomy(keras.Model(source, x, name="branched"))


def test_layers_know_where_they_take_from_and_what_they_cost(branched: Anatomy) -> None:
    by_name = {layer.name: layer for layer in branched.layers}
    macs = {name: layer.macs for name, layer in by_name.items() if layer.macs}
    assert macs == {
        "first": 64 * 9 * 2 * 4,
        "each": 64 * 9 * 4,
        "apart": 64 * (9 * 4 + 4 * 4),
        "inner/one": 64 * 4 * 4,
        'logits<"&': 8 * 64 * 3,
    }
    taken = {name: [branched.layers[s].name for s in x.sources] for name, x in by_name.items()}
    assert taken["sum"] == ["relu", "apart"]
    assert taken["both"] == ["inner/one", "sum"]
    assert by_name["first"].parameters == 9 * 2 * 4 + 4
    assert Anatomy.from_dict(json.loads(json.dumps(branched.to_dict()))) == branched


def test_a_drawing_has_a_box_for_each_block_and_no_two_in_one_place(branched: Anatomy) -> None:
    boxes = blocks(branched)
    assert [layer.name for layer in boxes[1].layers] == ["first", "relu"]
    placed = layout(boxes)
    assert len(set(placed.places)) == len(boxes)
    assert all(placed.places[e.source].row < placed.places[e.target].row for e in placed.edges)
    long = [edge for edge in placed.edges if edge.lane is not None]
    assert [(boxes[e.source].title, boxes[e.target].title) for e in long] == [
        ("Conv2D first", "Add sum"), ("Add sum", "Concatenate both"),
    ]  # fmt: skip
    picture = ET.fromstring(svg(branched))
    texts = "\n".join(text.text or "" for text in picture.iter(f"{SVG}text"))
    assert len(list(picture.iter(f"{SVG}rect"))) == len(boxes) + 1
    assert len([p for p in picture.iter(f"{SVG}path") if p.get("marker-end")]) == len(placed.edges)
    assert 'Dense logits<"&' in texts
    assert f"{branched.parameters:,} parameters" in texts


def test_a_long_net_stays_as_narrow_as_its_branches() -> None:
    """Lanes are used again, so that a thousand shortcuts need one."""
    layers = [Layer("input", "InputLayer", (1,), 0, 0)]
    for number in range(1, 2001, 2):
        layers.append(Layer(f"{number}", "Conv2D", (1,), 1, 1, (number - 1,)))
        layers.append(Layer(f"{number + 1}", "Add", (1,), 0, 0, (number, number - 1)))
    placed = layout(blocks(Anatomy("long", tuple(layers))))
    assert (placed.rows, placed.columns, placed.lanes) == (2001, 1, 1)


def test_graphviz_gets_every_edge(branched: Anatomy) -> None:
    written = dot(branched)
    assert written.startswith('digraph "branched" {\n')
    assert written.count("->") == len(layout(blocks(branched)).edges)
    assert 'logits<\\"&' in written


def test_a_model_is_told_by_layers_and_without_its_keras_file_by_operators(
    trained: Workspace,
) -> None:
    folder = trained.models / "few-cnn"
    ended = called("summary", "few-cnn", "--workspace", trained.root)
    assert ended.returncode == 0, ended.stderr
    header, *rows = (line.split("\t") for line in ended.stdout.splitlines())
    assert header == ["layer", "kind", "output", "parameters", "MACs"]
    kinds = [row[1] for row in rows]
    assert [kind for kind in kinds if kind in ("Conv2D", "Dense")] == ["Conv2D"] * 2 + ["Dense"] * 2
    assert rows[-1][0] == "logits"
    parameters = open_bundle(folder).keras_model().count_params()
    assert f"few-cnn: {parameters:,} parameters" in ended.stderr

    described = json.loads((folder / "bundle.json").read_text())
    del described["files"]["model.keras"]
    (folder / "bundle.json").write_text(json.dumps(described))
    (folder / "model.keras").unlink()
    ended = called("summary", "few-cnn", "--workspace", trained.root, "--json")
    told = json.loads(ended.stdout)
    assert told["parameters"] == parameters
    kinds = [layer["kind"] for layer in told["layers"]]
    assert kinds.count("CONV_2D") == kinds.count("FULLY_CONNECTED") == 2
    assert all(math.prod(layer["shape"]) > 0 for layer in told["layers"])


def test_a_graph_goes_into_the_file_that_was_named(trained: Workspace) -> None:
    for name in ("net.svg", "net.dot"):
        ended = called("graph", "few-cnn", "-o", name, "--workspace", trained.root)
        assert ended.returncode == 0, ended.stderr
    assert ET.parse("net.svg").getroot().tag == f"{SVG}svg"
    assert Path("net.dot").read_text().startswith("digraph")
    ended = called("graph", "few-cnn", "-o", "net.png", "--workspace", trained.root)
    assert ended.returncode == 2
    assert "net.png: a graph is written as .svg" in ended.stderr


def test_what_holds_no_layers_is_said(trained: Workspace, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tflite"
    cut.write_bytes((trained.models / "few-cnn" / "model.tflite").read_bytes()[:3000])
    (tmp_path / "notes.txt").touch()
    shutil.copy(cut, tmp_path / "cut.keras")
    for name, code in (("cut.tflite", "foreign.damaged"), ("notes.txt", "anatomy.kind"),
                       ("cut.keras", "foreign.damaged")):  # fmt: skip
        with pytest.raises(Problem) as raised:
            anatomy(tmp_path / name)
        assert raised.value.code == code
