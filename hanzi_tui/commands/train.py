"""`hanzi-tui train`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, Flag, awaited, context
from hanzi_tui.i18n import _
from pipeline.problems import Problem
from pipeline.settings import AugmentSettings, TrainingSettings

if TYPE_CHECKING:
    from pipeline.runs import Run

TrainingFlags = Annotated[TrainingSettings, Parameter(name="*", group="Training")]
AugmentFlags = Annotated[AugmentSettings, Parameter(name="augment", group="Augmentation")]


def train(
    dataset: str | None = None,
    /,
    *,
    name: str | None = None,
    resume: str | None = None,
    after: str | None = None,
    detach: Flag = False,
    training: TrainingFlags = TrainingSettings(),
    augment: AugmentFlags = AugmentSettings(),
    common: CommonOptions = Common(),
) -> int:
    """Train a network on a prepared dataset; ends with a model that recognises.

    The job runs in a process of its own: closing this window or losing the link does not stop it.

    Args:
        dataset: name of a prepared dataset
        name: name of the model; default: dataset and network, with a number if that is taken
        resume: run to go on with, exactly where it was; no other option is needed
        after: run to wait for; the job begins when that one has finished
        detach: return at once; see hanzi-tui attach
    """
    import asyncio

    from hanzi_tui.commands import following
    from hanzi_tui.new_training import new_training
    from pipeline import jobs, runs

    given = context(common, training=training, augment=augment)
    if resume is not None:
        run = runs.find(given.workspace.runs, resume)
        asyncio.run(jobs.resume(run))
    elif dataset is not None:
        settings = given.settings
        job = new_training(given.workspace, dataset, settings.training, settings.augment,
                           name=name or "", after=awaited(given, after))  # fmt: skip
        run = following.start(job)
    else:
        raise Problem("usage.no_dataset")
    if detach:
        return following.detached(run, given.json)
    code = following.follow(run, given.signs, given.json)
    if code == 0 and not given.json:
        _print_result(run)
    return code


def _print_result(run: Run) -> None:
    from hanzi_tui.wording import duration

    done = run.finished()
    if done is None:
        return
    result, metrics = done.summary, done.summary["metrics"]
    console.print_table(
        (_("model"), _("best epoch"), *metrics, _("time")),
        [(result["model"], f"{result['best_epoch']}/{result['epochs']}",
          *(f"{value:.4f}" for value in metrics.values()), duration(result["seconds"]))],
        right="bcdefg",
    )  # fmt: skip
