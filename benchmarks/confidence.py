"""What `recognition.min_confidence` costs: `python -m benchmarks.confidence MODEL DATASET`.

Both are folders of a workspace; the images are those of the test split, unknown to the model.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from pipeline.bundle import open_bundle
from pipeline.dataset.records import open_dataset
from pipeline.litert import softmax
from pipeline.processes import usable_cores

THRESHOLDS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9)
BATCH = 64


def main() -> None:
    """Reads the command line and prints the table as Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("model", type=Path, help="folder of a bundle")
    parser.add_argument("dataset", type=Path, help="folder of a prepared dataset of its labels")
    given = parser.parse_args()
    bundle, test = open_bundle(given.model), open_dataset(given.dataset).split("test")
    network = bundle.network(usable_cores())
    images, labels = np.asarray(test.images), np.asarray(test.labels)
    logits = [network.logits(images[i : i + BATCH]) for i in range(0, len(images), BATCH)]
    shares = softmax(np.concatenate(logits) / np.float32(bundle.temperature))
    likeliest, right = shares.max(1), shares.argmax(1) == labels
    print(f"{len(labels):,} images, temperature {bundle.temperature:.3g}\n")
    print("| below | not sure | of these wrong | of the others wrong |\n|---:|---:|---:|---:|")
    for threshold in THRESHOLDS:
        unsure = likeliest < threshold
        told = (np.mean(unsure), _wrong(right[unsure]), _wrong(right[~unsure]))
        print(f"| {threshold} | " + " | ".join(f"{100 * share:.1f} %" for share in told) + " |")


def _wrong(right: np.ndarray) -> float:
    return float(1 - right.mean()) if len(right) else 0.0


if __name__ == "__main__":
    main()
