"""What TensorBoard shows of a training, and its server. Nothing here needs TensorFlow."""
