"""What a check found: a code with its values, how bad it is, and the command that mends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pipeline.problems import word


@dataclass(frozen=True)
class Finding:
    """One statement about this machine.

    Args:
        code: key of `pipeline.problems.MESSAGES`.
        severity: "error" (it will not work), "warning" (it may not) or "ok".
        params: values of the message's fields; JSON types only.
        fix: a command to type as it is, or None where no one command mends it.
    """

    code: str
    severity: str
    params: dict[str, Any] = field(default_factory=dict)
    fix: str | None = None

    @property
    def text(self) -> str:
        """The finding in English."""
        return word(self.code, self.params)


def error(code: str, fix: str | None = None, **params: Any) -> Finding:
    """A finding that keeps something from working."""
    return Finding(f"environment.{code}", "error", params, fix)


def warning(code: str, fix: str | None = None, **params: Any) -> Finding:
    """A finding to look at."""
    return Finding(f"environment.{code}", "warning", params, fix)


def passed(code: str, **params: Any) -> Finding:
    """A check that found nothing wrong."""
    return Finding(f"environment.{code}", "ok", params)
