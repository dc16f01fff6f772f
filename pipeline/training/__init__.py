"""From a prepared dataset to a bundle: networks, batches, the loop, checkpoints."""
