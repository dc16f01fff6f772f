"""What differs from a recipe, in words: the same on the command line and on the screen."""

from __future__ import annotations

from hanzi_tui.i18n import _
from pipeline.configuration import Configuration, toml_value
from pipeline.recipes import PICTURES, RECIPES, Difference, differences
from pipeline.settings import AugmentSettings, TrainingSettings

SECTIONS = ("training", "augment", PICTURES)
NOTED = ("model", "weights", "batch_size", "epochs", "logit_adjustment")


def recipe_differences(configuration: Configuration) -> list[Difference]:
    """Returns what the settings in force have otherwise than the recipe they name."""
    settings = configuration.settings
    sections = {section: getattr(settings, section) for section in SECTIONS}
    return differences(settings.training.recipe, sections, configuration.origins)


def form_differences(
    filled_from: Configuration, training: TrainingSettings, augment: AugmentSettings
) -> list[Difference]:
    """Returns what a form has otherwise than its recipe.

    Args:
        filled_from: what stood in the form at first.
        training, augment: as they stand in it now.
    """
    settings = filled_from.settings
    sections = {"training": training, "augment": augment, PICTURES: settings.dataset}
    here = {f"{section}.{key}": _("changed here")
            for section, values in sections.items() for key in type(values).model_fields
            if getattr(values, key) != getattr(getattr(settings, section), key)}  # fmt: skip
    return differences(training.recipe, sections, {**filled_from.origins, **here})


def recipe_note(name: str) -> str:
    """Returns the main values of a recipe, such as "model cnn, epochs 40, 160x160x3"."""
    recipe = RECIPES[name]
    training, pictures = recipe.get("training", {}), recipe.get(PICTURES)
    parts = [f"{_(key.replace('_', ' '))} {training[key]}" for key in NOTED if key in training]
    if pictures:
        parts.append(f"{pictures['size']}x{pictures['size']}x{pictures['channels']}")
    return ", ".join(parts) or _("the defaults")


def difference_text(difference: Difference) -> str:
    """Returns a difference as a line, such as "epochs 3 in place of 40 (command line)"."""
    key = difference.key
    if difference.section != "training":
        key = f"{difference.section}.{key}"
    text = _("{key} {value} in place of {wanted}").format(
        key=key, value=toml_value(difference.value), wanted=toml_value(difference.wanted)
    )
    return f"{text} ({difference.origin})" if difference.origin else text
