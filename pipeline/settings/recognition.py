"""The settings of recognition."""

from __future__ import annotations

from pipeline.settings.declare import Section, setting


class RecognitionSettings(Section):
    """How characters are recognised."""

    model: str = setting("", "Name or folder of the model; empty: the newest in the workspace")
    top: int = setting(5, "Candidates for each image", ge=1, le=1000)
    threads: int = setting(0, "Threads, 0: one per core", ge=0, le=256, advanced=True)
    batch_size: int = setting(64, "Images in one step", ge=1, le=65_536, advanced=True)
