"""`hanzi-tui check`: is this machine fit to train, and if not, what mends it."""

from __future__ import annotations

from dataclasses import asdict

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, context
from hanzi_tui.facts import rows, severity_sign, verdict
from hanzi_tui.i18n import printable, worded
from hanzi_tui.signs import Signs
from pipeline.environment.diagnose import Diagnosis, diagnose
from pipeline.environment.probes import Facts, gather


def check(*, common: CommonOptions = Common()) -> int:
    """Check GPU, driver, CUDA, TensorFlow and packages; exit code 1 when training cannot work."""
    given = context(common)
    facts = gather(given.workspace.root)
    diagnosis = diagnose(facts)
    if given.json:
        console.print_json({
            "verdict": diagnosis.verdict,
            "text": diagnosis.text,
            "findings": [asdict(found) | {"text": found.text} for found in diagnosis.findings],
            "facts": asdict(facts),
        })  # fmt: skip
    else:
        _print(diagnosis, facts, given.signs)
    return 1 if diagnosis.verdict == "environment.not_ready" else 0


def _print(diagnosis: Diagnosis, facts: Facts, signs: Signs) -> None:
    told = verdict(diagnosis)
    print(f"{severity_sign(told.severity, signs)} {told.name}")
    if told.value:
        print(f"  {told.value}")
    print()
    for finding in diagnosis.findings:
        sign = severity_sign(finding.severity, signs)
        print(f"{sign} {worded(finding.code, finding.params)}")
        if finding.fix:
            print(f"    {printable(finding.fix)}")
    print()
    for name, value in rows(facts):
        print(f"{printable(name):14} {printable(value)}")
