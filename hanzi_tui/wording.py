"""Numbers, spans and states in words."""

from __future__ import annotations

from collections.abc import Mapping

from hanzi_tui.i18n import _
from pipeline.runs import Status


def doing(kind: str) -> str:
    """Returns what a job of this kind is doing, in the user's language."""
    words = {"prepare": _("preparing"), "train": _("training"), "evaluate": _("evaluating")}
    return words.get(kind, kind)


def status_word(status: Status) -> str:
    """Returns a run's status in the user's language."""
    return {
        Status.STARTING: _("starting"),
        Status.RUNNING: _("running"),
        Status.FINISHED: _("finished"),
        Status.STOPPED: _("stopped"),
        Status.FAILED: _("failed"),
        Status.INTERRUPTED: _("interrupted"),
    }[status]


def numbers(values: Mapping[str, float | None]) -> str:
    """Returns named numbers as one line; a value that was not finite shows as "nan"."""
    return "  ".join(f"{k} {'nan' if v is None else format(v, '.4g')}" for k, v in values.items())


def duration(seconds: float | None) -> str:
    """Returns a time span such as "45 s", "12 min" or "3 h 20 min"."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def size(count_bytes: float) -> str:
    """Returns a size such as "812 kB" or "1.3 GB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if count_bytes < 1000 or unit == "GB":
            return f"{count_bytes:.0f} {unit}" if unit == "B" else f"{count_bytes:.1f} {unit}"
        count_bytes /= 1000
    raise AssertionError
