"""The prepared dataset as it is read: labels, packed images and where each came from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.split import SPLITS
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem

FORMAT_VERSION = 1


@dataclass(frozen=True)
class Split:
    """Images uint8 `[N, S, S, C]` (a memmap) and their labels int32 `[N]`."""

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int32]


@dataclass(frozen=True)
class PreparedDataset:
    """A folder written by `prepare`."""

    path: Path
    labels: tuple[str, ...]
    spec: NormalizerSpec
    content_hash: str
    counts: dict[str, int]

    @property
    def name(self) -> str:
        return self.path.name

    def split(self, name: str) -> Split:
        """Opens one split.

        Raises:
            Problem: `dataset.damaged` when the arrays do not fit the description.
        """
        try:
            images = np.load(self.path / f"{name}.images.npy", mmap_mode="r", allow_pickle=False)
            labels = np.load(self.path / f"{name}.labels.npy", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise Problem("dataset.damaged", path=str(self.path), detail=str(error)) from error
        shape = (self.counts[name], self.spec.size_px, self.spec.size_px, self.spec.channels)
        fits = images.shape == shape and labels.shape == shape[:1]
        if not fits or (len(labels) and not 0 <= labels.min() <= labels.max() < len(self.labels)):
            detail = f"the {name} arrays do not fit dataset.json"
            raise Problem("dataset.damaged", path=str(self.path), detail=detail)
        return Split(name, images, labels)

    def require_split(self, name: str) -> Split:
        """Opens one split that must hold images.

        Raises:
            Problem: `dataset.no_split` when it holds none.
        """
        if not self.counts[name]:
            raise Problem("dataset.no_split", name=self.name, split=name)
        return self.split(name)

    def sources(self, name: str) -> list[dict[str, Any]]:
        """Returns where each image of a split came from: `path`, `label`."""
        return list(self.origins(name))

    def origins(self, name: str) -> Iterator[dict[str, Any]]:
        """Yields what `sources` returns, one after the other: a million need no memory."""
        path = self.path / f"{name}.sources.jsonl"
        with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
            for line in lines:
                yield json.loads(line)


def open_dataset(path: Path) -> PreparedDataset:
    """Opens a prepared dataset.

    Raises:
        Problem: `dataset.damaged` or `dataset.version`.
    """
    described = describe(path)
    labels = tuple((path / "labels.txt").read_text("utf-8").split("\n")[:-1])
    if len(labels) != described["classes"]:
        detail = f"labels.txt has {len(labels)} lines for {described['classes']} classes"
        raise Problem("dataset.damaged", path=str(path), detail=detail)
    return PreparedDataset(
        path=path,
        labels=labels,
        spec=NormalizerSpec.from_dict(described["normalizer"]),
        content_hash=described["content_hash"],
        counts={name: described["counts"][name] for name in SPLITS},
    )


def describe(path: Path) -> dict[str, Any]:
    """Returns the content of dataset.json.

    Raises:
        Problem: `dataset.damaged` or `dataset.version`.
    """
    try:
        described: dict[str, Any] = json.loads(
            (path / "dataset.json").read_text("utf-8", "surrogateescape")
        )
        version = described["format_version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem("dataset.damaged", path=str(path), detail=str(error)) from error
    if version != FORMAT_VERSION:
        raise Problem("dataset.version", path=str(path), found=version, known=FORMAT_VERSION)
    return described
