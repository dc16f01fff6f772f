"""`hanzi-tui check`: is this machine fit to train, and if not, what mends it."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, Flag, context
from hanzi_tui.commands.planning import THIS_MACHINE, Described, planned, print_plan, record
from hanzi_tui.i18n import _
from hanzi_tui.machine_report import machine_report, report_text
from pipeline.problems import Problem

if TYPE_CHECKING:
    # The help is to come at once.
    from pipeline.environment.devices import Gpu
    from pipeline.environment.probes import Facts

DescribedMachine = Annotated[Described, Parameter(name="*")]


def check(
    *,
    quick: Flag = False,
    trial: Flag = False,
    force: Flag = False,
    require_gpu: Flag = False,
    report: Path | None = None,
    with_names: Flag = False,
    described: DescribedMachine = THIS_MACHINE,
    common: CommonOptions = Common(),
) -> int:
    """Check GPU, driver, CUDA, TensorFlow and packages; exit code 1 when training cannot work.

    Args:
        quick: leave out the import of TensorFlow, which takes seconds and proves the rest
        trial: compare what each GPU computes with what the CPU does, in seconds for each
        force: try GPUs that others are using, too
        require_gpu: exit code 1, too, when TensorFlow can use no GPU
        report: write a text file to paste into an issue
        with_names: leave the names of users and hosts in the report
    """
    from pipeline.environment.diagnose import diagnose
    from pipeline.environment.probes import gather

    if force and not trial:
        raise Problem("usage.unexpected", word="--force", command="hanzi-tui check")
    given = context(common)
    facts = gather(given.workspace.root, import_tensorflow=not (quick or described.asked))
    made = planned(facts, described) if described.asked else None
    if trial and made is None:
        facts = _tried(facts, force)
    diagnosis = diagnose(facts)
    if report is not None:
        _write(report, report_text(diagnosis, facts, given.signs, with_names=with_names))
        console.say(_("written to {path}").format(path=report))
    if given.json:
        told = {
            "verdict": diagnosis.verdict,
            "text": diagnosis.text,
            "findings": [finding.record() for finding in diagnosis.findings],
            "facts": asdict(facts),
        }
        console.print_json(told | ({"plan": record(made)} if made else {}))
    elif made:
        print_plan(made, given.signs)
    else:
        for line in machine_report(diagnosis, facts, given.signs):
            print(line)
    if made:
        return 0
    wanted = ["environment.ready_gpu"]
    if not require_gpu:
        wanted += ["environment.ready_cpu", "environment.gpu_unusable"]
    return 0 if diagnosis.verdict in wanted else 1


def _tried(facts: Facts, force: bool) -> Facts:
    from pipeline.environment.trial import trials

    def tell(gpu: Gpu) -> None:
        told = _("trying GPU {index} ({name}): seconds, or minutes where it is new to this build")
        console.say(told.format(index=gpu.index, name=gpu.name))

    gpus = facts.gpu.gpus if facts.gpu else ()
    return replace(facts, trials=trials(gpus, force=force, tell=tell))


def _write(path: Path, text: str) -> None:
    from pipeline.files import write_text

    try:
        write_text(path, text)
    except OSError as error:
        raise Problem("report.unwritable", path=str(path), detail=error.strerror) from error
