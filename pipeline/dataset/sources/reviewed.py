"""A source as a review list wants it: some images left out, some under another label."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.dataset.sources.draft import Draft, Key, Named, Unfit
from pipeline.dataset.sources.listing import SPLITS, Listing

if TYPE_CHECKING:
    from pipeline.dataset.review import Mark
    from pipeline.dataset.sources.opening import Reader, Source

DROPPED = ("", 0)
"""The key of images that are left out; no label is empty."""


@dataclass(frozen=True)
class ReviewedSource:
    """A source with a review list laid over it; the source itself is only read.

    Args:
        source: what was reviewed.
        marks: path of an image → what is to become of it. A mark counts only while the source
            still gives the image the label that was reviewed.
    """

    source: Source
    marks: dict[str, Mark]

    @property
    def root(self) -> Path:
        return self.source.root

    @property
    def kind(self) -> str:
        return self.source.kind

    def open(self) -> AbstractContextManager[Reader]:
        return self.source.open()

    def list(self) -> Listing:
        """Lists the images that stay, and the others as rejected."""
        listing = self.source.list()
        images, draft = listing.images, Draft()
        named: dict[Key, Named | Unfit] = {DROPPED: Unfit("review.dropped", {})}
        dropped, renamed = 0, dict[str, str]()
        for index in listing.order or range(len(images)):
            path, label = images.path(index), images.labels[images.label_index[index]]
            mark = self.marks.get(path)
            if mark is not None and mark.label == label:
                dropped += mark.action == "drop"
                if mark.action == "relabel":
                    renamed[path] = label
                label = mark.new_label
            key: Key = (label, images.splits[index]) if label else DROPPED
            if key is not DROPPED:
                named[key] = Named(label, SPLITS[images.splits[index]])
            draft.add(path, key, images.sizes[index], images.mtimes[index], images.places[index])
        told = ("review.followed", {"dropped": dropped, "relabelled": len(renamed),
                "idle": len(self.marks) - dropped - len(renamed)})  # fmt: skip
        drawn = draft.listing(listing.root, named, rejected=listing.rejected,
                              folders=listing.folders, others=listing.others)  # fmt: skip
        return replace(drawn, notes=(*listing.notes, told), renamed=renamed)
