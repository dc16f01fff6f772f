"""What a check found: a code with its values, how bad it is, and the command that mends it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.environment.links import LINKS
from pipeline.problems import MESSAGES, word


@dataclass(frozen=True)
class Finding:
    """One statement about this machine.

    Args:
        code: key of `pipeline.problems.MESSAGES`, a sentence on what was found; the key
            `CODE.why`, where there is one, says why that matters and what else helps.
        severity: "error" (it will not work), "warning" (it may not) or "ok".
        params: values of both messages' fields; JSON types only.
        fix: a command to type as it is, or None where no one command mends it.
    """

    code: str
    severity: str
    params: dict[str, Any] = field(default_factory=dict)
    fix: str | None = None

    @property
    def text(self) -> str:
        """What was found, in English."""
        return word(self.code, self.params)

    @property
    def why(self) -> str:
        """Why it matters, in English; "" for what explains itself."""
        code = f"{self.code}.why"
        return word(code, self.params) if code in MESSAGES else ""

    @property
    def link(self) -> str | None:
        """A page on this, or None."""
        return LINKS.get(self.code.removeprefix("environment."))

    def record(self) -> dict[str, Any]:
        """All of it as JSON types, in English."""
        return asdict(self) | {"text": self.text, "why": self.why, "link": self.link}


def error(code: str, fix: str | None = None, **params: Any) -> Finding:
    """A finding that keeps something from working."""
    return Finding(f"environment.{code}", "error", params, fix)


def warning(code: str, fix: str | None = None, **params: Any) -> Finding:
    """A finding to look at."""
    return Finding(f"environment.{code}", "warning", params, fix)


def passed(code: str, **params: Any) -> Finding:
    """A check that found nothing wrong."""
    return Finding(f"environment.{code}", "ok", params)
