"""What a training is begun with: the same on the command line and on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.environment.devices import Gpu, GpuReport, most_free
from pipeline.jobs import TrainJob
from pipeline.problems import Problem
from pipeline.settings import AugmentSettings, TrainingSettings
from pipeline.workspace import Workspace


def new_training(
    workspace: Workspace,
    dataset: str,
    training: TrainingSettings,
    augment: AugmentSettings,
    *,
    name: str = "",
    after: str | None = None,
) -> TrainJob:
    """Returns the job of training on a prepared dataset.

    Args:
        workspace: where the dataset is and the model goes.
        dataset: name of a dataset, which may be in the making when there is a run to wait for.
        training, augment: the settings.
        name: of the model; by default that of dataset and network, with a number if it is taken.
        after: id of a run to wait for.

    Raises:
        Problem: there is no such dataset, or there is a model of that name.
    """
    if after is None:
        workspace.require_dataset(dataset)
    if name and workspace.model(name).exists():
        raise Problem("model.exists", name=name)
    return TrainJob(workspace=workspace.root, dataset=dataset, training=training, augment=augment,
                    name=name or default_name(dataset, training), after=after)  # fmt: skip


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
