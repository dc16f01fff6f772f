"""Everything an evaluation found, as JSON and as the tables it has written."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from hanzi_tui.report.findings import Findings
from pipeline.evaluation import tables
from pipeline.problems import Problem

TABLES = (tables.CLASSES, tables.CONFUSION, tables.PAIRS, tables.PREDICTIONS, tables.GROUPS,
          tables.SIZES, tables.CALIBRATION, tables.COVERAGE)  # fmt: skip


def everything(findings: Findings) -> bytes:
    """Returns all of an evaluation as JSON.

    The keys of evaluation.json, and `labels`; `class_rows`; `confusion`, rows of truth, guess and
    count by line of the labels; `orders` of classes; `predictions` with the path of each image;
    `epochs` of the training. What is not a number is null.
    """
    results, cells = findings.results, findings.results.confusion
    whole = {
        "run": results.path.name,
        **findings.summary,
        "versions": findings.versions,
        "labels": results.labels,
        "class_rows": results.classes,
        "confusion": np.stack([cells.truth, cells.guess, cells.count], 1).tolist(),
        "orders": {name: order.tolist() for name, order in results.orders.items()},
        "predictions": _predictions(findings),
        "training": findings.training.id if findings.training else None,
        "epochs": [{"epoch": metric.epoch + 1, "step": metric.step, **metric.values}
                   for metric in (findings.curves.epochs if findings.curves else ())],
    }  # fmt: skip
    text = json.dumps(_sound(whole), ensure_ascii=False, allow_nan=False)
    # A name that is not UTF-8 holds lone surrogates, which JSON knows as escapes only.
    return (text + "\n").encode("utf-8", "backslashreplace")


def table(findings: Findings, name: str) -> bytes:
    """Returns a table of the evaluation as it was written, CSV.

    Raises:
        Problem: `report.no_table`.
    """
    folder = findings.results.path
    if name not in (written := tables_in(folder)):
        raise Problem("report.no_table", name=name, there=", ".join(written))
    return (folder / name).read_bytes()


def tables_in(folder: Path) -> list[str]:
    """Returns the names of the tables in a run's folder; earlier versions wrote fewer."""
    return [name for name in TABLES if (folder / name).is_file()]


def _predictions(findings: Findings) -> list[dict[str, Any]]:
    results = findings.results
    names = results.answers.dtype.names or ()
    columns = {name: results.answers[name].tolist() for name in names}
    rows = zip(results.paths, *columns.values(), strict=True)
    return [{"path": path, **dict(zip(columns, row, strict=True))}
            for path, *row in rows]  # fmt: skip


def _sound(value: Any) -> Any:
    """Returns a value of JSON with null for each number that is none."""
    if isinstance(value, dict):
        return {key: _sound(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_sound(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
