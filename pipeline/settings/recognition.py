"""The settings of recognition."""

from __future__ import annotations

from typing import Literal

from pipeline.settings.declare import Section, setting


class RecognitionSettings(Section):
    """How characters are recognised."""

    model: str = setting(
        "", "Name or folder of the model; empty: the newest in the workspace, or the starter"
    )
    top: int = setting(5, "Candidates for each image", ge=1, le=1000)
    min_confidence: float = setting(
        0.5, "Probability below which an answer is marked as not sure", ge=0, le=1
    )
    reading: Literal["auto", "columns", "rows"] = setting(
        "auto", "Lines of a page: columns from right to left, or rows; auto finds out"
    )
    threads: int = setting(0, "Threads, 0: one per core", ge=0, le=256, advanced=True)
    batch_size: int = setting(64, "Images in one step", ge=1, le=65_536, advanced=True)
    precision: Literal["auto", "float32", "int8"] = setting(
        "auto", "Numbers of the network; auto: int8 where the model has it", advanced=True
    )
