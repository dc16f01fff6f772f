"""From a prepared dataset and its source to `train`, `val` and `test` with a folder a label."""

from __future__ import annotations

import errno
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.dataset.export.links import Link
from pipeline.dataset.export.names import folder_names
from pipeline.dataset.export.places import FOLDERS, TRAIN, Places, find
from pipeline.dataset.export.target import require_free
from pipeline.dataset.export.writing import Copies, Order, write_all
from pipeline.dataset.records import PreparedDataset, open_dataset
from pipeline.dataset.sources import Source
from pipeline.events import Report, StopCheck
from pipeline.files import PARTIAL, locked, write_json, write_table
from pipeline.problems import Problem, StopAsked

MEGABYTE = 1_000_000
FORMAT_VERSION = 1
LABELS = "labels.csv"
"""Which folder holds which label, where some differ; `open_source` understands it."""


def export_folders(
    dataset: Path,
    source: Source,
    target: Path,
    link: Link,
    copies: Copies | None,
    report: Report,
    should_stop: StopCheck,
    *,
    owner: str,
    heartbeat: Path | None = None,
    processes: int = 0,
) -> dict[str, Any]:
    """Writes the images of a prepared dataset as files, by split and label.

    The files are those of the source, not the normalised images. Every split that has images
    has the folders of all labels, so that a tool that numbers folders numbers them alike. The
    tree is made under a `.partial` name and renamed when it is whole; one that was cut off by a
    kill is begun anew.

    Args:
        dataset: folder of the prepared dataset.
        source: that it was made from.
        target: folder to make.
        link: how files come to be, where the source is one of files.
        copies: distorted copies beside each training image; None for none.
        processes: 0 for one a core.

    Returns:
        The summary: `path`, images of each split, `copies`.

    Raises:
        Problem: the source has changed, the target exists or cannot be written, the disk is full.
        StopAsked: when somebody asked for it; nothing is left.
    """
    require_free(target, source.root)
    report.stage("export")
    opened = open_dataset(dataset)
    with _work_folder(target, owner, heartbeat) as partial:
        places = find(opened, source.list())
        need_bytes = _bytes(places, link, copies)
        _require_space(partial, need_bytes)
        counts = places.counts()
        folders = folder_names(opened.labels, ignores_case=_ignores_case(partial))
        for folder in (f for f, count in zip(FOLDERS, counts, strict=True) if count):
            for name in folders.values():
                (partial / folder / name).mkdir(parents=True)
        order = Order(source, str(partial), link, copies)
        items = places.items(folders, copies.count if copies else 0)
        # Closed before the folder vanishes: nobody writes into it any more.
        with closing(write_all(order, items, processes)) as written:
            copied = _followed(written, sum(counts), report, should_stop)
        _describe(partial, opened, folders, counts, copies)
    _report_findings(target, places, folders, copied, report)
    report.artifact("folders", target)
    made = copies.count * counts[TRAIN] if copies else 0
    return {"path": str(target), **dict(zip(FOLDERS, counts, strict=True)), "copies": made}


def _followed(
    written: Iterator[tuple[int, Counter[str]]],
    total: int,
    report: Report,
    should_stop: StopCheck,
) -> Counter[str]:
    """Reports what is written, and returns why files were copied in place of linked."""
    done, copied = 0, Counter[str]()
    report.progress(done, total, "images")
    for count, reasons in written:
        done += count
        copied += reasons
        report.progress(done, total, "images")
        if (request := should_stop()) is not None:
            raise StopAsked(request)
    return copied


@contextmanager
def _work_folder(target: Path, owner: str, heartbeat: Path | None) -> Iterator[Path]:
    """Gives an empty folder that becomes `target` when the block ends well, else vanishes."""
    partial = target.with_name(target.name + PARTIAL)
    # The lock lies inside, so that nothing of it stays in the user's folders.
    lock = partial / f"{target.name}.lock"
    try:
        if os.path.lexists(partial) and not lock.is_file():
            raise Problem("export.foreign_partial", path=str(partial))
        partial.mkdir(parents=True, exist_ok=True)
        with locked(lock, owner, heartbeat):
            try:
                for entry in partial.iterdir():
                    if entry != lock:
                        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
                yield partial
                lock.unlink()
                if os.path.lexists(target):
                    raise Problem("export.exists", path=str(target))
                os.rename(partial, target)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise _worded(error, target) from error


def _worded(error: OSError, target: Path) -> Problem:
    path, detail = os.fsdecode(error.filename or target), error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Problem("export.disk_full", path=str(target))
    if Path(path).is_relative_to(target.parent):
        return Problem("export.unwritable", path=path, detail=detail)
    return Problem("image.unreadable", path=path, detail=detail)


def _bytes(places: Places, link: Link, copies: Copies | None) -> int:
    """Returns about how much disk space the files will take up."""
    made = copies.count * places.bytes_on_disk(TRAIN) if copies else 0
    return made + (places.bytes_on_disk() if link == "copy" else 0)


def _require_space(folder: Path, need_bytes: int) -> None:
    need, free = need_bytes + 20 * MEGABYTE, shutil.disk_usage(folder).free
    if free < need:
        raise Problem("disk.full", path=str(folder), free_mb=free // MEGABYTE,
                      need_mb=need // MEGABYTE)  # fmt: skip


def _ignores_case(folder: Path) -> bool:
    """Whether the file system of a folder, in which a lock file lies, takes "a" for "A"."""
    lock = next(folder.glob("*.lock"))
    return lock.with_name(lock.stem + ".LOCK").exists()


def _describe(
    folder: Path,
    dataset: PreparedDataset,
    folders: dict[str, str],
    counts: list[int],
    copies: Copies | None,
) -> None:
    write_json(folder / "export.json", {
        "format_version": FORMAT_VERSION,
        "dataset": dataset.name,
        "content_hash": dataset.content_hash,
        "counts": dict(zip(FOLDERS, counts, strict=True)),
        "copies": asdict(copies) if copies else None,
    })  # fmt: skip
    if any(name != label for label, name in folders.items()):
        rows = ((name, label) for label, name in folders.items())
        write_table(folder / LABELS, ("folder", "label"), rows)


def _report_findings(
    target: Path, places: Places, folders: dict[str, str], copied: Counter[str], report: Report
) -> None:
    for reason, count in copied.items():
        report.warn("export.copied", count=count, detail=reason)
    if renamed := sum(name != label for label, name in folders.items()):
        report.warn("export.renamed", count=renamed, path=str(target / LABELS))
    for split, name in enumerate(FOLDERS):
        if places.counts()[split] and (count := places.empty(split)):
            report.warn("export.empty", count=count, split=name)
