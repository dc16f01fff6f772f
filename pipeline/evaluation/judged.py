"""What a model is judged by: a split of a prepared dataset, or any source of labelled images."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.arrays import write_array
from pipeline.dataset.changes import state_of
from pipeline.dataset.groups import GNT_WRITER
from pipeline.dataset.pack import pack
from pipeline.dataset.records import PreparedDataset, describe
from pipeline.dataset.sources import open_source
from pipeline.dataset.sources.listing import SPLITS
from pipeline.dataset.write import selected, write_rejected
from pipeline.evaluation.tables import IMAGES
from pipeline.events import Report, StopCheck
from pipeline.files import PARTIAL, write_json
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem

REJECTED = "rejected.csv"
ALL = "all"
_BLOCK = 1024


@dataclass(frozen=True)
class Judged:
    """N labelled images, as the model is to see them.

    Args:
        name: of the dataset; "" for a source.
        source: path of the source; "" for a dataset.
        split: "all" for all of a dataset, "" where a source has none.
        parts: uint8 `[M, S, S, C]` each, mapped, one after the other.
        rows: int64 `[N]`, the rows of the only part; None: all parts, as they are.
        truth: int64 `[N]`, indices into `labels`.
        labels: by code point.
        paths: of each image within its source.
        content_hash: of the dataset, or of the files of the source.
        group_pattern: by which the images are grouped already, "" for none.
    """

    name: str
    source: str
    split: str
    parts: tuple[NDArray[np.uint8], ...]
    rows: NDArray[np.int64] | None
    truth: NDArray[np.int64]
    labels: tuple[str, ...]
    paths: list[str]
    content_hash: str
    group_pattern: str

    @property
    def shape(self) -> tuple[int, ...]:
        """`(N, S, S, C)`."""
        return (len(self.truth), *self.parts[0].shape[1:])

    @property
    def identity(self) -> dict[str, Any]:
        """What says whether answers begun earlier were to these images."""
        return {"dataset": self.name, "source": self.source, "split": self.split,
                "content_hash": self.content_hash, "images": len(self.truth)}  # fmt: skip

    def images(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Returns images `start` to `stop`, in memory."""
        if self.rows is not None:
            return np.ascontiguousarray(self.parts[0][self.rows[start:stop]])
        pieces = []
        for part in self.parts:
            pieces.append(part[max(start, 0) : max(stop, 0)])
            start, stop = start - len(part), stop - len(part)
        return np.concatenate(pieces)


def of_dataset(dataset: PreparedDataset, split_name: str) -> Judged:
    """Returns a split of a prepared dataset, or all of them: "all".

    Raises:
        Problem: `dataset.no_split` when it is empty, or the dataset is damaged.
    """
    names = [split_name] if split_name != ALL else [n for n in dataset.counts if dataset.counts[n]]
    splits = [dataset.require_split(name) for name in names]
    made_with = describe(dataset.path)["origin"]
    return Judged(
        name=dataset.name, source="", split=split_name,
        parts=tuple(split.images for split in splits), rows=None,
        truth=np.concatenate([split.labels for split in splits]).astype(np.int64),
        labels=dataset.labels,
        paths=[origin["path"] for name in names for origin in dataset.origins(name)],
        content_hash=dataset.content_hash, group_pattern=made_with.get("group", ""),
    )  # fmt: skip


def of_source(
    path: Path,
    spec: NormalizerSpec,
    folder: Path,
    split_name: str,
    report: Report,
    should_stop: StopCheck,
) -> Judged:
    """Returns the images of a source, normalised as a model wants them.

    Args:
        path: a folder, an archive, a .gnt file or a list.
        spec: of the model.
        folder: to normalise into; work cut off there is taken up again.
        split_name: where the source is a tree of splits, the one to take.

    Raises:
        Problem: the source cannot be used, or no image of it can be read.
        StopAsked: somebody asked for it.
    """
    source = open_source(path)
    listing = source.list()
    files, labels = state_of(listing.images)
    plan = {"source": str(path), "files": files, "labels": labels, "spec": spec.to_dict()}
    _fresh_unless(folder, plan)
    report.stage("normalize")
    packed = pack(source, listing, spec, folder, 0, report, should_stop, prints=False)
    if packed.rejected == len(listing.images):
        reason = next(packed.problems())[2]
        raise Problem("dataset.all_rejected", count=packed.rejected, path=str(path), first=reason)
    chosen = selected(listing, packed)
    splits = np.frombuffer(listing.images.splits, np.int8)[chosen.rows]
    kept = np.ones(len(splits), bool)
    if split_name != ALL and splits.any():
        kept = splits == SPLITS.index(split_name)
    if not kept.any():
        raise Problem("evaluation.no_images", source=str(path), split=split_name)
    if packed.rejected or listing.rejected:
        told = folder.parent / REJECTED
        report.warn("dataset.rejected", count=write_rejected(told, listing, packed), path=str(told))
    rows = chosen.rows[kept]
    present, truth = np.unique(chosen.classes[kept], return_inverse=True)
    return Judged(
        name="", source=str(path), split=split_name if splits.any() else "",
        parts=(packed.images,), rows=None if len(rows) == len(packed.images) else rows,
        truth=truth.astype(np.int64), labels=tuple(chosen.labels[label] for label in present),
        paths=[listing.images.path(int(row)) for row in rows],
        content_hash=f"{files}-{labels}", group_pattern=GNT_WRITER if source.kind == "gnt" else "",
    )  # fmt: skip


def keep_images(judged: Judged, folder: Path, run_path: Path) -> None:
    """Keeps what a model saw as `IMAGES` of the run; the working folder goes."""

    def blocks() -> Iterator[NDArray[np.uint8]]:
        for start in range(0, len(judged.truth), _BLOCK):
            yield judged.images(start, start + _BLOCK)

    partial = run_path / (IMAGES + PARTIAL)
    write_array(partial, np.uint8, judged.shape, blocks())
    partial.replace(run_path / IMAGES)
    shutil.rmtree(folder, ignore_errors=True)


def _fresh_unless(folder: Path, plan: dict[str, Any]) -> None:
    """Empties a working folder that was begun for anything else than `plan`."""
    noted = folder / "plan.json"
    try:
        same = json.loads(noted.read_text("utf-8", "surrogateescape")) == plan
    except (OSError, ValueError):
        same = False
    if not same:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write_json(noted, plan)
