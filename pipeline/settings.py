"""Every setting, declared once.

The declarations below feed validation, the command line's flags and help, the forms on screen and
the commented `settings.toml`. A key's unit is part of its declaration and shown with it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def setting(
    default: Any, description: str, *, unit: str = "", advanced: bool = False, **bounds: Any
) -> Any:
    """Declares one setting.

    Args:
        default: value when nobody sets it.
        description: one line, without a full stop.
        unit: of the value, such as "px"; shown behind the description.
        advanced: forms show it under "more".
        **bounds: pydantic constraints (`ge`, `le`, `gt`, `lt`, `pattern`).
    """
    shown = f"{description} [{unit}]" if unit else description
    extra: dict[str, Any] = {"unit": unit, "advanced": advanced}
    return Field(default, description=shown, json_schema_extra=extra, **bounds)


def _absolute(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path)) if path else ""


FilePath = Annotated[str, AfterValidator(_absolute)]
"""A file, "" for none; absolute, since jobs run in folders of their own."""


def _compilable(pattern: str) -> str:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return pattern


Pattern = Annotated[str, AfterValidator(_compilable)]
"""A regular expression, "" for none."""


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdecimal() else value


Channels = Annotated[Literal[1, 3], BeforeValidator(_number)]
"""One of two numbers, which flags and variables spell in digits."""


class Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, defer_build=True, protected_namespaces=()
    )


class GeneralSettings(Section):
    """Where things are kept and how they are shown."""

    workspace: Path = setting(Path("workspace"), "Folder of datasets, runs and models")
    language: Literal["auto", "en", "zh_CN"] = setting("auto", "Language of the texts")
    signs: Literal["auto", "unicode", "ascii"] = setting(
        "auto", "Signs and bars: auto takes ASCII where the locale is not UTF-8"
    )


class InterfaceSettings(Section):
    """How the dashboard looks and which keys it listens to."""

    theme: Literal["ink", "paper", "contrast", "ansi"] = setting(
        "ink", "Colours: dark, light, high contrast, or the terminal's own sixteen"
    )
    graphics: Literal["auto", "kitty", "sixel", "half", "off"] = setting(
        "auto", "How pictures are drawn; auto: half blocks, which every terminal has"
    )
    keys: dict[str, str] = setting(
        {}, 'Other keys for actions by their id, such as {"app.help" = "f10"}', advanced=True
    )


class DatasetSettings(Section):
    """How pictures become a prepared dataset."""

    kind: Literal["glyph", "photo"] = setting(
        "glyph", "glyph: ink on paper, cropped to the ink; photo: kept as it is"
    )
    size: int = setting(64, "Side of a packed image", unit="px", ge=16, le=512)
    channels: Channels = setting(1, "1: gray, 3: RGB")
    margin: float = setting(
        0.0625,
        "Empty border round a glyph",
        unit="fraction of the side",
        ge=0,
        le=0.4,
        advanced=True,
    )
    max_pixels: int = setting(
        50_000_000, "Larger pictures are rejected before they are decoded", unit="pixels",
        ge=1024, le=2_000_000_000, advanced=True,
    )  # fmt: skip
    validation: float = setting(
        0.10, "Share of each class for validation", unit="fraction", ge=0, le=0.5
    )
    test: float = setting(0.15, "Share of each class for the test", unit="fraction", ge=0, le=0.5)
    seed: int = setting(0, "Seed of the split", ge=0, le=2**31 - 1)
    group: Pattern = setting(
        "", "Images whose paths agree in this pattern share a split; /(w[0-9]+)_ finds writers",
        max_length=200,
    )  # fmt: skip
    near_duplicates: int = setting(
        4, "Pictures whose hashes differ in so few bits share a split, 0: not looked for",
        unit="of 64 bits", ge=0, le=8, advanced=True,
    )  # fmt: skip
    split_file: FilePath = setting(
        "", "Take the split from this split.csv of a prepared dataset", advanced=True
    )
    label_file: FilePath = setting(
        "", "Table of folder names and labels; empty: the one found beside numbered folders",
        advanced=True,
    )  # fmt: skip
    max_file_mb: int = setting(
        64, "Larger files are rejected before they are read", unit="MB", ge=1, le=1000,
        advanced=True,
    )  # fmt: skip
    processes: int = setting(
        0, "Processes that decode, 0: one per core", ge=0, le=256, advanced=True
    )


class AugmentSettings(Section):
    """Random distortions of the training images, drawn anew at each step.

    Each value is the most that may happen; 0 switches it off.
    """

    enabled: bool = setting(True, "Distort training images")
    rotation_deg: float = setting(8.0, "Turn, to either side", unit="degrees", ge=0, le=180)
    shift: float = setting(0.05, "Shift along each axis", unit="fraction of the side", ge=0, le=0.5)
    scale: float = setting(0.12, "Larger or smaller", unit="fraction", ge=0, lt=1)
    aspect: float = setting(0.12, "Wider or taller", unit="fraction", ge=0, lt=1)
    shear_deg: float = setting(8.0, "Slant of the upright strokes", unit="degrees", ge=0, lt=90)
    elastic: float = setting(
        0.06, "Bending moves a point this far", unit="fraction of the side", ge=0, le=0.12
    )
    stroke: float = setting(
        0.006, "Strokes thicker or thinner at each side", unit="fraction of the side", ge=0, le=0.05
    )
    contrast: float = setting(
        0.2, "More or less contrast", unit="fraction", ge=0, lt=1, advanced=True
    )
    brightness: float = setting(
        0.0, "Lighter or darker", unit="fraction of full scale", ge=0, lt=1, advanced=True
    )
    ink_noise: float = setting(
        0.0, "Gaps in the ink of glyphs, and specks beside it", unit="fraction of the ink",
        ge=0, le=0.5, advanced=True,
    )  # fmt: skip
    noise: float = setting(
        0.0, "Noise of photos, standard deviation", unit="fraction of full scale", ge=0, le=0.5,
        advanced=True,
    )  # fmt: skip
    erase: float = setting(
        0.0, "An erased rectangle", unit="fraction of the area", ge=0, le=0.5, advanced=True
    )
    mirror: bool = setting(
        False, "Mirror every other photo; only where no label turns into another, never glyphs",
        advanced=True,
    )  # fmt: skip


class TrainingSettings(Section):
    """How a network is trained."""

    model: Literal["hanzi_s", "cnn"] = setting("hanzi_s", "Network")
    epochs: int = setting(
        0, "Passes over the training images, 0: as many as make up `steps`", ge=0, le=100_000
    )
    steps: int = setting(
        1360, "Batches to train for when epochs is 0; 5 to 100 passes in any case", ge=1, le=10**9
    )
    batch_size: int = setting(64, "Images in one step, over all devices", ge=1, le=65_536)
    learning_rate: float = setting(2e-3, "Peak learning rate", gt=0, le=10)
    warmup: float = setting(
        0.05, "Share of the steps with a rising learning rate", unit="fraction", ge=0, le=0.9
    )
    weight_decay: float = setting(0.02, "Decoupled weight decay of AdamW", ge=0, le=1)
    label_smoothing: float = setting(
        0.1, "Probability given to the other classes", unit="fraction", ge=0, lt=1
    )
    dropout: float = setting(
        0.2, "Dropped units before the last layer", unit="fraction", ge=0, lt=1
    )
    seed: int = setting(0, "Seed of weights, order and distortions", ge=0, le=2**31 - 1)
    devices: str = setting(
        "auto",
        "auto: the GPU with the most free memory; cpu; or GPU numbers such as 0,2",
        pattern=r"^(auto|cpu|\d+(,\d+)*)$",
    )
    best: Literal["accuracy", "loss"] = setting(
        "loss", "Validation metric that decides which epoch becomes the model"
    )
    keep_every: int = setting(
        0, "Keep the checkpoint of every Nth epoch too, 0: only best and last two",
        unit="epochs", ge=0, le=100_000, advanced=True,
    )  # fmt: skip
    checkpoint_minutes: float = setting(
        10.0, "A checkpoint within an epoch after this long", unit="minutes", gt=0, le=1e6,
        advanced=True,
    )  # fmt: skip


class EvaluationSettings(Section):
    """How a model is judged."""

    split: Literal["train", "validation", "test"] = setting("test", "Images to judge by")
    batch_size: int = setting(256, "Images in one step", ge=1, le=65_536)
    runtime: Literal["auto", "litert", "keras"] = setting(
        "auto", "auto: Keras where there is a GPU, else LiteRT, which recognition runs"
    )
    pairs: int = setting(50, "Most-confused pairs to list", ge=1, le=100_000)


class RecognitionSettings(Section):
    """How characters are recognised."""

    model: str = setting("", "Name or folder of the model; empty: the newest in the workspace")
    top: int = setting(5, "Candidates for each image", ge=1, le=1000)
    threads: int = setting(0, "Threads, 0: one per core", ge=0, le=256, advanced=True)
    batch_size: int = setting(64, "Images in one step", ge=1, le=65_536, advanced=True)


class Settings(Section):
    """All sections; their names are the tables of `settings.toml`."""

    general: GeneralSettings = Field(default_factory=GeneralSettings)
    interface: InterfaceSettings = Field(default_factory=InterfaceSettings)
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
