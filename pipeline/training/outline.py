"""The networks as arithmetic: shapes, parameters and multiplications of each layer.

It mirrors `pipeline.training.models` layer by layer and loads no TensorFlow, so that a form can
show at every key what a training will be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class OutlineLayer:
    """One layer.

    Args:
        kind: Keras's name of it.
        side_px, channels: of its square output; side 1 for a vector.
        parameters: with the moving averages.
        macs: multiply-accumulates for one image.
        kept: whether the backward pass needs its output.
    """

    kind: str
    side_px: int
    channels: int
    parameters: int = 0
    macs: int = 0
    kept: bool = False

    @property
    def elements(self) -> int:
        """Numbers in its output for one image."""
        return self.side_px**2 * self.channels


class Outline:
    """A network in the making: `side_px` and `channels` are those of the last layer.

    Args:
        side_px: of the square images.
        channels: 1 or 3.
    """

    def __init__(self, side_px: int, channels: int) -> None:
        self.side_px = side_px
        self.channels = channels
        self.layers: list[OutlineLayer] = []
        self._add("Rescaling", kept=True)

    def convolution(
        self, filters: int, kernel: int = 3, strides: int = 1, *, bias: bool = False,
        valid: bool = False, kept: bool = True,
    ) -> None:  # fmt: skip
        """A convolution; its output is needed by the normalisation behind it."""
        self._slide(kernel, strides, valid)
        macs = self.side_px**2 * kernel**2 * self.channels * filters
        parameters = kernel**2 * self.channels * filters + filters * bias
        self.channels = filters
        self._add("Conv2D", parameters, macs, kept)

    def depthwise(self, strides: int) -> None:
        """A depthwise convolution of 3x3; before strides MobileNet pads at one side only."""
        self.side_px //= strides
        weights = 9 * self.channels
        self._add("DepthwiseConv2D", weights, self.side_px**2 * weights, kept=True)

    def normalization(self) -> None:
        """Batch normalisation."""
        self._add("BatchNormalization", 4 * self.channels)

    def activation(self) -> None:
        """ReLU or the like."""
        self._add("ReLU", kept=True)

    def block(self, filters: int, kernel: int = 3, strides: int = 1, *, bias: bool = False) -> None:
        """Convolution, normalisation, activation."""
        self.convolution(filters, kernel, strides, bias=bias)
        self.normalization()
        self.activation()

    def pad(self, border_px: int) -> None:
        """Zeros around."""
        self.side_px += 2 * border_px
        self._add("ZeroPadding2D", kept=True)

    def pool(self, kernel: int = 2) -> None:
        """Pooling with strides of 2."""
        self._slide(kernel, 2, valid=True)
        self._add("Pooling2D", kept=True)

    def add(self) -> None:
        """The sum of two branches."""
        self._add("Add")

    def concatenate(self, channels: int) -> None:
        """`channels` and the last output side by side."""
        self.channels += channels
        self._add("Concatenate", kept=True)

    def flatten(self) -> None:
        """All numbers in one row."""
        self.channels, self.side_px = self.side_px**2 * self.channels, 1
        self._add("Flatten")

    def mean(self) -> None:
        """The mean of each channel."""
        self.side_px = 1
        self._add("GlobalAveragePooling2D", kept=True)

    def dense(self, units: int, *, bias: bool = True) -> None:
        """A dense layer."""
        weights = self.channels * units
        self.channels = units
        self._add("Dense", weights + units * bias, weights, kept=True)

    @contextmanager
    def branch(self) -> Iterator[None]:
        """What is added inside starts here; what comes after it starts here again."""
        side_px, channels = self.side_px, self.channels
        yield
        self.side_px, self.channels = side_px, channels

    def _slide(self, kernel: int, strides: int, valid: bool) -> None:
        span = self.side_px - kernel if valid else self.side_px - 1
        self.side_px = span // strides + 1

    def _add(self, kind: str, parameters: int = 0, macs: int = 0, kept: bool = False) -> None:
        layer = OutlineLayer(kind, self.side_px, self.channels, parameters, macs, kept)
        self.layers.append(layer)


def outline(network: str, side_px: int, channels: int, classes: int) -> tuple[OutlineLayer, ...]:
    """Returns the layers of a network, those without weights or work of their own left out.

    Raises:
        KeyError: there is no such network.
    """
    made = Outline(side_px, channels)
    OUTLINES[network](made)
    made.dense(classes)
    return tuple(made.layers)


def _hanzi_s(net: Outline) -> None:
    net.block(32, strides=2)
    for filters, depth in ((48, 1), (96, 2), (192, 2)):
        for _ in range(depth):
            net.block(filters)
        net.pool()
    net.block(256, kernel=1)
    net.mean()


def _hanzi_m(net: Outline) -> None:
    net.block(64)
    for filters, strides in ((64, 2), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (384, 2)):
        if strides > 1:
            with net.branch():
                _projection(net, filters, strides, bias=False)
        net.block(filters, strides=strides)
        net.convolution(filters)
        net.normalization()
        net.add()
        net.activation()
    net.mean()
    net.dense(256, bias=False)
    net.normalization()


def _cnn(net: Outline) -> None:
    for filters in (32, 64):
        net.convolution(filters, bias=True, valid=True, kept=False)
        net.activation()
        net.pool()
    net.flatten()
    net.dense(128)


def _resnet50(net: Outline) -> None:
    net.channels = 3
    _imagenet_stem(net, bias=True)
    for stage, (filters, depth) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3))):
        for number in range(depth):
            strides = 2 if stage and not number else 1
            if not number:
                with net.branch():
                    _projection(net, 4 * filters, strides, bias=True)
            net.block(filters, 1, strides, bias=True)
            net.block(filters, 3, bias=True)
            net.convolution(4 * filters, 1, bias=True)
            net.normalization()
            net.add()
            net.activation()
    net.mean()
    net.dense(1024)


def _densenet169(net: Outline) -> None:
    net.channels = 3
    _imagenet_stem(net, bias=False)
    for number, depth in enumerate((6, 12, 32, 32)):
        if number:
            net.normalization()
            net.activation()
            net.convolution(net.channels // 2, 1)
            net.pool()
        for _ in range(depth):
            before = net.channels
            net.normalization()
            net.activation()
            net.block(128, 1)
            net.convolution(32)
            net.concatenate(before)
    net.normalization()
    net.activation()
    net.mean()
    net.dense(1024)


def _mobilenet(net: Outline) -> None:
    net.channels = 3
    net.block(32, strides=2)
    for filters, strides in ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
                             *((512, 1),) * 5, (1024, 2), (1024, 1)):  # fmt: skip
        net.depthwise(strides)
        net.normalization()
        net.activation()
        net.block(filters, 1)
    net.mean()


def _imagenet_stem(net: Outline, bias: bool) -> None:
    net.pad(3)
    net.convolution(64, 7, 2, bias=bias, valid=True)
    net.normalization()
    net.activation()
    net.pad(1)
    net.pool(3)


def _projection(net: Outline, filters: int, strides: int, bias: bool) -> None:
    net.convolution(filters, 1, strides, bias=bias)
    net.normalization()


OUTLINES: dict[str, Callable[[Outline], None]] = {
    "hanzi_s": _hanzi_s,
    "hanzi_m": _hanzi_m,
    "cnn": _cnn,
    "resnet50": _resnet50,
    "densenet169": _densenet169,
    "mobilenet": _mobilenet,
}
