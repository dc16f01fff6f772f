"""`hanzi-tui demo`: the whole road on the starter dataset."""

from __future__ import annotations

from pathlib import Path

from hanzi_tui.commands import console
from hanzi_tui.commands.evaluate import print_result
from hanzi_tui.commands.options import Common, CommonOptions, Context, context
from hanzi_tui.i18n import _
from pipeline.events import Finished
from pipeline.jobs import AnyJob, EvaluateJob, PrepareJob, TrainJob

DATASET = "starter"
RECOGNIZED = 10
STEPS = 300


def demo(*, common: CommonOptions = Common()) -> int:
    """Try everything on the starter dataset: prepare, train, evaluate, recognise.

    Twenty characters drawn from fonts come with the program. The dataset, the model and the runs
    stay in the workspace, to go on with.
    """
    from pipeline.starter import unpack_characters

    given = context(common)
    workspace, settings = given.workspace, given.settings
    source = unpack_characters(workspace.root / "starter")
    console.say(_("starter dataset in {folder}").format(folder=source))
    prepared = _done(given, PrepareJob(workspace=workspace.root, source=source, name=DATASET,
                                       dataset=settings.dataset))  # fmt: skip
    training = settings.training.model_copy(update={"epochs": 0, "steps": STEPS})
    name = f"{DATASET}-{training.model}"
    job = TrainJob(workspace=workspace.root, dataset=DATASET, name=name, training=training,
                   augment=settings.augment)  # fmt: skip
    trained = prepared and _done(given, job)
    if not trained:
        return 1
    model = str(trained.summary["path"])
    evaluated = _done(given, EvaluateJob(workspace=workspace.root, model=model, dataset=DATASET,
                                         evaluation=settings.evaluation))  # fmt: skip
    if not evaluated:
        return 1
    recognized = _recognized(Path(model), workspace.dataset(DATASET), source)
    right = sum(truth == guess for _path, truth, guess, _probability in recognized)
    if given.json:
        console.print_json({"evaluation": evaluated.summary, "recognized": len(recognized),
                            "right": right})  # fmt: skip
        return 0
    print_result(evaluated.summary)
    console.print_table(
        (_("image"), _("truth"), _("recognised as"), _("probability")),
        [(*row, f"{probability:.3f}") for *row, probability in recognized],
        right="d",
    )  # fmt: skip
    console.say(
        _("{right} of {count} recognised rightly. Next: hanzi-tui prepare YOUR_FOLDER")
        .format(right=right, count=len(recognized))
    )  # fmt: skip
    return 0


def _done(given: Context, job: AnyJob) -> Finished | None:
    """Starts a job, shows it and returns its end; None when it failed or the user left it."""
    run = console.start(job)
    code = console.follow(run, given.signs, given.json)
    return run.finished() if code == 0 else None


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
