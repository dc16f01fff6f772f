"""What is asked of an export."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

Format = Literal["litert", "onnx", "saved_model", "keras"]


class ExportRequest(BaseModel):
    """A model to export.

    Args:
        model: folder of the bundle.
        name: what to call the model.
        format: of the network in the exported folder.
        target: the folder to make; absolute.
    """

    model_config = ConfigDict(frozen=True)

    model: Path
    name: str
    format: Format
    target: Path
