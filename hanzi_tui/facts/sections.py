"""All facts of a machine, in the order in which a reader asks for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hanzi_tui.facts import gpus, machine, software, surroundings
from hanzi_tui.facts.fact import Fact
from hanzi_tui.i18n import _

if TYPE_CHECKING:
    from pipeline.environment.probes import Facts


@dataclass(frozen=True)
class Sections:
    """The facts by what they are about."""

    tensorflow: Fact
    driver: Fact
    gpus: Fact
    libraries: Fact
    packages: Fact
    python: Fact
    machine: Fact
    surroundings: Fact

    def __iter__(self) -> Iterator[Fact]:
        yield from (self.tensorflow, self.driver, self.gpus, self.libraries)
        yield from (self.packages, self.python, self.machine, self.surroundings)


def rows(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yields the facts as lines of a name and a value."""
    known = sections(facts)
    python, packages = known.python, known.packages
    for fact in (*known.machine.details, python, known.tensorflow, known.driver,
                 *known.gpus.details, known.libraries):  # fmt: skip
        yield fact.name, fact.value
    versions = "  ".join(f"{one.name} {one.value}" for one in packages.details)
    yield packages.name, "  ".join(filter(None, [packages.value, versions]))


def sections(facts: Facts, waiting: Collection[str] = ()) -> Sections:
    """Words the facts.

    Args:
        waiting: fields of `facts` whose probe has not answered yet.
    """

    def told(probe: str, name: str, word: Callable[[str, Any], Fact]) -> Fact:
        if probe in facts.unknown:
            reason = _("unknown: {reason}").format(reason=facts.unknown[probe])
            return Fact(name, reason, "warning")
        return Fact(name, _("waiting")) if probe in waiting else word(name, getattr(facts, probe))

    def found_gpus(name: str, report: Any) -> Fact:
        return gpus.gpus(name, report, facts.tensorflow, facts.trials)

    tensorflow = told("tensorflow", _("TensorFlow"), software.tensorflow)
    started = told("tensorflow_import", _("import"), software.imported)
    driver = told("gpu", _("driver"), gpus.driver)
    files = told("devices", _("device files"), gpus.device_files)
    python = told("python", _("Python"), software.python)
    installed_by = told("installers", _("installed by"), software.installers)
    of_machine = (
        told("system", _("system"), machine.system),
        told("cpu", _("processor"), machine.processor),
        told("memory", _("memory"), machine.memory),
        told("workspace", _("workspace disk"), machine.disk),
        told("shared_memory", _("shared memory"), machine.disk),
    )
    around = (
        told("variables", _("variables"), surroundings.variables),
        told("network", _("network"), surroundings.network),
        told("locale", _("language"), surroundings.language),
        told("terminal", _("terminal"), surroundings.terminal),
        told("logout", _("logging out"), surroundings.logout),
    )
    return Sections(
        tensorflow=_below(tensorflow, started),
        driver=_below(driver, files),
        gpus=told("gpu", _("GPUs"), found_gpus),
        libraries=told("libraries", _("libraries"), software.libraries),
        packages=told("packages", _("packages"), software.packages),
        python=_below(python, installed_by),
        machine=Fact(_("machine"), facts.system.name if facts.system else "", "", of_machine, True),
        surroundings=Fact(_("around it"), "", "", around, True),
    )


def _below(fact: Fact, more: Fact) -> Fact:
    """Puts one more fact below another, which unfolds where that one is bad."""
    unfolded = fact.unfolded or more.severity == "error"
    return replace(fact, details=(*fact.details, more), unfolded=unfolded)
