"""What a training is begun with: the same on the command line and on the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hanzi_tui.larger_pictures import require_pictures
from pipeline.dataset.records import describe
from pipeline.environment.devices import Gpu, GpuReport, most_free
from pipeline.jobs import TrainJob
from pipeline.problems import Problem
from pipeline.settings import AugmentSettings, DatasetSettings, TrainingSettings
from pipeline.training.estimate import TrialRequest
from pipeline.training.networks import require_size
from pipeline.training.weights_path import require_weights
from pipeline.workspace import Workspace


def new_training(
    workspace: Workspace,
    dataset: str,
    training: TrainingSettings,
    augment: AugmentSettings,
    *,
    name: str = "",
    after: str | None = None,
    wanted: DatasetSettings | None = None,
) -> TrainJob:
    """Returns the job of training on a prepared dataset.

    Args:
        workspace: where the dataset is and the model goes.
        dataset: name of a dataset, which may be in the making when there is a run to wait for.
        training, augment: the settings.
        name: of the model; by default that of dataset and network, with a number if it is taken.
        after: id of a run to wait for.
        wanted: settings of a dataset whose size and channels the pictures are to have; None where
            any will do.

    Raises:
        Problem: there is no such dataset, its pictures are too small, the first weights are not
            there, or there is a model of that name.
    """
    require_weights(training.model, training.weights, workspace.models)
    if after is None:
        described = describe(workspace.require_dataset(dataset))
        require_size(training.model, described["normalizer"]["size_px"])
        if wanted is not None:
            require_pictures(workspace, dataset, wanted)
    if name and workspace.model(name).exists():
        raise Problem("model.exists", name=name)
    return TrainJob(workspace=workspace.root, dataset=dataset, training=training, augment=augment,
                    name=name or default_name(dataset, training), after=after)  # fmt: skip


def trial_request(
    described: Mapping[str, Any], training: TrainingSettings, augment: AugmentSettings
) -> TrialRequest:
    """Returns what a trial would try.

    Args:
        described: the dataset's `dataset.json`.
        training, augment: the settings.
    """
    spec, counts = described["normalizer"], described["counts"]
    return TrialRequest(
        kind=spec["kind"], size_px=spec["size_px"], channels=spec["channels"],
        classes=described["classes"], train_images=counts["train"],
        validation_images=counts["validation"], training=training, augment=augment,
    )  # fmt: skip


def default_name(dataset: str, training: TrainingSettings) -> str:
    """Returns what a model is called when nobody says."""
    return f"{dataset}-{training.model}"


def used_by_others(devices: str, report: GpuReport) -> Sequence[Gpu]:
    """Returns which of the GPUs that a training would take work for somebody else.

    Args:
        devices: the setting `training.devices`.
        report: the GPUs there are.
    """
    visible = [gpu for gpu in report.gpus if gpu.visible]
    if devices == "cpu":
        return ()
    if devices == "auto":
        best = most_free(report)
        chosen = [best] if best is not None else []
    else:
        numbers = [int(number) for number in devices.split(",")]
        chosen = [visible[number] for number in numbers if number < len(visible)]
    return [gpu for gpu in chosen if any(not process.own for process in gpu.processes)]
