"""A bundle becomes a folder for other programs.

`python -m pipeline.export.write` is asked by the command, since most formats need TensorFlow.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.bundle import KERAS, LABELS, LITERT, Bundle, open_bundle
from pipeline.export.carried import carried
from pipeline.export.networks import (
    FILES,
    reopened,
    require_possible,
    source_file,
    write_network,
)
from pipeline.export.readme import readme
from pipeline.export.request import ExportRequest, Format
from pipeline.files import PARTIAL, publish, write_json, write_text
from pipeline.litert import LiteRTNetwork
from pipeline.problems import Problem
from pipeline.questions import answer
from pipeline.trial_images import trial_images

TOLERANCE = 1e-4
"""Allowed difference of logits, as a share of the largest where that is above 1."""


def exported(request: ExportRequest) -> dict[str, Any]:
    """Makes the folder; it appears whole or not at all.

    Returns:
        `path` of the folder, `file` of the network in it, `difference` of its logits.

    Raises:
        Problem: the folder is there already or cannot be written, the bundle is damaged or lacks
            what the format is made of, or the exported network answers differently.
    """
    bundle, target = open_bundle(request.model), request.target
    require_possible(bundle, request)
    if target.exists():
        raise Problem("export.exists", path=str(target))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=f".{target.name}.", suffix=PARTIAL, dir=target.parent
        ) as parent:
            folder = Path(parent, target.name)
            folder.mkdir()
            difference = _written(bundle, request, folder)
            publish(folder, target)
    except OSError as error:
        detail = error.strerror or str(error)
        raise Problem("export.unwritable", path=str(target), detail=detail) from error
    return {"path": str(target), "file": FILES[request.format], "difference": difference}


def _written(bundle: Bundle, request: ExportRequest, folder: Path) -> float:
    """Fills the folder and returns the largest difference of logits, absolute."""
    form = request.format
    network = write_network(bundle, form, folder)
    difference = _difference(bundle, form, network)
    description = bundle.description
    spec = description.spec
    write_text(folder / LABELS, bundle.file(LABELS).decode("utf-8"))
    about = {
        "name": request.name,
        "network": description.model,
        "format": form,
        "file": network.name,
        "input": {"name": "image", "shape": [None, spec.size_px, spec.size_px, spec.channels],
                  "dtype": "uint8", "range": [0, 255]},
        "output": {"name": "logits", "shape": [None, len(description.labels)], "dtype": "float32"},
        "temperature": bundle.temperature,
        "normalizer": spec.to_dict(),
        "difference": difference,
    }  # fmt: skip
    write_json(folder / "model.json", about)
    write_text(folder / "README.md", readme(bundle, request.name, form, network.name, difference))
    for name, text in carried(form).items():
        (folder / name).parent.mkdir(exist_ok=True)
        write_text(folder / name, text)
    return difference


def _difference(bundle: Bundle, form: Format, network: Path) -> float:
    """Returns how far the exported network's logits are from the model's own.

    Raises:
        Problem: `export.differs`.
    """
    images = trial_images(bundle.description.spec)
    given = reopened(form, network)(images)
    wanted = _own_answers(bundle, form, images)
    difference = float(np.max(np.abs(wanted - given))) if wanted.shape == given.shape else np.inf
    if not difference <= TOLERANCE * max(1.0, float(np.max(np.abs(wanted)))):
        raise Problem("export.differs", format=form, difference=f"{difference:.2g}",
                      tolerance=TOLERANCE)  # fmt: skip
    return difference


def _own_answers(bundle: Bundle, form: Format, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Returns the logits of the model in another form than the exported one, where it has one."""
    if bundle.hashes.keys() >= {KERAS, LITERT}:
        other = KERAS if form == "litert" else LITERT
    else:
        other = source_file(bundle, form)
    if other == KERAS:
        return np.asarray(bundle.keras_model()(images, training=False), np.float32)
    return LiteRTNetwork(bundle.file(other), threads=1).logits(images)


def main() -> None:
    """Answers an `ExportRequest` with what `exported` returns."""
    answer(lambda question: exported(ExportRequest.model_validate(question)))


if __name__ == "__main__":
    main()
