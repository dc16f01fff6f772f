"""Running a LiteRT network: a tenth of a second to start, no TensorFlow."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray


class LiteRTNetwork:
    """A network in memory; `classes` is the width of its answer.

    Args:
        content: of a .tflite file with one input and one output.
        threads: to run on.

    Raises:
        ValueError: the content is no such network.
    """

    def __init__(self, content: bytes, threads: int) -> None:
        # Loaded here: who only looks at a bundle needs no runtime.
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_content=content, num_threads=threads)
        source = self._interpreter.get_input_details()[0]
        target = self._interpreter.get_output_details()[0]
        self._input, self._output = source["index"], target["index"]
        self.input_shape: tuple[int, ...] = tuple(int(n) for n in source["shape"][1:])
        self.classes = int(target["shape"][-1])
        self._batch = 0

    def logits(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Returns float32 `[N, classes]` for uint8 `[N, S, S, C]`."""
        if len(images) != self._batch:
            self._interpreter.resize_tensor_input(self._input, images.shape)
            with _quiet():
                self._interpreter.allocate_tensors()
            self._batch = len(images)
        self._interpreter.set_tensor(self._input, images)
        self._interpreter.invoke()
        logits: NDArray[np.float32] = self._interpreter.get_tensor(self._output)
        return logits


def last_dense(content: bytes) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns the last layer of a network: kernel float32 `[F, C]` and bias float32 `[C]`.

    An int8 kernel is scaled back to what it stands for.

    Args:
        content: of a .tflite file whose last layer is dense.

    Raises:
        ValueError: the content is no such network.
    """
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=1)
    with _quiet():
        interpreter.allocate_tensors()
    classes = int(interpreter.get_output_details()[0]["shape"][-1])
    kernel = bias = None
    for tensor in interpreter.get_tensor_details():
        shape = [int(n) for n in tensor["shape"]]
        if shape == [classes] and tensor["dtype"] is np.float32:
            bias = interpreter.get_tensor(tensor["index"])
        elif len(shape) == 2 and shape[0] == classes > 1:
            scales = tensor["quantization_parameters"]["scales"]
            kernel = interpreter.get_tensor(tensor["index"]).astype(np.float32)
            kernel *= scales[:, None] if len(scales) else 1.0
    if kernel is None or bias is None:
        raise ValueError("the last layer is not dense")
    return kernel.T, bias


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps the runtime's "INFO: Created …" off file descriptor 2, where it looks like a fault."""
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the probabilities of logits `[N, classes]`."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: NDArray[np.float32] = shifted / shifted.sum(axis=-1, keepdims=True)
    return probabilities
