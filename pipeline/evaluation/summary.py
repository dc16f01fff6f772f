"""The figures that evaluation.json holds, from what an evaluation found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation import figures
from pipeline.evaluation.answers import Temperatures
from pipeline.evaluation.confusion import Pair
from pipeline.evaluation.tables import Found

TOP = 5


def summary(
    found: Found, temperatures: Temperatures, pairs: Sequence[Pair], *, top: int, bins: int
) -> dict[str, Any]:
    """Returns all figures, in JSON types.

    Args:
        found: by the evaluation.
        temperatures: that its answers were judged by.
        pairs: the most-confused ones.
        top: largest k of the top-k accuracies.
        bins: of the calibration.
    """
    right = np.asarray(found.answers["truth"] == found.answers["guess"])
    unknown = np.isin(found.answers["truth"], [found.labels.index(x) for x in found.unknown])
    trained, groups = found.training_images, found.groups
    return {
        **_headline(found, right, ~unknown, top),
        "unknown": {"labels": list(found.unknown), "images": int(unknown.sum())},
        "calibration": _calibration(found, right, ~unknown, temperatures, bins),
        "coverage": figures.coverage(found.answers["probability"], right),
        "sizes": None if trained is None else figures.by_size(found.confusion, trained),
        "groups": figures.by_group(right, found.answers["group"], groups) if groups else [],
        "pairs": [_pair(pair, found.labels) for pair in pairs],
    }


def _headline(
    found: Found, right: NDArray[np.bool_], known: NDArray[np.bool_], top: int
) -> dict[str, Any]:
    rank = found.answers["rank"]
    low, high = figures.wilson(int(right.sum()), len(rank))
    macro = figures.macro(found.confusion)
    return {
        "images": len(rank),
        "classes": int(np.count_nonzero(found.confusion.images())),
        "top_1": float(right.mean()), "top_1_low": float(low), "top_1_high": float(high),
        "top_5": float(np.mean(rank < TOP)),
        "top": {str(k): float(np.mean(rank < k)) for k in sorted({1, TOP, top})},
        "mean_recall": macro.recall,
        "macro": asdict(macro), "micro": asdict(figures.micro(found.confusion)),
        "loss": _mean(found.answers["loss"], known),
    }  # fmt: skip


def _calibration(
    found: Found,
    right: NDArray[np.bool_],
    known: NDArray[np.bool_],
    temperatures: Temperatures,
    bins: int,
) -> dict[str, Any]:
    """Returns how honest the probabilities are, and what the fitted temperature changes."""
    before = figures.reliability(found.answers["probability"], right, bins)
    after = figures.reliability(found.answers["calibrated"], right, bins)
    fitted = None
    if temperatures.fitted is not None:
        fitted = {"temperature": temperatures.fitted, "dataset": temperatures.dataset,
                  "split": "validation", "ece": figures.expected_error(after),
                  "loss": _mean(found.answers["calibrated_loss"], known)}  # fmt: skip
    rows = [
        {**row, **{f"{key}_calibrated": then[key] for key in ("images", "confidence", "accuracy")}}
        for row, then in zip(before, after, strict=True)
    ]
    return {"ece": figures.expected_error(before), "temperature_of_model": temperatures.own,
            "fitted": fitted, "bins": rows}  # fmt: skip


def _mean(loss: NDArray[np.float32], known: NDArray[np.bool_]) -> float:
    """Returns the mean over images of classes that the model knows."""
    return float(loss[known].mean(dtype=np.float64))


def _pair(pair: Pair, labels: Sequence[str]) -> dict[str, Any]:
    return {"first": labels[pair.first], "second": labels[pair.second],
            "first_as_second": pair.first_as_second, "second_as_first": pair.second_as_first,
            "total": pair.total, "rate": pair.rate}  # fmt: skip
