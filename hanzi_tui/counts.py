"""Counts of things in the user's language: the noun takes the form that goes with its number."""

from __future__ import annotations

from hanzi_tui.i18n import ngettext


def images(count: int, form: str = "") -> str:
    """Returns a number of images in words, such as "1 image" or, formed by ",", "1,240 images"."""
    return ngettext("{count} image", "{count} images", count).format(count=format(count, form))


def classes(count: int, form: str = "") -> str:
    """Returns a number of classes in words, formed as in `images`."""
    return ngettext("{count} class", "{count} classes", count).format(count=format(count, form))


def epochs(count: int) -> str:
    """Returns a number of epochs in words."""
    return ngettext("{count} epoch", "{count} epochs", count).format(count=count)


def steps(count: int) -> str:
    """Returns a number of steps in words, such as "1,360 steps"."""
    return ngettext("{count:,} step", "{count:,} steps", count).format(count=count)
