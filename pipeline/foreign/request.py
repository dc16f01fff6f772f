"""What is known of a foreign model beside its file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem

Architecture = Literal["cnn", "resnet50", "densenet169", "mobilenet"]
Input = Literal["raw", "0-1", "-1-1", "caffe", "torch"]
Polarity = Literal["dark-on-light", "light-on-dark"]


class ImportRequest(BaseModel):
    """A model to import.

    Args:
        file: `.keras`, `.h5`, `.weights.h5`, or the folder of a SavedModel; absolute.
        labels: in the order of its outputs.
        target: the bundle's folder.
        input: the values its first layer wants; raw: 0 to 255, caffe and torch: as
            `keras.applications.imagenet_utils` names them.
        polarity: of the glyphs it was trained on; of no meaning for photos.
        kind: glyph: the normaliser finds and centres the ink; photo: the picture as it is.
        architecture: network to build anew, the file's weights in it; None to load the file's own.
        size_px: side of its input, where the file does not say.
    """

    model_config = ConfigDict(frozen=True)

    file: Path
    labels: tuple[str, ...]
    target: Path
    input: Input = "raw"
    polarity: Polarity = "dark-on-light"
    kind: Literal["glyph", "photo"] = "glyph"
    architecture: Architecture | None = None
    size_px: int | None = None

    def spec(self, size_px: int, channels: int) -> NormalizerSpec:
        """Returns the normaliser for a network of that input; glyphs are gray.

        Raises:
            Problem: `foreign.input` when the normaliser makes no such images.
        """
        gray = self.kind == "glyph"
        try:
            return NormalizerSpec(kind=self.kind, size_px=size_px, channels=1 if gray else channels)
        except ValueError as error:
            raise Problem("foreign.input", path=str(self.file), found=str(error)) from error

    @property
    def inverted(self) -> bool:
        """Whether the normaliser's light ink must become dark."""
        return self.kind == "glyph" and self.polarity == "dark-on-light"
