"""What people do with folders and Pillow: split by copying files, distort copies, check classes.

This is the flow of tutorials, done right: shares that add up, only training images distorted,
shifts that differ, a scale that shows, no image in two splits.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image, ImageEnhance

THREADS = 8
SHARES = {"train": 0.75, "val": 0.10, "test": 0.15}


def split_and_augment(source: Path, target: Path, copies: int) -> list[str]:
    """Copies label folders into `train`, `val` and `test`, and distorts the training images.

    Args:
        source: folder of label folders.
        target: folder to make.
        copies: distorted copies of each training image.

    Returns:
        The labels without a test image.
    """
    labels = sorted(entry.name for entry in source.iterdir() if entry.is_dir())
    generator = random.Random(0)
    tasks = []
    for label in labels:
        names = sorted(os.listdir(source / label))
        generator.shuffle(names)
        for split, members in _shared(names).items():
            folder = target / split / label
            folder.mkdir(parents=True)
            tasks += [(source / label / name, folder / name) for name in members]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda task: shutil.copy2(*task), tasks))
        if copies:
            training = [copy for _original, copy in tasks if copy.parts[-3] == "train"]
            seeds = range(len(training))
            list(pool.map(lambda path, seed: _augment(path, copies, seed), training, seeds))
    return [label for label in labels if not any((target / "test" / label).iterdir())]


def _shared(names: Sequence[str]) -> dict[str, Sequence[str]]:
    tested = max(1, round(len(names) * SHARES["test"])) if len(names) >= 2 else 0
    validated = max(1, round(len(names) * SHARES["val"])) if len(names) >= 3 else 0
    return {
        "test": names[:tested],
        "val": names[tested : tested + validated],
        "train": names[tested + validated :],
    }


def _augment(path: Path, copies: int, seed: int) -> None:
    generator = random.Random(seed)
    with Image.open(path) as opened:
        picture = opened.convert("L")
    paper = 255
    for number in range(copies):
        turned = picture.rotate(generator.uniform(-15, 15), Image.Resampling.BILINEAR,
                                fillcolor=paper)  # fmt: skip
        scale = generator.uniform(0.9, 1.1)
        shift = [generator.randint(-5, 5) for _axis in "xy"]
        middle = [length / 2 for length in picture.size]
        moved = [at - at / scale + by for at, by in zip(middle, shift, strict=True)]
        placed = turned.transform(
            picture.size, Image.Transform.AFFINE, (1 / scale, 0, moved[0], 0, 1 / scale, moved[1]),
            Image.Resampling.BILINEAR, fillcolor=paper,
        )  # fmt: skip
        contrasted = ImageEnhance.Contrast(placed).enhance(generator.uniform(0.8, 1.2))
        lit = ImageEnhance.Brightness(contrasted).enhance(generator.uniform(0.8, 1.2))
        lit.save(path.with_name(f"{path.stem}_aug_{number}.png"))
