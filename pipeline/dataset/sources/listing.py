"""The images of a source: a million of them in columns, not in a million objects."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, overload

Note = tuple[str, dict[str, Any]]
"""The code and the parameters of a message."""

SPLITS = ("", "train", "validation", "test")
"""What `SourceImage.split` may be; columns hold its index."""


@dataclass(frozen=True, slots=True)
class SourceImage:
    """One image of a source.

    Args:
        path: its name inside the source, unique, with "/" between folders; undecodable bytes
            are surrogate-escaped. In a .gnt file: "C016.gnt/000123".
        label: in NFC.
        size_bytes: of the file, or of the unpacked member of an archive.
        mtime_ns: of the file, or of the archive that holds it.
        place: where it lies in the archive or .gnt file, in bytes.
        split: "train", "validation" or "test" where the source is a tree of those, else "".
    """

    path: str
    label: str
    size_bytes: int
    mtime_ns: int
    place: int = 0
    split: str = ""


@dataclass(frozen=True)
class Rejected:
    """A file that does not become part of a dataset, and why."""

    path: str
    code: str
    reason: str


class Images(Sequence[SourceImage]):
    """The images of a listing, by label (code points), then path.

    Attributes:
        labels: all labels, each once, in the order of their code points.
        label_index: int32 `[N]`, the label of each image as its index in `labels`.
        paths: the paths one after the other, in UTF-8.
        ends: int64 `[N]`, where each path ends in `paths`.
        sizes, mtimes, places: int64 `[N]`, as in `SourceImage`.
        splits: int8 `[N]`, indices into `SPLITS`.
    """

    __slots__ = ("ends", "label_index", "labels", "mtimes", "paths", "places", "sizes", "splits")

    def __init__(self, labels: tuple[str, ...] = ()) -> None:
        self.labels = labels
        self.label_index = array("i")
        self.paths = bytearray()
        self.ends, self.sizes, self.mtimes, self.places = (array("q") for _ in range(4))
        self.splits = array("b")

    def append(
        self, path: bytes, label: int, size_bytes: int, mtime_ns: int, place: int, split: int
    ) -> None:
        """Adds an image, its path in UTF-8, its label and split as indices."""
        self.paths += path
        self.ends.append(len(self.paths))
        self.label_index.append(label)
        self.sizes.append(size_bytes)
        self.mtimes.append(mtime_ns)
        self.places.append(place)
        self.splits.append(split)

    def path_bytes(self, index: int) -> bytes:
        """Returns the path of an image in UTF-8."""
        return bytes(self.paths[self.ends[index - 1] if index else 0 : self.ends[index]])

    def path(self, index: int) -> str:
        """Returns the path of an image, undecodable bytes surrogate-escaped."""
        return self.path_bytes(index).decode("utf-8", "surrogateescape")

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, index: int) -> SourceImage: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[SourceImage]: ...
    def __getitem__(self, index: int | slice) -> SourceImage | Sequence[SourceImage]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(index)
        return SourceImage(
            self.path(at),
            self.labels[self.label_index[at]],
            self.sizes[at], self.mtimes[at], self.places[at], SPLITS[self.splits[at]],
        )  # fmt: skip

    def __iter__(self) -> Iterator[SourceImage]:
        return (self[index] for index in range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Images) and all(
            getattr(self, column) == getattr(other, column) for column in self.__slots__
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Listing:
    """All images of a source.

    Args:
        root: the folder, archive or list.
        images: by label (code points), then path.
        rejected: what is left out before anything is decoded.
        folders: the label folders of each label: more than one where names differ only in
            encoding or Unicode form.
        others: how many files are no images by their names.
        order: the indices of `images` in the order in which they are read fastest; None: as
            they are. The same source gives the same order.
        notes: what to tell about the source.
        renamed: path of an image that a review relabelled → its label in the source.
    """

    root: Path
    images: Images
    rejected: tuple[Rejected, ...] = ()
    folders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    others: int = 0
    order: Sequence[int] | None = None
    notes: tuple[Note, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
