"""The networks: plain Keras layers, uint8 images in, float32 logits out.

Each carries its own scaling and its gray→RGB, so that a bundle needs nothing but the normaliser
before it.
"""

from pipeline.training.models.build import BUILDERS, backbone_layers, build, head_layers

__all__ = ["BUILDERS", "backbone_layers", "build", "head_layers"]
