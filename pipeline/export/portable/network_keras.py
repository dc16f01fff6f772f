"""The network as a Keras file; needs keras and one of its backends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Ask = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def open_network(path: Path) -> Ask:
    """Returns a function from images, uint8 `[N, S, S, C]`, to logits, float32 `[N, classes]`."""
    import keras

    model = keras.saving.load_model(path, compile=False, safe_mode=True)

    def ask(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(keras.ops.convert_to_numpy(model(images, training=False)), np.float32)

    return ask
