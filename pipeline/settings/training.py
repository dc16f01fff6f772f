"""The settings of a training."""

from __future__ import annotations

from typing import Literal

from pipeline.settings.declare import Section, Weights, setting


class TrainingSettings(Section):
    """How a network is trained."""

    recipe: Literal["default", "classic-cnn", "classic-resnet50", "long-tail"] = setting(
        "default", "Values for all settings below that nobody has set"
    )
    model: Literal["hanzi_s", "hanzi_m", "cnn", "resnet50", "densenet169", "mobilenet"] = setting(
        "hanzi_s", "Network"
    )
    weights: Weights = setting(
        "none", "First weights: none, imagenet, starter, a model of the workspace, or a path"
    )
    frozen_epochs: int = setting(
        0, "Only the new last layers learn for this long, where there are first weights",
        unit="epochs", ge=0, le=100_000, advanced=True,
    )  # fmt: skip
    epochs: int = setting(
        0, "Passes over the training images, 0: as many as make up `steps`", ge=0, le=100_000
    )
    steps: int = setting(
        1360, "Batches to train for when epochs is 0; 5 to 100 passes in any case", ge=1, le=10**9
    )
    batch_size: int = setting(64, "Images in one step, over all devices", ge=1, le=65_536)
    optimizer: Literal["adamw", "sgd"] = setting("adamw", "Optimizer", advanced=True)
    momentum: float = setting(0.9, "Momentum of SGD", ge=0, lt=1, advanced=True)
    learning_rate: float = setting(2e-3, "Peak learning rate", gt=0, le=10)
    schedule: Literal["cosine", "staircase", "constant", "plateau"] = setting(
        "cosine", "How the learning rate goes down after the warm-up", advanced=True
    )
    warmup: float = setting(
        0.05, "Share of the steps with a rising learning rate", unit="fraction", ge=0, le=0.9
    )
    decay_rate: float = setting(
        0.9, "Factor of each stair of the staircase", gt=0, le=1, advanced=True
    )
    decay_steps: int = setting(
        10_000, "Length of a stair of the staircase", unit="batches", ge=1, le=10**9, advanced=True
    )
    plateau_factor: float = setting(
        0.5, "Factor of the learning rate at a plateau", gt=0, lt=1, advanced=True
    )
    plateau_patience: int = setting(
        3, "A plateau: no better validation loss for this long", unit="epochs", ge=1, le=100_000,
        advanced=True,
    )  # fmt: skip
    weight_decay: float = setting(0.02, "Decoupled weight decay", ge=0, le=1)
    clip_norm: float = setting(
        0.0, "Longer gradients are scaled down to this norm, 0: never", ge=0, le=1e6, advanced=True
    )
    label_smoothing: float = setting(
        0.1, "Probability given to the other classes", unit="fraction", ge=0, lt=1
    )
    dropout: float = setting(
        0.2, "Dropped units before the last layer", unit="fraction", ge=0, lt=1
    )
    mixup: float = setting(
        0.0, "Images blended in pairs, a of Beta(a, a), 0: never", ge=0, le=10, advanced=True
    )
    cutmix: float = setting(
        0.0, "Rectangles swapped in pairs, a of Beta(a, a), 0: never", ge=0, le=10, advanced=True
    )
    ema: float = setting(
        0.0, "Decay of the moving average of weights that is judged and kept, 0: none", ge=0, lt=1,
        advanced=True,
    )  # fmt: skip
    balance: float = setting(
        0.0, "Classes drawn as they are (0) to equally often (1)", unit="fraction", ge=0, le=1,
        advanced=True,
    )  # fmt: skip
    logit_adjustment: float = setting(
        0.0, "Weight of the class frequencies in the loss, for long tails", ge=0, le=4,
        advanced=True,
    )  # fmt: skip
    best: Literal["accuracy", "top_5", "loss"] = setting(
        "loss", "Validation metric that decides which epoch becomes the model"
    )
    patience: int = setting(
        0, "Stop after this long without a better `best`, 0: never", unit="epochs", ge=0,
        le=100_000,
    )  # fmt: skip
    seed: int = setting(0, "Seed of weights, order and distortions", ge=0, le=2**31 - 1)
    devices: str = setting(
        "auto",
        "auto: the GPU with the most free memory; cpu; or GPU numbers such as 0,2",
        pattern=r"^(auto|cpu|\d+(,\d+)*)$",
    )
    precision: Literal["auto", "float32", "mixed_float16", "mixed_bfloat16"] = setting(
        "auto", "Numbers of the layers; auto: mixed_float16 on GPUs with tensor cores",
        advanced=True,
    )  # fmt: skip
    xla: Literal["auto", "on", "off"] = setting(
        "auto", "Compile by XLA; auto: on a single GPU, where it pays", advanced=True
    )
    keep_every: int = setting(
        0, "Keep the checkpoint of every Nth epoch too, 0: only best and last two",
        unit="epochs", ge=0, le=100_000, advanced=True,
    )  # fmt: skip
    checkpoint_minutes: float = setting(
        10.0, "A checkpoint within an epoch after this long", unit="minutes", gt=0, le=1e6,
        advanced=True,
    )  # fmt: skip
    tensorboard: bool = setting(False, "Write logs for TensorBoard too", advanced=True)
