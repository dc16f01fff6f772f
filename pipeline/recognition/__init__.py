"""From a picture to a character, without TensorFlow."""
