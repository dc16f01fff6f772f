"""The settings of a prepared dataset."""

from __future__ import annotations

from typing import Literal

from pipeline.settings.declare import Channels, FilePath, Pattern, Section, setting


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
    review_file: FilePath = setting(
        "", "List of images to leave out or to relabel, as the evaluation room writes it",
        advanced=True,
    )  # fmt: skip
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
