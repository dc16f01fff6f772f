"""Whole trainings by settings of their own, to the bundle that comes out of them."""

from __future__ import annotations

import numpy as np
from trained_here import checkpoints, train_here, train_until

from pipeline.bundle import open_bundle
from pipeline.dataset.records import open_dataset
from pipeline.training.checkpoint import load
from pipeline.workspace import Workspace


def test_a_mixed_precision_run_ends_in_a_bundle_that_answers_as_keras_does(
    trained: Workspace,
) -> None:
    train_here(trained, model="hanzi_s", precision="mixed_bfloat16", epochs=1, ema=0.9)
    bundle = open_bundle(trained.model("here"))
    images = np.array(open_dataset(trained.dataset("few")).split("test").images)
    network = bundle.keras_model()
    assert {layer.compute_dtype for layer in network.layers} == {"float32"}
    wanted = np.asarray(network(images, training=False))
    assert np.allclose(bundle.network(1, "float32").logits(images), wanted, atol=1e-4)
    averaged = load(checkpoints(trained)[-1])
    kernel, mean, live = network.get_weights()[0], *(
        averaged.group(name)[0] for name in ("average", "model")
    )  # fmt: skip
    assert np.array_equal(kernel, mean)
    assert not np.array_equal(kernel, live)


def test_only_the_head_learns_until_the_rest_is_let_loose(trained: Workspace) -> None:
    before = open_bundle(trained.model("few-cnn")).keras_model().get_weights()
    settings = {"weights": "few-cnn", "frozen_epochs": 1, "epochs": 2, "weight_decay": 0.1}

    def learned() -> list[bool]:
        groups = load(checkpoints(trained)[-1]).group("model")
        now = [array for array in groups if array.dtype == np.float32]
        return [not np.array_equal(a, b) for a, b in zip(before, now, strict=True)]

    train_until(trained, 5, **settings)
    assert learned() == [False] * 6 + [True] * 2
    train_until(trained, 12, **settings)
    assert learned() == [True] * 8
