"""A sequence made of another one, item by item, when an item is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, overload

T_co = TypeVar("T_co", covariant=True)


class Mapped(Sequence[T_co]):
    """What `make` returns for each item of `items`; nothing is kept.

    Args:
        items: any number of them.
        make: called each time an item is looked at.
    """

    def __init__(self, items: Sequence[Any], make: Callable[[Any], T_co]) -> None:
        self._items, self._make = items, make

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> T_co: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T_co]: ...
    def __getitem__(self, index: int | slice) -> T_co | Sequence[T_co]:
        if isinstance(index, slice):
            return [self._make(item) for item in self._items[index]]
        return self._make(self._items[index])
