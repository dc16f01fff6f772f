"""The network as an ONNX file; needs onnxruntime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Ask = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def open_network(path: Path) -> Ask:
    """Returns a function from images, uint8 `[N, S, S, C]`, to logits, float32 `[N, classes]`."""
    import onnxruntime  # type: ignore[import-not-found,unused-ignore]

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def ask(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(session.run(["logits"], {"image": images})[0], np.float32)

    return ask
