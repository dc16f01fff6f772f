"""Where the boxes of a drawing stand: rows from the input down, long edges in lanes beside them.

A layered drawing (Sugiyama et al. 1981), made simple by what networks look like: one long chain
with branches that meet again soon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.anatomy.blocks import Block

SWEEPS = 4


@dataclass(frozen=True)
class Place:
    """A box's row, and its column, 0 at the left."""

    row: int
    column: int


@dataclass(frozen=True)
class Edge:
    """From one box to a later one; `lane` 0 or more when it passes rows on its way."""

    source: int
    target: int
    lane: int | None


@dataclass(frozen=True)
class Layout:
    """Places of the boxes, in their order, and the edges between them."""

    places: tuple[Place, ...]
    edges: tuple[Edge, ...]

    @property
    def rows(self) -> int:
        return max((place.row for place in self.places), default=-1) + 1

    @property
    def columns(self) -> int:
        return max((place.column for place in self.places), default=-1) + 1

    @property
    def lanes(self) -> int:
        return max((edge.lane + 1 for edge in self.edges if edge.lane is not None), default=0)


def layout(blocks: Sequence[Block]) -> Layout:
    """Returns where to draw each block."""
    rows: list[int] = []
    for block in blocks:
        rows.append(1 + max((rows[s] for s in block.sources), default=-1))
    columns = _columns(blocks, rows)
    places = tuple(Place(row, column) for row, column in zip(rows, columns, strict=True))
    pairs = [(source, target) for target, block in enumerate(blocks) for source in block.sources]
    return Layout(places, _edges(pairs, rows))


def _columns(blocks: Sequence[Block], rows: Sequence[int]) -> list[int]:
    """Orders each row by the mean column of what its boxes take from, over a few sweeps."""
    members: dict[int, list[int]] = {}
    for position, row in enumerate(rows):
        members.setdefault(row, []).append(position)
    columns = [0] * len(blocks)
    for _ in range(SWEEPS):
        for row in sorted(members):
            members[row].sort(key=lambda position: _mean(blocks[position], columns))
            for column, position in enumerate(members[row]):
                columns[position] = column
    return columns


def _mean(block: Block, columns: Sequence[int]) -> float:
    taken = [columns[source] for source in block.sources]
    return sum(taken) / len(taken) if taken else 0.0


def _edges(pairs: Sequence[tuple[int, int]], rows: Sequence[int]) -> tuple[Edge, ...]:
    """Gives each edge that passes rows the first lane that is free all along."""
    free_from: list[int] = []
    edges = []
    for source, target in sorted(pairs, key=lambda pair: rows[pair[0]]):
        if rows[target] - rows[source] == 1:
            edges.append(Edge(source, target, None))
            continue
        free = (lane for lane, row in enumerate(free_from) if row <= rows[source])
        lane = next(free, len(free_from))
        free_from[lane : lane + 1] = [rows[target]]
        edges.append(Edge(source, target, lane))
    return tuple(edges)
