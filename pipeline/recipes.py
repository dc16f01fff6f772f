"""Named recipes: values for the settings that nobody has set, and what was made of them.

`classic-cnn` and `classic-resnet50` are the scripts that people arrive with, setting by setting.
Two things are ours in both: pictures go through the normaliser, and characters are never mirrored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.settings import Section

Values = Mapping[str, Mapping[str, Any]]

DEFAULT = "default"
PICTURES = "dataset"
"""The section by which a recipe says what pictures it wants."""

_SCRIPTS = {"optimizer": "sgd", "learning_rate": 0.01, "warmup": 0.0, "weight_decay": 0.0,
            "label_smoothing": 0.0}  # fmt: skip

RECIPES: Mapping[str, Values] = {
    DEFAULT: {},
    "classic-cnn": {
        "training": {**_SCRIPTS, "model": "cnn", "momentum": 0.0, "schedule": "constant",
                     "batch_size": 32, "epochs": 40, "dropout": 0.0},
        "augment": {"enabled": False},
        PICTURES: {"size": 160, "channels": 3},
    },
    "classic-resnet50": {
        "training": {**_SCRIPTS, "model": "resnet50", "weights": "imagenet", "momentum": 0.9,
                     "schedule": "staircase", "decay_rate": 0.9, "decay_steps": 10_000,
                     "batch_size": 64, "epochs": 15, "dropout": 0.5, "best": "loss",
                     "patience": 10, "precision": "auto"},
        # Keras's RandomRotation(0.1) turns by a tenth of a circle to either side.
        "augment": {"rotation_deg": 36.0, "shift": 0.0, "scale": 0.0, "aspect": 0.0,
                    "shear_deg": 0.0, "elastic": 0.0, "stroke": 0.0, "contrast": 0.0},
        PICTURES: {"size": 128, "channels": 3},
    },
    "long-tail": {"training": {"logit_adjustment": 1.0}},
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """A setting whose value is not the recipe's.

    Args:
        section, key: the setting.
        wanted: value of the recipe, or the default where it names none.
        value: in force.
        origin: where that comes from, "" where nobody said.
    """

    section: str
    key: str
    wanted: Any
    value: Any
    origin: str = ""


def wants_pictures(recipe: str) -> bool:
    """Says whether a recipe wants pictures of a certain size."""
    return PICTURES in RECIPES[recipe]


def differences(
    recipe: str, sections: Mapping[str, Section], origins: Mapping[str, str] | None = None
) -> list[Difference]:
    """Returns what differs from a recipe, in the order of the settings.

    Args:
        recipe: its name.
        sections: section name → values in force: training, augment, and dataset for its pictures,
            of which only what the recipe names is looked at.
        origins: "section.key" → where the value comes from.
    """
    found = []
    for section, values in sections.items():
        named = RECIPES[recipe].get(section, {})
        for key, info in type(values).model_fields.items():
            if key == "recipe" or (section == PICTURES and key not in named):
                continue
            wanted, value = named.get(key, info.default), getattr(values, key)
            if value != wanted:
                origin = (origins or {}).get(f"{section}.{key}", "")
                found.append(Difference(section, key, wanted, value, origin))
    return found
