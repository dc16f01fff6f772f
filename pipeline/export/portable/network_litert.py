"""The network as a LiteRT file; needs ai-edge-litert."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Ask = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def open_network(path: Path) -> Ask:
    """Returns a function from images, uint8 `[N, S, S, C]`, to logits, float32 `[N, classes]`."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path))
    source = interpreter.get_input_details()[0]["index"]
    target = interpreter.get_output_details()[0]["index"]

    def ask(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        interpreter.resize_tensor_input(source, images.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(source, images)
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(target), np.float32)

    return ask
