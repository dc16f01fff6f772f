"""Computes the same on a device and on the processor, and tells how far apart they are.

A program of its own: its one argument is JSON with `device` (such as "GPU:0"), `width` (rows of
the matrices), `images` (in a batch) and `repeats`. It writes a JSON object a line: what it does
next as {"doing": ...}, and the fields of a `trial_facts.Comparison` for what was done; nothing but
the first line where TensorFlow does not list the device. What TensorFlow itself writes goes to
standard error.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

AMPERE = (8, 0)
PARENT_S = 1.0
LOSS_SCALE = 1024.0
"""Keeps the gradients of a small network above what float16 rounds to zero."""

Work = Callable[..., list[Any]]


def largest_error(results: list[Any], references: list[Any]) -> float | None:
    """Returns the largest difference of any pair, as a share of its reference's largest value.

    Args:
        results, references: arrays of float32, pair by pair of the same shape.

    Returns:
        None where a result holds NaN or an infinity.
    """
    import numpy as np

    if not all(np.isfinite(one).all() for one in results):
        return None
    pairs = zip(results, references, strict=True)
    return max(float(np.abs(ours - other).max() / np.abs(other).max()) for ours, other in pairs)


def works(width: int, images: int) -> Iterator[tuple[str, Work, list[Any]]]:
    """Yields each operation: its name, what does it in a given type, and what it is done to."""
    import numpy as np
    import tensorflow as tf

    random = np.random.default_rng(0)

    def normal(*shape: int, inputs: int = 1) -> Any:
        # Sums of `inputs` products then stay near 1, within what float16 holds.
        return (random.standard_normal(shape) / np.sqrt(inputs)).astype(np.float32)

    def matmul(kind: Any, left: Any, right: Any) -> list[Any]:
        return [tf.cast(tf.matmul(tf.cast(left, kind), tf.cast(right, kind)), tf.float32)]

    def convolution(kind: Any, pictures: Any, kernel: Any) -> list[Any]:
        found = tf.nn.conv2d(tf.cast(pictures, kind), tf.cast(kernel, kind), 1, "SAME")
        return [tf.cast(found, tf.float32)]

    def training(kind: Any, pictures: Any, labels: Any, *weights: Any) -> list[Any]:
        with tf.GradientTape() as tape:
            tape.watch(weights)
            first, second, last = (tf.cast(one, kind) for one in weights)
            hidden = tf.nn.relu(tf.nn.conv2d(tf.cast(pictures, kind), first, 2, "SAME"))
            hidden = tf.nn.relu(tf.nn.conv2d(hidden, second, 2, "SAME"))
            logits = tf.cast(tf.matmul(tf.reduce_mean(hidden, (1, 2)), last), tf.float32)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(losses)
            scaled = loss * LOSS_SCALE
        return [loss, *(one / LOSS_SCALE for one in tape.gradient(scaled, weights))]

    yield "matmul", matmul, [normal(width, width), normal(width, width, inputs=width)]
    kernel = normal(3, 3, 32, 64, inputs=9 * 32)
    yield "convolution", convolution, [normal(images, 64, 64, 32), kernel]
    weights = [normal(3, 3, 1, 32, inputs=9), kernel, normal(64, 10, inputs=64)]
    pictures, labels = normal(images, 64, 64, 1), random.integers(0, 10, images)
    yield "training", training, [pictures, labels, *weights]


def timed(
    work: Work, kind: Any, given: list[Any], device: str, repeats: int
) -> tuple[list[Any], float]:
    """Returns what `work` gives on a device, and the seconds of a repetition after the first."""
    import tensorflow as tf

    with tf.device(f"/{device}"):
        # As arguments: what is constant in a graph is computed once, by the processor.
        inputs = [tf.identity(one) for one in given]
        run = tf.function(work)
        results = [one.numpy() for one in run(kind, *inputs)]
        began = time.perf_counter()
        for _ in range(repeats):
            last = run(kind, *inputs)
        # The device works behind the program's back; a value that is read has been computed.
        float(tf.reduce_sum(last[0]))
        return results, (time.perf_counter() - began) / repeats


def compare(device: str, width: int, images: int, repeats: int) -> Iterator[dict[str, Any]]:
    """Yields what comes next and what was found, in every precision the device knows."""
    import tensorflow as tf

    kind, _, number = device.partition(":")
    listed = tf.config.list_physical_devices(kind)[int(number) :]
    if not listed:
        return
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
    capability = tf.config.experimental.get_device_details(listed[0]).get("compute_capability")
    knows_tf32 = (
        (capability or (0, 0)) >= AMPERE
        and tf.config.experimental.tensor_float_32_execution_enabled()
        and os.environ.get("NVIDIA_TF32_OVERRIDE") != "0"
    )
    precisions = {"tf32": tf.float32} if knows_tf32 else {}
    precisions |= {"float32": tf.float32, "mixed": tf.float16}
    for operation, work, given in works(width, images):
        yield {"doing": f"{operation} cpu"}
        references, cpu_s = timed(work, tf.float32, given, "CPU:0", 1)
        for precision, number_kind in precisions.items():
            yield {"doing": f"{operation} {precision}"}
            tf.config.experimental.enable_tensor_float_32_execution(precision == "tf32")
            results, seconds = timed(work, number_kind, given, device, repeats)
            error = largest_error(results, references)
            yield {"operation": operation, "precision": precision, "seconds": seconds,
                   "cpu_seconds": cpu_s, "error": error}  # fmt: skip


def _end_with(parent: int) -> None:
    """Ends this process when nobody waits for it any more: the GPU belongs to others, too."""
    while os.getppid() == parent:
        time.sleep(PARENT_S)
    os._exit(1)


def main() -> None:
    # Python 3.10 has no -P: a file in the folder it runs in may be named like a module.
    if sys.path[0] == "":
        del sys.path[0]
    asked = json.loads(sys.argv[1])
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    answers = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    print(json.dumps({"doing": "import"}), file=answers)
    for answer in compare(**asked):
        print(json.dumps(answer), file=answers)


if __name__ == "__main__":
    main()
