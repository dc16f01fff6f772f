"""Numbers, spans and states in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hanzi_tui.i18n import _, worded
from pipeline.events import Event, Finished, Log, Metric, Progress, Resumed, Stopped
from pipeline.runs import Status

if TYPE_CHECKING:
    from pipeline.recognition.answers import Verdict


def doing(kind: str) -> str:
    """Returns what a job of this kind is doing, in the user's language."""
    words = {"prepare": _("preparing"), "train": _("training"), "evaluate": _("evaluating")}
    return words.get(kind, kind)


def job_word(kind: str) -> str:
    """Returns a kind of job in the user's language."""
    return {"prepare": _("prepare"), "train": _("train"), "evaluate": _("evaluate")}.get(kind, kind)


def stage_word(stage: str) -> str:
    """Returns a stage of any job in the user's language."""
    words = {
        "wait": _("waiting"), "list": _("listing"), "pack": _("packing"), "build": _("building"),
        "load": _("loading"), "train": _("training"), "evaluate": _("evaluating"),
        "export": _("exporting"), "write": _("writing"), "normalize": _("normalising"),
        "calibrate": _("calibrating"),
    }  # fmt: skip
    return words.get(stage, stage)


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


def told(event: Event) -> str:
    """Returns an event as a line of the log; "" for one that shows in other ways."""
    if isinstance(event, Metric) and event.scope == "epoch":
        return _("epoch {epoch}  ").format(epoch=event.epoch + 1) + numbers(event.values)
    if isinstance(event, Log):
        return worded(event.code, event.params, event.text)
    if isinstance(event, Resumed):
        text = _("resumed at epoch {epoch}, step {step}")
        return text.format(epoch=event.epoch + 1, step=event.step)
    if isinstance(event, Stopped):
        return _("stopped, as asked")
    return _("done") if isinstance(event, Finished) else ""


def numbers(values: Mapping[str, float | None]) -> str:
    """Returns named numbers as one line; a value that was not finite shows as "nan"."""
    return "  ".join(f"{k} {'nan' if v is None else measured(v)}" for k, v in values.items())


def amount(progress: Progress) -> str:
    """Returns how much of a stage is done, such as "163/300 steps"."""
    units = {"images": _("images"), "steps": _("steps")}
    return f"{progress.done}/{progress.total} {units.get(progress.unit, progress.unit)}"


def pace(progress: Progress) -> str:
    """Returns rate and time left, such as "91.5/s  ETA 6 min 2 s"; "" while nobody knows."""
    if progress.rate is None:
        return ""
    rate = f"{progress.rate:.3g}/s" if progress.rate < 1000 else f"{progress.rate:.0f}/s"
    return f"{rate}  ETA {duration(progress.eta_s)}" if progress.eta_s else rate


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


def measured(value: float) -> str:
    """Returns a metric with four decimals, or as a power of ten where those would say nothing."""
    return f"{value:.4f}" if not value or 1e-3 <= abs(value) < 1e4 else f"{value:.1e}"


def doubt(verdict: Verdict) -> str:
    """Returns why an answer is not to be trusted; "" where it is."""
    return {
        "unsure": _("not sure"),
        "blank": _("no ink"),
        "not_character": _("not a character"),
    }.get(verdict, "")


def probability(share: float) -> str:
    """Returns a probability, 0 to 1, with three decimals."""
    return f"{share:.3f}"
