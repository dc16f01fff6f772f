"""A foreign model becomes a bundle: `python -m pipeline.foreign.convert`, asked by the command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np

from pipeline import bundle
from pipeline.foreign import pixels
from pipeline.foreign.arrays import weights_by_role
from pipeline.foreign.rebuild import rebuilt
from pipeline.foreign.request import ImportRequest
from pipeline.foreign.saved_model import saved_network
from pipeline.keras_files import description, open_model
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem
from pipeline.questions import answer
from pipeline.trial_images import trial_images

OWNER = "import-model"


def imported(request: ImportRequest) -> dict[str, Any]:
    """Makes the bundle of a foreign model.

    Returns:
        `path` of the bundle, `parameters`, `outputs` ("logits" or "probabilities"), and the
        `size_px` and `channels` of its input.

    Raises:
        Problem: the file is damaged, wants to run something, or does not fit labels or network.
    """
    if request.architecture is None and request.file.is_dir():
        network = saved_network(request)
        _require_labels(request, network.outputs)
        path = bundle.publish_bundle(
            request.target, {bundle.LITERT: network.content},
            _description(request, "SavedModel", network.spec), network.parameters, OWNER,
        )  # fmt: skip
        return _told(path, network.parameters, network.probabilities, network.spec)
    if request.architecture is not None:
        model = rebuilt(request, _size(request), weights_by_role(request.file))
        probabilities, name = False, str(request.architecture)
    else:
        model, probabilities = _wrapped(request, open_model(request.file))
        name = "imported"
    _require_labels(request, int(model.output_shape[-1]))
    size, channels = int(model.input_shape[1]), int(model.input_shape[3])
    spec = request.spec(size, channels)
    described = _description(request, name, spec)
    path = bundle.write(request.target, model, described, trial_images(spec), OWNER)
    return _told(path, model.count_params(), probabilities, spec)


def _wrapped(request: ImportRequest, model: keras.Model) -> tuple[keras.Model, bool]:
    """Returns the model behind our pixels and before logits, and whether it gave probabilities."""
    model = _in_float32(model)
    size, channels = _input(request, model)
    spec = request.spec(size, channels)
    source = keras.Input((size, size, spec.channels), dtype="uint8", name="image")
    outputs = model(pixels.prepared(source, channels, request.inverted, request.input))
    if len(getattr(outputs, "shape", ())) != 2:
        raise Problem("foreign.outputs", path=str(request.file),
                      found=str(getattr(outputs, "shape", "several")))  # fmt: skip
    plain = keras.Model(source, outputs)
    answers = np.asarray(plain(trial_images(spec), training=False))
    probabilities = pixels.are_probabilities(answers)
    return keras.Model(source, pixels.logarithm(outputs)) if probabilities else plain, probabilities


def _in_float32(model: keras.Model) -> keras.Model:
    """Returns the model computing in float32, as LiteRT needs it, whatever it was trained in."""

    def plain(layer: keras.layers.Layer) -> keras.layers.Layer:
        return type(layer).from_config({**layer.get_config(), "dtype": "float32"})

    if all(layer.compute_dtype == "float32" for layer in model._flatten_layers()):
        return model
    copy = keras.models.clone_model(model, clone_function=plain, recursive=True)
    copy.set_weights(model.get_weights())
    return copy


def _input(request: ImportRequest, model: keras.Model) -> tuple[int, int]:
    """Returns side and channels of the model's input.

    Raises:
        Problem: `foreign.input` when it takes no square gray or RGB image, `foreign.no_size`.
    """
    shape = model.input_shape
    if not isinstance(shape, tuple) or len(shape) != 4 or shape[3] not in (1, 3):
        raise Problem("foreign.input", path=str(request.file), found=str(shape))
    if shape[1] != shape[2]:
        raise Problem("foreign.input", path=str(request.file), found=str(shape))
    if shape[1] is None and request.size_px is None:
        raise Problem("foreign.no_size", path=str(request.file))
    if shape[1] is not None and request.size_px not in (None, shape[1]):
        raise Problem("foreign.size", path=str(request.file), found=shape[1], said=request.size_px)
    return int(shape[1] or request.size_px or 0), int(shape[3])


def _size(request: ImportRequest) -> int:
    """Returns the side of the input of a network to rebuild: said, or read from the file.

    Raises:
        Problem: `foreign.no_size`.
    """
    if request.size_px is not None:
        return request.size_px
    try:
        shapes = list(_shapes(description(request.file)))
    except Problem:
        shapes = []
    sides = [shape[1] for shape in shapes if len(shape) == 4 and shape[1]]
    if not sides:
        raise Problem("foreign.no_size", path=str(request.file))
    return int(sides[0])


def _shapes(value: Any) -> Any:
    """Yields the input shapes that a configuration names, the first layer's first."""
    if isinstance(value, dict):
        for key in ("batch_input_shape", "batch_shape"):
            if isinstance(value.get(key), list):
                yield value[key]
        for nested in value.values():
            yield from _shapes(nested)
    elif isinstance(value, list):
        for nested in value:
            yield from _shapes(nested)


def _require_labels(request: ImportRequest, outputs: int) -> None:
    if outputs != len(request.labels):
        raise Problem("foreign.labels", path=str(request.file), outputs=outputs,
                      labels=len(request.labels))  # fmt: skip


def _description(request: ImportRequest, name: str, spec: NormalizerSpec) -> bundle.Description:
    said = request.model_dump(mode="json", include={"input", "polarity", "kind", "architecture"})
    return bundle.Description(
        model=name, labels=request.labels, spec=spec, dataset="", dataset_hash="", metrics={},
        settings={"imported": Path(request.file).name, **said},
    )  # fmt: skip


def _told(path: Path, parameters: int, softmax: bool, spec: NormalizerSpec) -> dict[str, Any]:
    outputs = "probabilities" if softmax else "logits"
    return {"path": str(path), "parameters": parameters, "outputs": outputs,
            "size_px": spec.size_px, "channels": spec.channels}  # fmt: skip


def main() -> None:
    """Answers an `ImportRequest` with what `imported` returns."""
    answer(lambda question: imported(ImportRequest.model_validate(question)))


if __name__ == "__main__":
    main()
