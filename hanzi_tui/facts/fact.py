"""A line about the machine, and the words that all of them share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hanzi_tui.i18n import _
from hanzi_tui.signs import Signs

GIBIBYTE = 2**30


@dataclass(frozen=True)
class Fact:
    """A line about the machine; its texts may hold what came from outside.

    Args:
        severity: "error", "warning", "ok", or "" for a mere fact.
        details: what belongs below it.
        unfolded: whether the details are worth showing unasked.
    """

    name: str
    value: str = ""
    severity: str = ""
    details: tuple[Fact, ...] = ()
    unfolded: bool = False


def severity_sign(severity: str, signs: Signs) -> str:
    """Returns the sign of a finding or fact; "" for a mere fact."""
    return {"error": signs.failed, "warning": signs.warning, "ok": signs.done}.get(severity, "")


def known(told: Mapping[str, str | None]) -> Iterator[Fact]:
    """Yields a fact for each value that is known."""
    return (Fact(name, value) for name, value in told.items() if value)


def joined(*parts: str | None) -> str:
    """Returns the parts that there are as one line."""
    return ", ".join(filter(None, parts))


def yes_no(truth: bool | None) -> str:
    """Returns a truth in a word; "" for one that nobody told."""
    return "" if truth is None else _("yes") if truth else _("no")


def on_off(switch: bool | None) -> str:
    """Returns the state of a switch in a word; "" for one that nobody told."""
    return "" if switch is None else _("on") if switch else _("off")


def free_of(free_bytes: int, total_bytes: int) -> str:
    """Returns how much is free of what there is, such as "22.5 of 23.5 GiB free"."""
    return _("{free:.1f} of {total:.1f} GiB free").format(
        free=free_bytes / GIBIBYTE, total=total_bytes / GIBIBYTE
    )
