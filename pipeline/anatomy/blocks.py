"""A network as people draw it: what only follows a layer stands in that layer's box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.anatomy.layers import Anatomy, Layer

FOLLOWERS = frozenset(
    {
        "Activation", "BatchNormalization", "Dropout", "LeakyReLU", "LOGISTIC", "PReLU", "ReLU",
        "RELU", "RELU6", "SOFTMAX", "Softmax", "ZeroPadding2D",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Block:
    """Layers in one box, one after the other; `sources` are positions of blocks before it."""

    layers: tuple[Layer, ...]
    sources: tuple[int, ...]

    @property
    def title(self) -> str:
        """The first layer's kind and name."""
        first = self.layers[0]
        return f"{first.kind} {first.name}"

    @property
    def text(self) -> str:
        """What comes out of the box, and what follows its first layer inside."""
        shape = "×".join("?" if n is None else str(n) for n in self.layers[-1].shape)
        kinds = [layer.kind for layer in self.layers[1:]]
        return " · ".join([shape or "1", *kinds])

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    @property
    def macs(self) -> int:
        return sum(layer.macs for layer in self.layers)


def blocks(anatomy: Anatomy) -> tuple[Block, ...]:
    """Returns the boxes of a drawing, each behind those it takes from."""
    uses = [0] * len(anatomy.layers)
    for layer in anatomy.layers:
        for source in layer.sources:
            uses[source] += 1
    boxes: list[list[Layer]] = []
    sources: list[tuple[int, ...]] = []
    box_of: list[int] = []
    for layer in anatomy.layers:
        before = _before(layer, uses)
        if before is not None and layer.kind in FOLLOWERS and not _is_input(anatomy, before):
            boxes[box_of[before]].append(layer)
            box_of.append(box_of[before])
            continue
        box_of.append(len(boxes))
        boxes.append([layer])
        sources.append(tuple(dict.fromkeys(box_of[s] for s in layer.sources)))
    pairs = zip(boxes, sources, strict=True)
    return tuple(Block(tuple(layers), taken) for layers, taken in pairs)


def _before(layer: Layer, uses: Sequence[int]) -> int | None:
    """Returns the one layer before, when nothing else takes from it."""
    if len(layer.sources) != 1 or uses[layer.sources[0]] != 1:
        return None
    return layer.sources[0]


def _is_input(anatomy: Anatomy, position: int) -> bool:
    return not anatomy.layers[position].sources
