"""What a training is said to need against what it takes: `python -m benchmarks.memory`.

Each network trains for a few seconds on random images in a process of its own, on the CPU; its
peak of resident memory stands beside `Costs.process_bytes`. About five minutes on two cores.
"""

from __future__ import annotations

import asyncio

from pipeline.settings import AugmentSettings, TrainingSettings
from pipeline.training.costs import costs
from pipeline.training.estimate import TrialRequest, trial

MEGABYTE = 1e6
TRIED = (
    ("hanzi_s", 64, 64, 60),
    ("hanzi_s", 64, 256, 60),
    ("hanzi_m", 64, 64, 3755),
    ("cnn", 64, 64, 60),
    ("cnn", 160, 32, 60),
    ("mobilenet", 64, 32, 60),
    ("resnet50", 64, 16, 60),
    ("densenet169", 64, 16, 60),
)
"""Network, side of the images in pixels, batch size, classes."""


async def main() -> None:
    """Prints the table."""
    print(f"{'network':12} {'px':>4} {'batch':>5} {'said MB':>8} {'took MB':>8} {'more':>7}")
    for network, size_px, batch_size, classes in TRIED:
        training = TrainingSettings.model_validate(
            {"model": network, "batch_size": batch_size, "devices": "cpu"}
        )
        said = costs(training, size_px, 1, classes).process_bytes
        found = await trial(TrialRequest(
            size_px=size_px, channels=1, classes=classes, train_images=5000, validation_images=20,
            training=training, augment=AugmentSettings(),
        ))  # fmt: skip
        took = found.memory_bytes
        row = f"{network:12} {size_px:4} {batch_size:5} {said / MEGABYTE:8.0f}"
        print(f"{row} {took / MEGABYTE:8.0f} {took / said - 1:+7.1%}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
