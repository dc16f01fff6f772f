"""The settings of an evaluation."""

from __future__ import annotations

from typing import Literal

from pipeline.settings.declare import Pattern, Section, setting


class EvaluationSettings(Section):
    """How a model is judged."""

    split: Literal["train", "validation", "test", "all"] = setting("test", "Images to judge by")
    batch_size: int = setting(256, "Images in one step", ge=1, le=65_536)
    runtime: Literal["auto", "litert", "keras"] = setting(
        "auto", "auto: Keras where there is a GPU, else LiteRT, which recognition runs"
    )
    precision: Literal["auto", "float32", "int8"] = setting(
        "auto", "Which LiteRT file of a model to judge; auto: the one that recognition runs"
    )
    pairs: int = setting(50, "Most-confused pairs to list", ge=1, le=100_000)
    top: int = setting(10, "Largest k of the top-k accuracies", ge=1, le=1000)
    group: Pattern = setting(
        "", "Tell the accuracy by what this pattern finds in paths; empty: the dataset's groups",
        max_length=200,
    )  # fmt: skip
    bins: int = setting(15, "Bins of the calibration", ge=2, le=100, advanced=True)
