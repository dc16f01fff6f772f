"""`hanzi-tui evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, Flag, awaited, context
from hanzi_tui.i18n import _
from pipeline.settings import EvaluationSettings

EvaluationFlags = Annotated[EvaluationSettings, Parameter(name="*", group="Evaluation")]


def evaluate(
    model: str = "",
    /,
    *,
    dataset: str | None = None,
    after: str | None = None,
    detach: Flag = False,
    evaluation: EvaluationFlags = EvaluationSettings(),
    common: CommonOptions = Common(),
) -> int:
    """Judge a model by a split of a prepared dataset.

    Prints top-1, top-5, mean recall and the most-confused pairs; tables of everything go into the
    run's folder.

    Args:
        model: name or folder of the model; default: the newest
        dataset: name of the dataset; default: the one the model was trained on
        after: run to wait for; the job begins when that one has finished
        detach: return at once; see hanzi-tui attach
    """
    from hanzi_tui.commands import following
    from pipeline.bundle import open_bundle
    from pipeline.jobs import EvaluateJob

    given = context(common, evaluation=evaluation)
    if after is None:
        model = str(given.workspace.require_model(model))
        dataset = dataset or open_bundle(Path(model)).description.dataset
        given.workspace.require_dataset(dataset)
    run = following.start(
        EvaluateJob(workspace=given.workspace.root, model=model, dataset=dataset or "",
                    evaluation=given.settings.evaluation, after=awaited(given, after))
    )  # fmt: skip
    if detach:
        return following.detached(run, given.json)
    code = following.follow(run, given.signs, given.json)
    done = run.finished()
    if code == 0 and done and not given.json:
        print_result(done.summary)
        console.say(_("tables: {folder}").format(folder=run.path))
    return code


def print_result(result: dict[str, Any]) -> None:
    """Prints the numbers of an evaluation and its most-confused pairs."""
    console.print_table(
        (_("model"), _("split"), _("images"), _("classes"), _("top-1"), _("top-5"),
         _("mean recall"), _("images/s")),
        [(result["model"], f"{result['dataset']}/{result['split']}", str(result["images"]),
          str(result["classes"]), f"{result['top_1']:.2%}", f"{result['top_5']:.2%}",
          f"{result['mean_recall']:.2%}", f"{result['images_per_s']:.0f}")],
        right="cdefgh",
    )  # fmt: skip
    if result["pairs"]:
        console.print_table(
            (_("most confused"), _("first read as second"), _("second read as first")),
            [(f"{p['first']} {p['second']}", str(p["first_as_second"]), str(p["second_as_first"]))
             for p in result["pairs"]],
            right="bc",
        )  # fmt: skip
