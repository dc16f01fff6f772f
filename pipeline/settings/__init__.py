"""Every setting, declared once: a room a section.

The declarations feed validation, the command line's flags and help, the forms on screen and the
commented `settings.toml`. A key's unit is part of its declaration and shown with it.
"""

from __future__ import annotations

from typing import get_origin

from pydantic import Field

from pipeline.settings.augment import AugmentSettings
from pipeline.settings.dataset import DatasetSettings
from pipeline.settings.declare import Section
from pipeline.settings.evaluation import EvaluationSettings
from pipeline.settings.program import GeneralSettings, InterfaceSettings, NotifySettings
from pipeline.settings.recognition import RecognitionSettings
from pipeline.settings.training import TrainingSettings

__all__ = [
    "AugmentSettings", "DatasetSettings", "EvaluationSettings", "GeneralSettings",
    "InterfaceSettings", "NotifySettings", "RecognitionSettings", "Section", "Settings",
    "TrainingSettings", "allowed", "sections",
]  # fmt: skip


class Settings(Section):
    """All sections; their names are the tables of `settings.toml`."""

    general: GeneralSettings = Field(default_factory=GeneralSettings)
    interface: InterfaceSettings = Field(default_factory=InterfaceSettings)
    notify: NotifySettings = Field(default_factory=NotifySettings)
    dataset: DatasetSettings = Field(default_factory=DatasetSettings)
    augment: AugmentSettings = Field(default_factory=AugmentSettings)
    training: TrainingSettings = Field(default_factory=TrainingSettings)
    evaluation: EvaluationSettings = Field(default_factory=EvaluationSettings)
    recognition: RecognitionSettings = Field(default_factory=RecognitionSettings)


def sections() -> dict[str, type[Section]]:
    """Returns section name → its model, in the order of the file."""
    return {name: field.annotation for name, field in Settings.model_fields.items()}  # type: ignore[misc]


def allowed(section: str, key: str) -> str:
    """Returns in words what values a key takes, such as "int, 1 to 1000" or "auto, en"."""
    field = sections()[section].model_fields[key]
    if get_origin(field.annotation) is dict:
        return "a table of texts"
    choices = getattr(field.annotation, "__args__", None)
    if choices:
        return ", ".join(str(choice) for choice in choices)
    kind = {"Path": "a path", "str": "a text", "bool": "true or false", "int": "a whole number",
            "float": "a number"}[getattr(field.annotation, "__name__", "str")]  # fmt: skip
    limits = {name: getattr(m, name) for m in field.metadata for name in ("ge", "gt", "le", "lt")
              if getattr(m, name, None) is not None}  # fmt: skip
    if section == "dataset" and key == "group":
        return "a regular expression"
    if section == "training" and key == "devices":
        return "auto, cpu, or GPU numbers such as 0,2"
    low = (
        f"from {limits['ge']}"
        if "ge" in limits
        else f"above {limits['gt']}"
        if "gt" in limits
        else ""
    )
    high = (
        f"to {limits['le']}"
        if "le" in limits
        else f"below {limits['lt']}"
        if "lt" in limits
        else ""
    )
    return ", ".join([kind, " ".join(part for part in (low, high) if part)]).rstrip(", ")
