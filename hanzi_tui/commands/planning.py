"""`hanzi-tui check --plan`: which TensorFlow, CUDA and cuDNN for a machine, here or described."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Group, Parameter

from hanzi_tui.i18n import _, printable, worded
from hanzi_tui.signs import Signs
from pipeline.problems import Problem

if TYPE_CHECKING:
    # The help is to come at once.
    from pipeline.environment.plan import Machine, Option, Plan
    from pipeline.environment.probes import Facts

PLANNING = Group(_("What if"), sort_key=10)
SYSTEM_NAMES = {"linux": "Linux", "wsl": "WSL2", "windows": "Windows", "macos": "macOS"}


@dataclass(frozen=True)
class Described:
    """A machine other than this one.

    Args:
        plan: say what to install, and how
        driver: NVIDIA driver, such as 550.54; "none" for a machine without
        python: Python, such as 3.11
        gpu: GPU, such as "RTX 3070"; "none" for a machine without
        os: system; where it is another one, nothing is taken from this machine
    """

    plan: Annotated[bool, Parameter(negative="", show_default=False, group=PLANNING)] = False
    driver: Annotated[str | None, Parameter(group=PLANNING)] = None
    python: Annotated[str | None, Parameter(group=PLANNING)] = None
    gpu: Annotated[str | None, Parameter(group=PLANNING)] = None
    os: Annotated[Literal["linux", "wsl", "windows", "macos"] | None, Parameter(group=PLANNING)] = (
        None
    )

    @property
    def asked(self) -> bool:
        """Whether a plan is wanted; describing a machine says so, too."""
        return self != THIS_MACHINE


THIS_MACHINE = Described()


def planned(facts: Facts, described: Described) -> Plan:
    """Returns the plan for this machine, with what was described in place of what is here.

    Raises:
        Problem: a version is none, or nobody knows the GPU.
    """
    from pipeline.environment.fixes import Tools
    from pipeline.environment.plan import Machine, machine_of, plan

    machine = machine_of(facts)
    if described.os is not None and described.os != machine.os:
        tools = Tools(windows=described.os == "windows")
        machine = Machine(described.os, tools=tools, needed=machine.needed)
    if described.driver is not None:
        machine = replace(machine, driver=_version("--driver", described.driver))
    if described.python is not None:
        machine = replace(machine, python=_version("--python", described.python))
    return plan(machine if described.gpu is None else _with_gpu(machine, described.gpu))


def record(made: Plan) -> dict[str, Any]:
    """Returns a plan as JSON types, its texts in English."""
    options = [
        asdict(option) | {"before": [remark.record() for remark in option.before]}
        for option in made.options
    ]
    remarks = [remark.record() for remark in made.remarks]
    return {"machine": asdict(made.machine), "options": options, "remarks": remarks}


def print_plan(made: Plan, signs: Signs) -> None:
    """Prints a plan: the machine, what is to be said, and each option with its commands."""
    print(_machine(made.machine))
    for remark in made.remarks:
        print(f"{signs.warning} {worded(remark.code, remark.params)}")
        if remark.fix:
            print(f"    {printable(remark.fix)}")
    for option in made.options:
        print()
        sign = signs.warning if option.before else signs.done
        print(f"{sign} {_option(option)}")
        for remark in option.before:
            print(f"  {worded(remark.code, remark.params)}")
            if remark.fix:
                print(f"    {printable(remark.fix)}")
        for step in option.steps:
            print(f"    {printable(step)}")
        print(f"  {printable(option.build.source)}")


def _with_gpu(machine: Machine, name: str) -> Machine:
    from pipeline.environment.architectures import gpu_named, gpus, nearest_gpus

    if name.casefold() == "none":
        return replace(machine, gpus=(), capabilities=(), driver=None)
    known = gpu_named(name)
    if known is None:
        raise Problem("usage.no_gpu", gpu=name, nearest=", ".join(nearest_gpus(name)) or "-")
    return replace(machine, gpus=(known,), capabilities=(gpus()[known],))


def _version(flag: str, text: str) -> str | None:
    if flag == "--driver" and text.casefold() == "none":
        return None
    if not re.fullmatch(r"\d+(\.\d+)*", text):
        raise Problem("usage.bad_value", flag=flag, value=text, allowed="3.11, 550.54.15, ...")
    return text


def _machine(machine: Machine) -> str:
    gpus = ", ".join(map(printable, machine.gpus)) or _("no GPU")
    driver = _("driver {version}").format(version=machine.driver) if machine.driver else ""
    python = _("Python {version}").format(version=machine.python) if machine.python else ""
    system = SYSTEM_NAMES.get(machine.os, machine.os)
    return ", ".join(filter(None, [system, gpus, driver or _("no driver"), python]))


def _option(option: Option) -> str:
    build = option.build
    head = f"TensorFlow {build.tensorflow}, Python {option.python}"
    where = _("in {system}").format(system=SYSTEM_NAMES[option.system])
    if build.cuda is None:
        return f"{head}, {where}: {_('CPU only')}"
    needs = f"CUDA {build.cuda}, cuDNN {build.cudnn}"
    driver = _("driver from {version}").format(version=option.driver) if option.driver else ""
    return ", ".join(filter(None, [f"{head}, {where}: {needs}", driver]))
