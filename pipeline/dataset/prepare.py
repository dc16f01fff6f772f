"""From labelled images to a prepared dataset: list, pack, split, write, publish."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.arrays import reserve
from pipeline.dataset.changes import FILES, write_files
from pipeline.dataset.groups import Groups, group_ids
from pipeline.dataset.leakage import SplitReport, split_report, tell
from pipeline.dataset.origin import differs, origin_of, working_folder
from pipeline.dataset.pack import NOTES, Packed, pack, packed_bytes
from pipeline.dataset.records import FORMAT_VERSION, describe
from pipeline.dataset.reuse import reused_split
from pipeline.dataset.review import read_review
from pipeline.dataset.similar import clusters
from pipeline.dataset.sources import Listing, Source, open_source
from pipeline.dataset.sources.limits import MEGABYTE, Limits
from pipeline.dataset.sources.reviewed import ReviewedSource
from pipeline.dataset.split import split_indices
from pipeline.dataset.split_file import UNKNOWN, not_in_it
from pipeline.dataset.ties import numbered
from pipeline.dataset.write import (
    Selection,
    blank_paths,
    selected,
    write_rejected,
    write_split_table,
    write_splits,
)
from pipeline.events import Report, StopCheck
from pipeline.files import PARTIAL, locked, publish, write_json
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem
from pipeline.settings import DatasetSettings

NAMES_SHOWN = 12
CONTENT = "dataset"
"""The folder within the working folder that becomes the dataset."""
BALLAST_BYTES = 1 << 17

_WARNINGS = ("source.label_file", "source.empty_folders")


def prepare(
    source: Path,
    target: Path,
    settings: DatasetSettings,
    report: Report,
    should_stop: StopCheck,
    *,
    owner: str,
    heartbeat: Path | None = None,
    replace: bool = False,
) -> dict[str, Any]:
    """Packs the images of `source` into the dataset folder `target`.

    A dataset made earlier from the same files with the same settings is left as it is. Work cut
    off by a kill is taken up where it was.

    Returns:
        The summary: counts of each split, classes, rejected images.

    Raises:
        Problem: the source or the target cannot be used; `lock.held` while another run writes it.
        StopAsked: when somebody asked for it; what is packed is kept.
    """
    with locked(target.with_name(target.name + ".lock"), owner, heartbeat):
        report.stage("list")
        opened = source_of(source, settings)
        listing = opened.list()
        origin = origin_of(listing, settings)
        partial = target.with_name(target.name + PARTIAL)
        if (target / "dataset.json").is_file():
            described = describe(target)
            if described["origin"] == origin:
                shutil.rmtree(partial, ignore_errors=True)
                count = sum(described["counts"].values())
                report.log("dataset.prepared", name=target.name, count=count,
                           classes=described["classes"])  # fmt: skip
                return _summary(described, target)
            if not replace:
                raise differs(target, described["origin"], origin, listing)
        for code, params in listing.notes:
            (report.warn if code in _WARNINGS else report.log)(code, **params)
        groups = _groups(listing, settings)
        reused = None
        if settings.split_file:
            reused = reused_split(Path(settings.split_file), opened, listing,
                                  settings.max_pixels, report)  # fmt: skip
        working_folder(partial, origin, settings.near_duplicates > 0)
        with _on_disk(partial, listing, settings):
            packed = _packed(opened, listing, partial, settings, report, should_stop)
            report.stage("write")
            described, found = _write(partial, listing, packed, settings, groups, reused, origin,
                                      report)  # fmt: skip
            publish(partial / CONTENT, target)
        shutil.rmtree(partial, ignore_errors=True)
    _report_findings(listing, described, target, report)
    tell(found, report, settings.validation, settings.test)
    report.artifact("dataset", target)
    return _summary(described, target)


def source_of(path: Path, settings: DatasetSettings) -> Source:
    """Returns the source at a path, read as settings want it.

    Raises:
        Problem: as `open_source` and `read_review`; `review.unreadable` where there is none.
    """
    limits = Limits(settings.max_file_mb * MEGABYTE, settings.max_pixels)
    label_file = Path(settings.label_file) if settings.label_file else None
    source = open_source(path, limits, label_file)
    if not settings.review_file:
        return source
    return ReviewedSource(source, read_review(Path(settings.review_file), required=True))


def _spec(settings: DatasetSettings) -> NormalizerSpec:
    return NormalizerSpec(settings.kind, settings.size, settings.channels, settings.margin,
                          settings.max_pixels)  # fmt: skip


def _groups(listing: Listing, settings: DatasetSettings) -> Groups | None:
    """Returns the group of each listed image; a pattern that fits not every path ends here."""
    if not settings.group:
        return None
    images = listing.images
    return group_ids((images.path(index) for index in range(len(images))), settings.group)


@contextmanager
def _on_disk(partial: Path, listing: Listing, settings: DatasetSettings) -> Iterator[None]:
    """Words a full disk, before and while `partial` is written; what is packed stays there."""
    need = packed_bytes(len(listing.images), _spec(settings), settings.near_duplicates > 0)
    # The packed images and the splits made from them stand side by side for a moment.
    need = 2 * need + 20 * MEGABYTE
    held = sum(file.stat().st_blocks * 512 for file in partial.glob("*.npy"))

    def full() -> Problem:
        free = shutil.disk_usage(partial).free
        return Problem("disk.full", path=str(partial), free_mb=free // MEGABYTE,
                       need_mb=(need - held) // MEGABYTE)  # fmt: skip

    ballast = partial / "ballast.npy"
    try:
        if shutil.disk_usage(partial).free < need - held:
            raise full()
        reserve(ballast, np.uint8, (BALLAST_BYTES,))
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        problem = full()
        # There must be room to say so, even if somebody else filled the disk.
        ballast.unlink(missing_ok=True)
        shutil.rmtree(partial / CONTENT if (partial / NOTES).exists() else partial,
                      ignore_errors=True)  # fmt: skip
        raise problem from error


def _packed(
    source: Source,
    listing: Listing,
    partial: Path,
    settings: DatasetSettings,
    report: Report,
    should_stop: StopCheck,
) -> Packed:
    """Packs all images, of which one at least must be readable."""
    report.stage("pack")
    packed = pack(source, listing, _spec(settings), partial, settings.processes, report,
                  should_stop, prints=settings.near_duplicates > 0)  # fmt: skip
    if packed.rejected == len(listing.images):
        _index, _code, reason = next(packed.problems())
        raise Problem("dataset.all_rejected", count=packed.rejected, path=str(listing.root),
                      first=reason)  # fmt: skip
    return packed


def _write(
    partial: Path,
    listing: Listing,
    packed: Packed,
    settings: DatasetSettings,
    groups: Groups | None,
    reused: NDArray[np.int8] | None,
    origin: dict[str, Any],
    report: Report,
) -> tuple[dict[str, Any], SplitReport]:
    """Writes all files of the dataset; returns dataset.json's content and what its split is."""
    folder = partial / CONTENT
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    chosen = selected(listing, packed)
    # Where nothing was rejected, the mapped arrays are taken as they are: no copy in memory.
    rows = chosen.rows if packed.rejected else slice(None)
    digests = packed.digests[rows]
    prints = None if packed.prints is None else packed.prints[rows]
    if groups is not None:
        groups = Groups(groups.ids[rows], groups.names)
    split_of = _split(listing, chosen, digests, prints, settings, groups, reused)
    found = split_report(chosen.classes, chosen.labels, split_of, digests, prints=prints,
                         distance=settings.near_duplicates, groups=groups)  # fmt: skip
    total = len(chosen.rows)
    described = {
        "format_version": FORMAT_VERSION, "origin": origin,
        "normalizer": _spec(settings).to_dict(), "classes": len(chosen.labels),
        **write_splits(folder, listing, packed, chosen, split_of,
                       lambda done: report.progress(done, total, "images")),
        "rejected": write_rejected(folder / "rejected.csv", listing, packed),
        "blank": blank_paths(listing, packed),
        "copies": total - 1 - int(numbered(digests).max()),
        "untested": list(found.absent["test"]), "split": found.to_dict(),
        "reviewed": next((params for code, params in listing.notes if code == "review.followed"),
                         None),
    }  # fmt: skip
    write_split_table(folder / "split.csv", listing, chosen, split_of)
    write_files(folder / FILES, listing.images)
    write_json(folder / "dataset.json", described)
    return described, found


