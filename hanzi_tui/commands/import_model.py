"""`hanzi-tui import-model`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, context
from hanzi_tui.i18n import _
from pipeline.problems import Problem

SUFFIXES = (".keras", ".h5", ".hdf5")


def import_model(
    file: Path,
    /,
    *,
    labels: Path,
    name: str | None = None,
    input_: Annotated[
        Literal["raw", "0-1", "-1-1", "caffe", "torch"],
        Parameter(name="--input", allow_leading_hyphen=True),
    ] = "raw",
    polarity: Literal["dark-on-light", "light-on-dark"] | None = None,
    kind: Literal["glyph", "photo"] = "glyph",
    size: int | None = None,
    architecture: Literal["cnn", "resnet50", "densenet169", "mobilenet"] | None = None,
    common: CommonOptions = Common(),
) -> int:
    """Make a model of a Keras file or a SavedModel that another program trained.

    Nothing in the file is run: Lambda layers and layers of others are refused. With --architecture
    the file's network is not looked at; ours is built anew and takes the weights in their order.

    Args:
        file: .keras or .h5 file, or the folder of a SavedModel
        labels: its labels in the order of its outputs: one a line, or a list in .py or .json
        name: name of the model; default: that of the file
        input_: values its first layer wants; raw: 0 to 255; caffe, torch: as in keras.applications
        polarity: of the characters it was trained on; default: dark-on-light
        kind: glyph: ink is found and centred; photo: the network gets the whole picture
        size: side of its images in pixels, where the file does not say
        architecture: network to build anew for the file's weights
    """
    from pipeline.foreign.labels import read_labels
    from pipeline.foreign.request import ImportRequest
    from pipeline.questions import ask

    given = context(common)
    _require_file(file)
    if kind == "photo" and polarity is not None:
        raise Problem("usage.polarity")
    request = ImportRequest(
        file=file.absolute(), labels=read_labels(labels), input=input_, kind=kind, size_px=size,
        target=given.workspace.model(name or file.name.partition(".")[0]),
        polarity=polarity or "dark-on-light", architecture=architecture,
    )  # fmt: skip
    told = ask("pipeline.foreign.convert", request.model_dump(mode="json"))
    if given.json:
        console.print_json(told)
        return 0
    channels = _("gray") if told["channels"] == 1 else _("colour")
    outputs = _("probabilities") if told["outputs"] == "probabilities" else _("logits")
    console.print_facts([
        (_("model"), Path(told["path"]).name),
        (_("input"), f"{told['size_px']}x{told['size_px']} {channels}"),
        (_("parameters"), f"{told['parameters']:,}"),
        (_("classes"), f"{len(request.labels):,}"),
        (_("its outputs were"), outputs),
    ])  # fmt: skip
    return 0


def _require_file(file: Path) -> None:
    if not file.exists():
        raise Problem("foreign.missing", path=str(file))
    saved = (file / "saved_model.pb").is_file()
    if not saved and (file.is_dir() or file.suffix not in SUFFIXES):
        raise Problem("foreign.kind", path=str(file))
