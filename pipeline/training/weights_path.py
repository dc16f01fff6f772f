"""Where the weights of another model lie; loads no TensorFlow."""

from __future__ import annotations

from pathlib import Path

from pipeline.problems import Problem
from pipeline.training.networks import require_imagenet
from pipeline.workspace import names_in

SUFFIXES = (".keras", ".weights.h5")


def weights_path(weights: str, models_folder: Path) -> Path:
    """Returns the bundle's folder, `.keras` or `.weights.h5` file that a setting names.

    Args:
        weights: the name of a model in `models_folder`, or a path.
        models_folder: of the workspace.

    Raises:
        Problem: `weights.missing` or `weights.kind`.
    """
    path = Path(weights) if "/" in weights else models_folder / weights
    if (path / "bundle.json").is_file():
        return path
    if not path.exists():
        there = ", ".join(names_in(models_folder, "bundle.json")) or "–"
        raise Problem("weights.missing", path=weights, there=there)
    if not path.is_file() or not path.name.endswith(SUFFIXES):
        raise Problem("weights.kind", path=weights)
    return path


def require_weights(network: str, weights: str, models_folder: Path) -> None:
    """Checks at once, and without any download, that a training can begin with `weights`.

    Raises:
        Problem: `weights.no_imagenet`, `weights.missing` or `weights.kind`.
    """
    if weights == "imagenet":
        require_imagenet(network)
    elif weights not in ("none", "starter"):
        weights_path(weights, models_folder)