def _split(
    listing: Listing,
    chosen: Selection,
    digests: NDArray[np.uint8],
    prints: NDArray[np.int8] | None,
    settings: DatasetSettings,
    groups: Groups | None,
    reused: NDArray[np.int8] | None,
) -> NDArray[np.int8]:
    """Returns the split of each chosen image: int8 `[M]`, indices into `SPLITS`.

    Args:
        reused: the split of each listed image, where one made before is taken.
    """
    if reused is not None:
        split_of = reused[chosen.rows]
        # Such an image could not be read at first, and could be when it was packed.
        if (late := chosen.rows[split_of == UNKNOWN]).size:
            names = [listing.images.path(int(row)) for row in late]
            raise not_in_it(Path(settings.split_file), len(names), names)
        return split_of
    # A listing counts its splits from 1; 0 is none.
    fixed = np.frombuffer(listing.images.splits, np.int8)[chosen.rows] - np.int8(1)
    alike = None if prints is None else clusters(prints, settings.near_duplicates)
    return split_indices(
        chosen.classes, digests, settings.validation, settings.test, settings.seed,
        groups=groups, alike=alike, fixed=fixed if (fixed >= 0).any() else None,
    )  # fmt: skip


def _report_findings(
    listing: Listing, described: dict[str, Any], target: Path, report: Report
) -> None:
    for label, folders in listing.folders.items():
        if len(folders) > 1:
            names = ", ".join(os.fsencode(f).decode("utf-8", "backslashreplace") for f in folders)
            report.warn("dataset.merged", folders=names, label=label)
    if described["rejected"]:
        report.warn("dataset.rejected", count=described["rejected"],
                    path=str(target / "rejected.csv"))  # fmt: skip
    if described["blank"]:
        report.warn("dataset.blank", count=len(described["blank"]),
                    path=str(target / "dataset.json"))  # fmt: skip
    if described["copies"]:
        report.warn("dataset.duplicates", count=described["copies"])
    if described["untested"] and described["counts"]["test"]:
        images = listing.images
        counts = np.bincount(np.frombuffer(images.label_index, np.int32))
        sizes = dict(zip(images.labels, counts.tolist(), strict=True))
        smallest = sorted(described["untested"], key=lambda label: (sizes[label], label))
        names = ", ".join(smallest[:NAMES_SHOWN]) + (", …" if len(smallest) > NAMES_SHOWN else "")
        report.warn("dataset.no_test_image", count=len(smallest), names=names)


def _summary(described: dict[str, Any], target: Path) -> dict[str, Any]:
    return {"dataset": target.name, "path": str(target), "classes": described["classes"],
            "counts": described["counts"], "rejected": described["rejected"]}  # fmt: skip
