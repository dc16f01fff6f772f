"""Every recorded machine is told the one thing that is wrong with it, and no machine more."""

from __future__ import annotations

import pytest
from recorded_machines import NAMES, machine

from hanzi_tui.facts.verdict import verdict
from pipeline.environment.diagnose import Diagnosis, diagnose


def codes(diagnosis: Diagnosis, severity: str) -> list[str]:
    found = [one for one in diagnosis.findings if one.severity == severity]
    return [one.code.removeprefix("environment.") for one in found]


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_machine_is_told_its_root_cause_first(name: str) -> None:
    recorded = machine(name)
    diagnosis = diagnose(recorded.facts)
    assert codes(diagnosis, "error") == list(recorded.errors), recorded.about
    assert codes(diagnosis, "warning") == list(recorded.warnings), recorded.about
    assert diagnosis.verdict == f"environment.{recorded.verdict}"
    first = diagnosis.findings[0]
    if recorded.fix:
        assert first.fix == recorded.fix
    if first.severity != "ok":
        assert first.link or first.fix or first.why
        assert first.text in diagnosis.text or first.severity == "warning"


@pytest.mark.parametrize("name", NAMES)
def test_the_verdict_is_one_line_that_names_the_culprit(name: str) -> None:
    diagnosis = diagnose(machine(name).facts)
    told = verdict(diagnosis)
    assert "\n" not in told.name
    assert "{" not in told.name
    if diagnosis.cause is not None:
        assert diagnosis.cause.text in told.name
