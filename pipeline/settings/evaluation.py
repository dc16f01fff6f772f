"""The settings of an evaluation."""

from __future__ import annotations

from typing import Literal

from pipeline.settings.declare import Section, setting


class EvaluationSettings(Section):
    """How a model is judged."""

    split: Literal["train", "validation", "test"] = setting("test", "Images to judge by")
    batch_size: int = setting(256, "Images in one step", ge=1, le=65_536)
    runtime: Literal["auto", "litert", "keras"] = setting(
        "auto", "auto: Keras where there is a GPU, else LiteRT, which recognition runs"
    )
    pairs: int = setting(50, "Most-confused pairs to list", ge=1, le=100_000)
