"""Opening Keras files of others without running anything that lies in them.

The description of the network is read as JSON and judged before Keras sees it: layers of Keras
itself may be made from it, functions and classes of others may not. Keras's `safe_mode`, which
stays on, is the second lock; it alone is no sandbox.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.problems import Problem

if TYPE_CHECKING:
    import keras

LAMBDAS = ("Lambda", "__lambda__", "TFOpLambda", "SlicingOpLambda")
OWN_NAMES = frozenset(
    {
        "Functional",
        "Model",
        "Policy",
        "Sequential",
        "__keras_tensor__",
        "__numpy__",
        "__tensor__",
        "__tuple__",
    }
)
NAMESPACES = (
    "activations", "constraints", "dtype_policies", "initializers", "layers", "quantizers",
    "regularizers",
)  # fmt: skip


def open_model(path: Path) -> keras.Model:
    """Returns the network of a `.keras` file or of an `.h5` file that holds a whole model.

    Raises:
        Problem: `foreign.damaged`, `foreign.weights_only`, `foreign.lambda`, `foreign.custom`, or
            `foreign.unloadable` when Keras cannot make it.
    """
    import keras

    require_plain(path, description(path))
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    # Keras promises no type for what it cannot read.
    except Exception as error:
        detail = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        raise Problem("foreign.unloadable", path=str(path), detail=detail) from error


def description(path: Path) -> dict[str, Any]:
    """Returns the configuration of the network in a `.keras` or `.h5` file; makes nothing of it.

    Raises:
        Problem: `foreign.damaged` or `foreign.weights_only`.
    """
    import h5py  # type: ignore[import-untyped]

    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                found = json.loads(archive.read("config.json"))
        else:
            with h5py.File(path, "r") as file:
                text = file.attrs.get("model_config")
                if text is None:
                    raise Problem("foreign.weights_only", path=str(path))
                found = json.loads(text)
        if not isinstance(found, dict) or "class_name" not in found:
            raise ValueError("it describes no network")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise Problem("foreign.damaged", path=str(path), detail=str(error)) from error
    return found


def require_plain(path: Path, config: dict[str, Any]) -> None:
    """Checks that a configuration is made of Keras's own parts.

    Raises:
        Problem: `foreign.lambda` or `foreign.custom`.
    """
    for part, inside in _parts(config):
        name, module = str(part["class_name"]), part.get("module")
        if name in LAMBDAS:
            layer = str((part.get("config") or {}).get("name") or inside)
            raise Problem("foreign.lambda", path=str(path), layer=layer)
        if not _is_keras(name, module, part):
            raise Problem("foreign.custom", path=str(path), name=name)


def _is_keras(name: str, module: Any, part: dict[str, Any]) -> bool:
    import keras

    if module is not None and str(module).split(".")[0] not in ("keras", "builtins"):
        return False
    if ">" in str(part.get("registered_name") or "") or name == "TFSMLayer":
        return False
    if name == "function":
        return hasattr(keras.activations, str(part.get("config")))
    if str(module).startswith(("keras.src.ops", "keras.ops")):
        return True
    return name in OWN_NAMES or (
        not name.startswith("_")
        and any(hasattr(getattr(keras, namespace), name) for namespace in NAMESPACES)
    )


def _parts(value: Any, inside: str = "") -> Iterator[tuple[dict[str, Any], str]]:
    """Yields everything that Keras would make, with the name of the layer it is in."""
    if isinstance(value, dict):
        inside = str(value.get("name") or inside)
        if "class_name" in value:
            yield value, inside
        for nested in value.values():
            yield from _parts(nested, inside)
    elif isinstance(value, list):
        for nested in value:
            yield from _parts(nested, inside)
