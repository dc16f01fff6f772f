"""A few validation images with truth and guess, as a training leaves them after each epoch."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.files import write_bytes

FILE = "samples.npz"


@dataclass(frozen=True)
class SampleSheet:
    """N images and what the network took them for.

    Args:
        epoch: counted from 1, the one that ended before.
        images: uint8 `[N, S, S, C]`.
        truths: label of each image.
        guesses: label the network finds most probable.
        probabilities: of the guesses, float32 `[N]`, 0 to 1.
    """

    epoch: int
    images: NDArray[np.uint8]
    truths: tuple[str, ...]
    guesses: tuple[str, ...]
    probabilities: NDArray[np.float32]

    @property
    def right(self) -> int:
        """How many guesses are true."""
        return sum(map(str.__eq__, self.truths, self.guesses))


def write(path: Path, sheet: SampleSheet) -> None:
    """Writes a sheet as an `.npz` without pickle; it appears whole."""
    arrays: dict[str, Any] = {
        "epoch": np.array(sheet.epoch),
        "images": sheet.images,
        "truths": np.array(sheet.truths, dtype=np.str_),
        "guesses": np.array(sheet.guesses, dtype=np.str_),
        "probabilities": sheet.probabilities,
    }
    content = io.BytesIO()
    np.savez(content, **arrays)
    write_bytes(path, content.getvalue())


def read(path: Path) -> SampleSheet | None:
    """Returns the sheet in a file; None when there is none, or what is there is something else."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            sheet = SampleSheet(
                int(stored["epoch"]), stored["images"], tuple(stored["truths"].tolist()),
                tuple(stored["guesses"].tolist()), stored["probabilities"],
            )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None
    count = len(sheet.truths)
    whole = sheet.images.dtype == np.uint8 and sheet.images.ndim == 4
    lengths = {len(sheet.images), len(sheet.guesses), len(sheet.probabilities)}
    return sheet if whole and lengths == {count} else None
