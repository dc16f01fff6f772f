"""What this machine can do for TensorFlow: facts, gathered without importing it, and a verdict."""
