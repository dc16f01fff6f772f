"""What differs from a recipe, in words: the same on the command line and on the screen."""

from __future__ import annotations

from hanzi_tui.i18n import _
from pipeline.configuration import Configuration, toml_value
from pipeline.recipes import PICTURES, Difference, differences

SECTIONS = ("training", "augment", PICTURES)


def recipe_differences(configuration: Configuration) -> list[Difference]:
    """Returns what the settings in force have otherwise than the recipe they name."""
    settings = configuration.settings
    sections = {section: getattr(settings, section) for section in SECTIONS}
    return differences(settings.training.recipe, sections, configuration.origins)


def difference_text(difference: Difference) -> str:
    """Returns a difference as a line, such as "epochs 3 in place of 40 (command line)"."""
    key = difference.key
    if difference.section != "training":
        key = f"{difference.section}.{key}"
    text = _("{key} {value} in place of {wanted}").format(
        key=key, value=toml_value(difference.value), wanted=toml_value(difference.wanted)
    )
    return f"{text} ({difference.origin})" if difference.origin else text
