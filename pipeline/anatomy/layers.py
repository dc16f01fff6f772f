"""The layers of a network as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Layer:
    """One layer.

    Args:
        name: unique in its network.
        kind: Keras's class or LiteRT's operator, such as "Conv2D" or "CONV_2D".
        shape: of its output for one image; None where that is open.
        parameters: numbers in its weights.
        macs: multiply-accumulates for one image; 0 for kinds that nobody counts.
        sources: positions of the layers whose outputs it takes.
    """

    name: str
    kind: str
    shape: tuple[int | None, ...]
    parameters: int
    macs: int
    sources: tuple[int, ...] = ()


@dataclass(frozen=True)
class Anatomy:
    """A network: every layer stands behind those it takes from."""

    name: str
    layers: tuple[Layer, ...]

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    @property
    def macs(self) -> int:
        return sum(layer.macs for layer in self.layers)

    def to_dict(self) -> dict[str, Any]:
        """Returns the anatomy as JSON types, with its sums."""
        return {
            "name": self.name,
            "parameters": self.parameters,
            "macs": self.macs,
            "layers": [asdict(layer) for layer in self.layers],
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Anatomy:
        """Returns the anatomy that `to_dict` gave."""
        layers = (
            Layer(**{**layer, "shape": tuple(layer["shape"]), "sources": tuple(layer["sources"])})
            for layer in told["layers"]
        )
        return cls(told["name"], tuple(layers))
