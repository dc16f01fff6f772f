"""What the normaliser does, as data: light to load, for whoever only looks at a dataset or a model.

`NORMALIZER_VERSION` goes up with any change of the pixels that `images.normalize` gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from pipeline.problems import Problem

NORMALIZER_VERSION = 1


@dataclass(frozen=True)
class NormalizerSpec:
    """What `normalize` makes of a picture; stored with every dataset and every model.

    Args:
        kind: "glyph" (one character: ink is found, cropped and centred) or "photo".
        size_px: side S of the square result, 8 to 1024.
        channels: 1 (gray) or 3 (RGB).
        margin: empty border around a glyph, as a fraction of the side, 0 to 0.4.
        max_pixels: a file with more pixels than this is refused before it is decoded.
        version: of the normaliser.

    Raises:
        ValueError: a value is out of range.
    """

    kind: Literal["glyph", "photo"] = "glyph"
    size_px: int = 64
    channels: int = 1
    margin: float = 0.0625
    max_pixels: int = 50_000_000
    version: int = NORMALIZER_VERSION

    def __post_init__(self) -> None:
        if self.kind not in ("glyph", "photo"):
            raise ValueError(f"kind {self.kind!r} is neither 'glyph' nor 'photo'")
        if not 8 <= self.size_px <= 1024:
            raise ValueError(f"size_px {self.size_px} is not within 8..1024")
        if self.channels not in (1, 3):
            raise ValueError(f"channels {self.channels} is neither 1 nor 3")
        if not 0 <= self.margin <= 0.4:
            raise ValueError(f"margin {self.margin} is not within 0..0.4")
        if self.max_pixels < 1:
            raise ValueError(f"max_pixels {self.max_pixels} is not positive")

    def to_dict(self) -> dict[str, Any]:
        """Returns the fields as JSON types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, d: Mapping[str, Any]) -> NormalizerSpec:
        """Returns the spec that `to_dict` gave.

        Raises:
            Problem: `image.normalizer_version` (of another program version) or
                `image.normalizer_invalid` (a missing, unknown or bad value).
        """
        if d.get("version") != NORMALIZER_VERSION:
            version = str(d.get("version"))
            raise Problem("image.normalizer_version", version=version, known=NORMALIZER_VERSION)
        names = {field.name for field in fields(cls)}
        if set(d) != names:
            wrong = ", ".join(sorted(set(d) ^ names))
            raise Problem("image.normalizer_invalid", detail=f"missing or unknown: {wrong}")
        try:
            return cls(**d)
        except (ValueError, TypeError) as error:
            raise Problem("image.normalizer_invalid", detail=str(error)) from error
