"""What a training begins with, told before it is started."""

from __future__ import annotations

from pathlib import Path

from hanzi_tui.i18n import _, worded_problem
from pipeline.problems import Problem
from pipeline.settings import TrainingSettings
from pipeline.training.imagenet import keras_models
from pipeline.training.networks import require_imagenet
from pipeline.training.weights_path import require_weights


def weights_words(training: TrainingSettings, models: Path) -> tuple[str, bool]:
    """Returns where the first weights come from and whether that is well; "" for no such weights.

    Args:
        training: the settings.
        models: folder of the workspace's models.
    """
    network, weights = training.model, training.weights
    if weights == "none":
        return "", True
    try:
        require_weights(network, weights, models)
    except Problem as problem:
        return worded_problem(problem), False
    if weights != "imagenet":
        return weights, True
    path = keras_models() / require_imagenet(network).file
    if path.is_file():
        return f"imagenet: {path}", True
    return _("imagenet: {file} is fetched before the start").format(file=path.name), True
