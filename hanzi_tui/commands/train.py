"""`hanzi-tui train`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, Context, Flag, awaited, context
from hanzi_tui.commands.script_options import (
    NO_SCRIPT,
    Script,
    ScriptOptions,
    only_dataset,
    prepare_job,
)
from hanzi_tui.i18n import _
from pipeline.problems import Problem
from pipeline.settings import (
    AugmentSettings,
    DatasetSettings,
    NotifySettings,
    TrainingSettings,
)

if TYPE_CHECKING:
    from pipeline.runs import Run

TrainingFlags = Annotated[TrainingSettings, Parameter(name="*", group="Training")]
AugmentFlags = Annotated[AugmentSettings, Parameter(name="augment", group="Augmentation")]
PictureFlags = Annotated[
    DatasetSettings, Parameter(name="dataset", group="Pictures wanted, or made of two folders")
]
NotifyFlags = Annotated[NotifySettings, Parameter(name="notify", group="Who is told")]
AS_SET = NotifySettings()

OF_NETWORKS = ("size", "channels")
"""Settings of pictures that a training can want, whoever prepared them."""


def train(
    dataset: str | None = None,
    /,
    *,
    name: str | None = None,
    resume: str | None = None,
    after: str | None = None,
    detach: Flag = False,
    trial: Flag = False,
    training: TrainingFlags = TrainingSettings(),
    augment: AugmentFlags = AugmentSettings(),
    pictures: PictureFlags = DatasetSettings(),
    notify: NotifyFlags = AS_SET,
    script: ScriptOptions = NO_SCRIPT,
    common: CommonOptions = Common(),
) -> int:
    """Train a network on a prepared dataset; ends with a model that recognises.

    The job runs in a process of its own: closing this window or losing the link does not stop it.

    Args:
        dataset: name of a prepared dataset; default: the only one there is
        name: name of the model; default: dataset and network, with a number if that is taken
        resume: run to go on with, exactly where it was; no other option is needed, --epochs may
            be more
        after: run to wait for; the job begins when that one has finished
        detach: return at once; see hanzi-tui attach
        trial: train for a few seconds on random images only, and tell memory and time
    """
    import asyncio

    from hanzi_tui.commands import following
    from pipeline import jobs, runs

    typed = script.training(training), script.pictures(pictures)
    given = context(common, training=typed[0], augment=augment, dataset=typed[1], notify=notify)
    if script.test:
        return _judge(given, dataset, script, after, detach, common)
    if trial:
        from hanzi_tui.commands.training_trial import try_training

        return try_training(given, dataset or only_dataset(given))
    if resume is not None:
        run = runs.find(given.workspace.runs, resume)
        asyncio.run(jobs.resume(run, typed[0].model_dump(exclude_unset=True)))
        begun = [run]
    else:
        begun = _started(given, dataset, script, name or "", awaited(given, after),
                         typed[1].model_fields_set)  # fmt: skip
    if detach:
        return following.detached(begun[-1], given.json)
    for run in begun:
        code = following.follow(run, given)
        if code:
            return code
    if not given.json:
        _print_result(begun[-1])
    return 0


def _started(
    given: Context, dataset: str | None, script: Script, name: str, after: str | None,
    asked: set[str],
) -> list[Run]:  # fmt: skip
    """Starts the training, and before it what makes its dataset of two folders, if named.

    Args:
        asked: settings of pictures that the command line names.

    Raises:
        Problem: something keeps it from starting.
    """
    from hanzi_tui.commands import following
    from hanzi_tui.new_training import new_training
    from pipeline.recipes import wants_pictures

    settings = given.settings
    begun: list[Run] = []
    if (folders := script.folders()) is not None:
        job = prepare_job(given, folders, dataset)
        begun.append(following.start(job.model_copy(update={"after": after}), given))
        dataset, after = job.name, begun[0].id
    elif other := sorted(asked - set(OF_NETWORKS)):
        raise Problem("usage.prepared", flags=", ".join(f"--dataset.{key}" for key in other))
    wanted = settings.dataset if asked or wants_pictures(settings.training.recipe) else None
    training = new_training(
        given.workspace, dataset or only_dataset(given), settings.training, settings.augment,
        name=name, after=after, wanted=wanted,
    )  # fmt: skip
    _tell_costs(given, training.dataset, settings.training)
    _tell_recipe(given)
    return [*begun, following.start(training, given)]


def _tell_recipe(given: Context) -> None:
    """Says which recipe is followed and what differs from it, where it is not the usual one."""
    from hanzi_tui.recipe_words import difference_text, recipe_differences
    from pipeline.recipes import DEFAULT

    recipe = given.settings.training.recipe
    if recipe != DEFAULT:
        console.say(_("recipe {recipe}").format(recipe=recipe))
        for difference in recipe_differences(given.configuration):
            console.say(f"  {difference_text(difference)}")


def _tell_costs(given: Context, dataset: str, training: TrainingSettings) -> None:
    """Says what the training will take, and fetches first weights, before anything starts."""
    from hanzi_tui import training_costs
    from pipeline.dataset.records import describe
    from pipeline.training.costs import costs
    from pipeline.training.imagenet import imagenet_file

    if training.weights == "imagenet":
        imagenet_file(training.model)
    folder = given.workspace.dataset(dataset)
    if not (folder / "dataset.json").is_file():  # still in the making
        return
    described = describe(folder)
    spec = described["normalizer"]
    told = costs(training, spec["size_px"], spec["channels"], described["classes"])
    count = _("{count:,} parameters").format(count=told.parameters)
    words = (
        training.model,
        count,
        training_costs.macs(told),
        training_costs.memory(told, training),
    )
    console.say(", ".join(words))


def _judge(
    given: Context, dataset: str | None, script: Script, after: str | None, detach: bool,
    common: Common,
) -> int:  # fmt: skip
    """Judges a model, as old scripts do with --test 1."""
    from hanzi_tui.commands.evaluate import evaluate

    if script.is_keras_file and dataset is None and script.test_data_dir is None:
        dataset = only_dataset(given)
    model = script.judged_model(given, dataset)
    source = script.test_data_dir if dataset is None else None
    return evaluate(model, dataset=dataset, source=source, after=after, detach=detach,
                    common=common)  # fmt: skip


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
