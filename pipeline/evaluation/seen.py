"""Whether a model has met the images that it is judged by."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.records import PreparedDataset
from pipeline.evaluation.judged import ALL, Judged
from pipeline.evaluation.model import JudgedModel
from pipeline.events import Report

_BLOCK = 1024


@dataclass(frozen=True)
class Seen:
    """How many of the judged images the model learned from, and how many chose its best epoch.

    `known` is False where its training data is not here, so that nobody can tell.
    """

    known: bool
    train: int = 0
    validation: int = 0


def seen_before(model: JudgedModel, judged: Judged, trained_on: PreparedDataset | None) -> Seen:
    """Compares what the model saw in training with what it is to see now, pixel by pixel.

    A split of the very dataset it was trained on needs no look: prepare keeps splits apart.

    Args:
        trained_on: the dataset of its training, None where that is gone.
    """
    if judged.name and judged.split != ALL and judged.content_hash == model.dataset_hash:
        count = len(judged.truth)
        return Seen(True, count if judged.split == "train" else 0,
                    count if judged.split == "validation" else 0)  # fmt: skip
    if trained_on is None:
        return Seen(False)
    ours = _digests(judged.images, len(judged.truth))
    # A blank image says nothing: all of them are alike.
    blank = _digests(lambda _start, _stop: np.zeros((1, *judged.shape[1:]), np.uint8), 1)
    counts = {}
    for name in ("train", "validation"):
        images = trained_on.split(name).images
        known = _digests(partial(_rows, images), len(images))
        counts[name] = int(np.isin(ours, np.setdiff1d(known, blank)).sum())
    return Seen(True, counts["train"], counts["validation"])


def warn(seen: Seen, judged: Judged, model: JudgedModel, report: Report) -> None:
    """Says in large letters what images that were met before make of the numbers."""
    count = len(judged.truth)
    if not seen.known:
        report.warn("evaluation.training_unknown", model=model.name, dataset=model.dataset or "?")
    if seen.train == count:
        report.warn("evaluation.trained_on")
    elif seen.train:
        report.warn("evaluation.partly_trained_on", count=seen.train, total=count)
    if seen.validation:
        report.warn("evaluation.chosen_by")


def training_images(
    labels: tuple[str, ...], trained_on: PreparedDataset | None
) -> NDArray[np.int64] | None:
    """Returns how many images of each label the model learned from, int64 `[C]`."""
    if trained_on is None:
        return None
    counts = np.bincount(trained_on.split("train").labels, minlength=len(trained_on.labels))
    of_label = dict(zip(trained_on.labels, counts.tolist(), strict=True))
    return np.array([of_label.get(label, 0) for label in labels], np.int64)


def _rows(images: NDArray[np.uint8], start: int, stop: int) -> NDArray[np.uint8]:
    return images[start:stop]


def _digests(images: Callable[[int, int], NDArray[np.uint8]], count: int) -> NDArray[np.uint64]:
    """Returns a hash of the pixels of each of `count` images, uint64 `[count]`."""
    hashes = (
        hashlib.blake2b(image.tobytes(), digest_size=8).digest()
        for start in range(0, count, _BLOCK)
        for image in images(start, min(start + _BLOCK, count))
    )
    return np.frombuffer(b"".join(hashes), np.uint64)
