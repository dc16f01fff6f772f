"""What a training would take: `hanzi-tui train DATASET --trial`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hanzi_tui import counts
from hanzi_tui.commands import console
from hanzi_tui.i18n import _
from hanzi_tui.wording import duration, size

if TYPE_CHECKING:
    from hanzi_tui.commands.options import Context
    from pipeline.training.estimate import Trial


def try_training(given: Context, dataset: str) -> int:
    """Trains for a few seconds on random images, and prints what the whole training would take.

    Args:
        dataset: name of a prepared dataset.

    Raises:
        Problem: there is no such dataset, or the trial ended without a result.
    """
    import asyncio
    from dataclasses import asdict

    from hanzi_tui.new_training import trial_request
    from pipeline.dataset.records import describe
    from pipeline.training.estimate import trial

    training, augment = given.settings.training, given.settings.augment
    described = describe(given.workspace.require_dataset(dataset))
    found = asyncio.run(trial(trial_request(described, training, augment)))
    if given.json:
        spans = {"epoch_s": found.epoch_s, "training_s": found.training_s}
        console.print_json({"model": training.model, **asdict(found), **spans})
    else:
        console.print_facts(_facts(training.model, found))
    return 0


def _facts(model: str, found: Trial) -> list[tuple[str, str]]:
    steps = counts.steps(found.epochs * found.steps_per_epoch)
    gpu_memory = "" if found.gpu_memory_bytes is None else size(found.gpu_memory_bytes)
    rate = _("{rate:.0f} img/s on {devices}").format(
        rate=found.samples_per_s, devices=", ".join(found.devices)
    )
    return [
        (_("network"), f"{model}, " + _("{count:,} parameters").format(count=found.parameters)),
        (_("length"), f"{counts.epochs(found.epochs)}, {steps}"),
        (_("memory"), size(found.memory_bytes)),
        (_("GPU memory"), gpu_memory),
        (_("rate"), rate),
        (_("epoch"), duration(found.epoch_s)),
        (_("all"), duration(found.training_s)),
    ]
