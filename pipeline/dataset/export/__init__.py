"""A prepared dataset as folders for other tools: train, val and test, a folder a label."""
