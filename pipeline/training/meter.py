"""What is measured on the device while a network learns or is judged."""

from __future__ import annotations

import time

import tensorflow as tf

LOGS_INTERVAL_S = 0.25
TOP = 5


class Meter:
    """Sums of loss, right answers, right ones among the first five, and images: float64 `[4]`.

    Reading waits for the device, so `logs` does it at most every `LOGS_INTERVAL_S` seconds.
    """

    def __init__(self) -> None:
        self.totals = tf.Variable(tf.zeros(4, tf.float64), trainable=False)
        self._logs: dict[str, float] = {}
        self._next_read = 0.0

    def reset(self) -> None:
        self.totals.assign(tf.zeros(4, tf.float64))

    def read(self) -> tuple[float, float, float, float]:
        """Returns the sums of loss, of right answers, of those among five, and of images."""
        loss, right, among, count = self.totals.numpy().tolist()
        return loss, right, among, count

    def logs(self, fresh: bool = False) -> dict[str, float]:
        """Returns the means since `reset`: Keras's running means of the epoch."""
        if fresh or time.monotonic() >= self._next_read:
            loss, right, among, count = self.read()
            images = max(count, 1)
            self._logs = {"loss": loss / images, "accuracy": right / images,
                          "top_5": among / images}  # fmt: skip
            self._next_read = time.monotonic() + LOGS_INTERVAL_S
        return self._logs


def sums(each: tf.Tensor, labels: tf.Tensor, logits: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Returns what a batch adds to a meter, float64 `[4]`.

    Args:
        each: loss of each image, float `[N]`.
        labels: int32 `[N]`.
        logits: `[N, C]`.
        weights: 1 for images that count, 0 for others, float32 `[N]`.
    """
    right = tf.argmax(logits, -1, output_type=labels.dtype) == labels
    own = tf.gather(logits, labels[:, None], batch_dims=1)
    # Ties and NaN count against the answer, so that a dead network is not taken for a good one.
    rivals = tf.reduce_sum(tf.cast(tf.logical_not(logits < own), tf.int32), -1)
    among = tf.logical_or(rivals <= TOP, right)
    parts = (each * weights, tf.cast(right, tf.float32) * weights,
             tf.cast(among, tf.float32) * weights, weights)  # fmt: skip
    return tf.stack([tf.reduce_sum(tf.cast(part, tf.float64)) for part in parts])
