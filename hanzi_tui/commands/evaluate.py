"""`hanzi-tui evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, Context, Flag, awaited, context
from hanzi_tui.i18n import _
from pipeline.problems import Problem
from pipeline.settings import EvaluationSettings

if TYPE_CHECKING:
    from pipeline.jobs import EvaluateJob

EvaluationFlags = Annotated[EvaluationSettings, Parameter(name="*", group="Evaluation")]


def evaluate(
    model: str = "",
    /,
    *,
    dataset: str | None = None,
    source: Path | None = None,
    run: str | None = None,
    at: str = "best",
    resume: str | None = None,
    after: str | None = None,
    detach: Flag = False,
    evaluation: EvaluationFlags = EvaluationSettings(),
    common: CommonOptions = Common(),
) -> int:
    """Judge a model by a split of a prepared dataset, or by any folder of labelled images.

    Prints accuracies, calibration and the most-confused pairs; tables of everything go into the
    run's folder.

    Args:
        model: name or folder of the model; default: the newest
        dataset: name of the dataset; default: the one the model was trained on
        source: folder, archive, .gnt file or list of labelled images to judge by, in place of a
            dataset
        run: training run to judge a checkpoint of, in place of a model
        at: which checkpoint of that: best, last, or the number of an epoch
        resume: evaluation to go on with, where it was; no other option is needed
        after: run to wait for; the job begins when that one has finished
        detach: return at once; see hanzi-tui attach
    """
    import asyncio
    import json

    from hanzi_tui.commands import following
    from hanzi_tui.commands.judged import print_result
    from pipeline import jobs, runs
    from pipeline.evaluation.tables import SUMMARY

    given = context(common, evaluation=evaluation)
    if resume is not None:
        started = runs.find(given.workspace.runs, resume)
        asyncio.run(jobs.resume(started))
    else:
        started = following.start(_job(given, model, dataset, source, run, at, after), given)
    if detach:
        return following.detached(started, given.json)
    code = following.follow(started, given)
    if code == 0 and not given.json:
        print_result(json.loads((started.path / SUMMARY).read_text("utf-8", "surrogateescape")))
        console.say(_("tables: {folder}").format(folder=started.path))
    return code


def _job(
    given: Context,
    model: str,
    dataset: str | None,
    source: Path | None,
    run: str | None,
    at: str,
    after: str | None,
) -> EvaluateJob:
    """Returns the job; what is certain to fail is told before anything starts."""
    from pipeline import runs
    from pipeline.bundle import open_bundle
    from pipeline.jobs import EvaluateJob, TrainJob, read_job

    if source is not None:
        source = source.expanduser().absolute()
        if not source.exists():
            raise Problem("source.missing", path=str(source))
    if run is not None:
        training = runs.find(given.workspace.runs, run)
        if not isinstance(read_job(training), TrainJob):
            raise Problem("evaluation.not_a_training", run=training.id)
        run, model = training.id, ""
    elif after is None:
        model = str(given.workspace.require_model(model))
        trained_on = open_bundle(Path(model)).description.dataset
        if source is None and not (dataset or trained_on):
            raise Problem("evaluation.no_dataset", model=Path(model).name)
        dataset = dataset or trained_on
        if source is None:
            given.workspace.require_dataset(dataset)
    return EvaluateJob(
        workspace=given.workspace.root, model=model, run=run or "", at=at,
        dataset="" if source else dataset or "", source=source,
        evaluation=given.settings.evaluation, after=awaited(given, after),
    )  # fmt: skip
