"""`hanzi-tui demo`: the whole road on the starter dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hanzi_tui.commands import console
from hanzi_tui.commands.judged import print_result
from hanzi_tui.commands.options import Common, CommonOptions, Context, Flag, context
from hanzi_tui.i18n import _

if TYPE_CHECKING:
    from pipeline.jobs import AnyJob
    from pipeline.runs import Run

DATASET = "starter"
RECOGNIZED = 10
STEPS = 300


def demo(*, plain: Flag = False, common: CommonOptions = Common()) -> int:
    """Try everything on the starter dataset: prepare, train, evaluate, recognise.

    Twenty characters drawn from fonts come with the program. The dataset, the model and the runs
    stay in the workspace, to go on with. On a terminal the dashboard shows it all under way.

    Args:
        plain: progress lines and tables in place of the dashboard
    """
    from hanzi_tui.commands import following
    from hanzi_tui.launch import has_terminal
    from pipeline.starter import unpack_characters

    given = context(common)
    source = unpack_characters(given.workspace.root / "starter")
    console.say(_("starter dataset in {folder}").format(folder=source))
    jobs = _road(given, source)
    if has_terminal() and not plain and not given.json:
        return _in_dashboard(given, jobs)
    results = []
    for job in jobs:
        run = following.start(job, given)
        code = following.follow(run, given)
        done = run.finished()
        if code or done is None:
            return code
        results.append(done.summary)
    _prepared, trained, evaluated = results
    recognized = _recognized(Path(trained["path"]), given.workspace.dataset(DATASET), source)
    right = sum(truth == guess for _path, truth, guess, _probability in recognized)
    if given.json:
        console.print_json({"recognized": len(recognized), "right": right})
        return 0
    print_result(evaluated)
    console.print_table(
        (_("image"), _("truth"), _("recognised as"), _("probability")),
        [(*row, f"{probability:.3f}") for *row, probability in recognized],
        right="d",
    )
    text = _("{right} of {count} recognised rightly. Next: hanzi-tui prepare YOUR_FOLDER")
    console.say(text.format(right=right, count=len(recognized)))
    return 0


def _road(given: Context, source: Path) -> list[AnyJob]:
    """Returns the jobs, each to be started when the one before has finished."""
    from pipeline.jobs import EvaluateJob, PrepareJob, TrainJob

    root, settings = given.workspace.root, given.settings
    training = settings.training.model_copy(update={"epochs": 0, "steps": STEPS})
    return [
        PrepareJob(workspace=root, source=source, name=DATASET, dataset=settings.dataset),
        TrainJob(workspace=root, dataset=DATASET, name=f"{DATASET}-{training.model}",
                 training=training, augment=settings.augment),
        EvaluateJob(workspace=root, dataset=DATASET, evaluation=settings.evaluation),
    ]  # fmt: skip


def _in_dashboard(given: Context, jobs: list[AnyJob]) -> int:
    """Queues the jobs and opens the dashboard on the training."""
    from hanzi_tui.commands import following
    from hanzi_tui.launch import open_dashboard

    runs: list[Run] = []
    for job in jobs:
        after = runs[-1].id if runs else None
        runs.append(following.start(job.model_copy(update={"after": after}), given))
    open_dashboard(given.configuration, None, runs[1])
    return 0


def _recognized(model: Path, dataset: Path, source: Path) -> list[tuple[str, str, str, float]]:
    """Recognises test images as they lie in the source: path, truth, guess, probability."""
    from pipeline.bundle import open_bundle
    from pipeline.dataset.records import open_dataset
    from pipeline.recognition.recognizer import Recognizer

    images = open_dataset(dataset).sources("test")
    chosen = images[:: max(1, len(images) // RECOGNIZED)][:RECOGNIZED]
    answers = Recognizer(open_bundle(model)).recognize(source / image["path"] for image in chosen)
    found = zip(chosen, (answer.candidates[0] for answer in answers), strict=True)
    return [(image["path"], image["label"], best.label, best.probability) for image, best in found]
