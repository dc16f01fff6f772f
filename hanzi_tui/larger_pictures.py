"""A dataset whose pictures are too small for a training, and how to prepare it anew."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.dataset.records import describe
from pipeline.problems import Problem
from pipeline.settings import DatasetSettings
from pipeline.workspace import Workspace

_KEPT = ("kind", "margin", "max_pixels", "max_file_mb", "label_file")


@dataclass(frozen=True)
class Offer:
    """How the same images become larger pictures in the same split.

    Args:
        source: what the dataset was made from.
        name: of the dataset to make.
        settings: to make it with.
    """

    source: Path
    name: str
    settings: DatasetSettings

    @property
    def command(self) -> str:
        """The command line that makes it."""
        typed = self.settings.model_dump(mode="json", exclude_unset=True)
        flags = [word for key, value in typed.items()
                 for word in (f"--{key.replace('_', '-')}", str(value))]  # fmt: skip
        words = ["hanzi-tui", "prepare", str(self.source), "--name", self.name, *flags]
        return shlex.join(words)


def larger_pictures(workspace: Workspace, dataset: str, wanted: DatasetSettings) -> Offer | None:
    """Returns how to make a dataset's pictures fit; None where they do.

    Larger ones, or colour where gray is wanted, fit: networks take what a dataset holds.

    Args:
        dataset: name of a prepared dataset.
        wanted: its size and channels are what is wanted.

    Raises:
        Problem: the dataset is damaged.
    """
    folder = workspace.require_dataset(dataset)
    described = describe(folder)
    has = described["normalizer"]
    if has["size_px"] >= wanted.size and has["channels"] >= wanted.channels:
        return None
    colour = "-rgb" if wanted.channels == 3 else ""
    return Offer(
        Path(described["origin"]["source"]),
        f"{dataset}-{wanted.size}{colour}",
        DatasetSettings(
            size=wanted.size, channels=wanted.channels, split_file=str(folder / "split.csv"),
            **_kept(described["origin"]),
        ),
    )  # fmt: skip


def require_pictures(workspace: Workspace, dataset: str, wanted: DatasetSettings) -> None:
    """Makes sure that a dataset's pictures are large enough.

    Raises:
        Problem: `recipe.pictures`, with the command that prepares larger ones.
    """
    offer = larger_pictures(workspace, dataset, wanted)
    if offer is not None:
        has = describe(workspace.dataset(dataset))["normalizer"]
        raise Problem(
            "recipe.pictures", dataset=dataset, size=has["size_px"], channels=has["channels"],
            size_wanted=wanted.size, channels_wanted=wanted.channels, command=offer.command,
        )  # fmt: skip


def _kept(origin: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what decided the pixels and the labels, where it was not the default."""
    usual = DatasetSettings()
    return {key: origin[key] for key in _KEPT
            if key in origin and origin[key] != getattr(usual, key)}  # fmt: skip
