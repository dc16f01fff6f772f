"""The network as a SavedModel; needs tensorflow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Ask = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def open_network(path: Path) -> Ask:
    """Returns a function from images, uint8 `[N, S, S, C]`, to logits, float32 `[N, classes]`."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))

    def ask(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(loaded.serve(images), np.float32)

    return ask
