"""What there is to say of a run in one row, the same on screen and on the command line."""

from __future__ import annotations

import time
from typing import Any

from msgspec.structs import asdict

from hanzi_tui import counts
from hanzi_tui.i18n import _, printable
from pipeline import jobs
from pipeline.problems import Problem
from pipeline.runs import Run


def facts(run: Run) -> dict[str, Any]:
    """Returns what is known of a run, in JSON types; sizes in bytes, times in seconds."""
    epoch = run.last_epoch()
    done = run.finished()
    ended = run.ended_s()
    return {
        "run": run.id,
        "status": run.status().value,
        **_about(run, done.summary if done else {}),
        "began": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.began_s())),
        "seconds": round(ended - run.began_s(), 1) if ended else None,
        "size": run.size_bytes(),
        "note": run.note(),
        "epoch": asdict(epoch) if epoch else None,
        "summary": done.summary if done else None,
    }


def result(known: dict[str, Any]) -> str:
    """Returns the one number that says how a run went."""
    summary, epoch = known["summary"] or {}, known["epoch"]
    if "top_1" in summary:
        return f"top-1 {summary['top_1']:.2%}"
    if "counts" in summary:
        return counts.images(sum(summary["counts"].values()))
    if "metrics" in summary:
        best, metrics = summary["best_epoch"], summary["metrics"]
        return _("best epoch {epoch}: {accuracy}").format(epoch=best, accuracy=_accuracy(metrics))
    if epoch:
        accuracy = _accuracy(epoch["values"])
        return _("epoch {epoch}: {accuracy}").format(epoch=epoch["epoch"] + 1, accuracy=accuracy)
    return ""


def _accuracy(values: dict[str, Any]) -> str:
    accuracy = values.get("val_accuracy", values.get("accuracy"))
    return "nan" if accuracy is None else f"{accuracy:.4f}"


def _about(run: Run, summary: dict[str, Any]) -> dict[str, str]:
    try:
        job = jobs.read_job(run)
    except Problem:
        return {"kind": "?", "about": _("job.toml cannot be read")}
    if isinstance(job, jobs.PrepareJob):
        return {"kind": job.kind, "about": job.name}
    if isinstance(job, jobs.TrainJob):
        return {"kind": job.kind, "about": f"{job.dataset} {job.training.model}"}
    # What the job leaves open, its result names.
    model = summary.get("model") or job.run or job.model
    what = f"{summary.get('dataset') or job.dataset}/{job.evaluation.split}"
    if job.source is not None:
        what = printable(job.source.name)
    return {"kind": job.kind, "about": f"{model} {what}".strip()}
