"""The pixels a network's first layer wants, made of what a dataset holds: layers, not functions."""

from __future__ import annotations

from typing import Literal

import keras
from keras import layers

Scaling = Literal["raw", "0-1", "-1-1", "caffe", "torch"]
"""raw: 0..255. caffe: 0..255 as BGR less the mean of ImageNet. torch: 0..1 less its mean, over its
deviation. The last two are named as in `keras.applications.imagenet_utils`."""

BGR_MEAN = (103.939, 116.779, 123.68)
RGB_MEAN = (0.485, 0.456, 0.406)
RGB_DEVIATION = (0.229, 0.224, 0.225)


def rgb(x: keras.KerasTensor) -> keras.KerasTensor:
    """Returns `[N, H, W, 3]` of gray or RGB images."""
    return x if x.shape[-1] == 3 else layers.Concatenate(name="gray_to_rgb")([x, x, x])


def scaled(x: keras.KerasTensor, scaling: Scaling) -> keras.KerasTensor:
    """Returns floats of uint8 images; `caffe` and `torch` take RGB."""
    if scaling == "0-1":
        return layers.Rescaling(1 / 255)(x)
    if scaling == "-1-1":
        return layers.Rescaling(1 / 127.5, offset=-1.0)(x)
    if scaling == "caffe":
        bgr = keras.ops.flip(x, axis=-1)
        return layers.Rescaling(1.0, offset=[-mean for mean in BGR_MEAN])(bgr)
    if scaling == "torch":
        return layers.Rescaling(
            [1 / (255 * deviation) for deviation in RGB_DEVIATION],
            offset=[-mean / d for mean, d in zip(RGB_MEAN, RGB_DEVIATION, strict=True)],
        )(x)
    return layers.Rescaling(1.0)(x)
