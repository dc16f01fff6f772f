"""From a folder of label folders to a prepared dataset: list, pack, split, write, publish."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.pack import Packed, pack
from pipeline.dataset.records import FORMAT_VERSION, describe
from pipeline.dataset.sources import Listing, Rejected, list_folder
from pipeline.dataset.split import SPLITS, split_indices
from pipeline.events import Report, StopCheck
from pipeline.files import PARTIAL, locked, publish, write_json, write_table
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem
from pipeline.settings import DatasetSettings

COPY_ROWS = 1024
NAMES_SHOWN = 12
MEGABYTE = 1_000_000


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
        listing = list_folder(source)
        origin = _origin(listing, settings)
        if (target / "dataset.json").is_file():
            described = describe(target)
            if described["origin"] == origin:
                count = sum(described["counts"].values())
                report.log("dataset.prepared", name=target.name, count=count,
                           classes=described["classes"])  # fmt: skip
                return _summary(described, target)
            if not replace:
                changed = _changed(described["origin"], origin)
                raise Problem("dataset.exists", name=target.name, changed=changed)
        partial = _partial(target, origin)
        spec = NormalizerSpec(settings.kind, settings.size, settings.channels, settings.margin,
                              settings.max_pixels)  # fmt: skip
        _require_space(partial, len(listing.images) * settings.size**2 * settings.channels)
        report.stage("pack")
        packed = pack(listing, spec, partial, settings.processes, report, should_stop)
        report.stage("write")
        described = _write(partial, listing, packed, spec, settings, origin, report)
        publish(partial, target)
    _report_findings(listing, packed, described, target, report)
    report.artifact("dataset", target)
    return _summary(described, target)


def _origin(listing: Listing, settings: DatasetSettings) -> dict[str, Any]:
    """Returns what decides whether a dataset is the same: the files and the settings."""
    state = hashlib.blake2b(digest_size=16)
    for image in listing.images:
        line = f"{image.path}\0{image.size_bytes}\0{image.mtime_ns}\n"
        state.update(line.encode("utf-8", "surrogateescape"))
    return {
        "source": str(listing.root.resolve()),
        "files": state.hexdigest(),
        "images": len(listing.images),
        **settings.model_dump(mode="json", exclude={"processes"}),
    }


def _changed(before: dict[str, Any], now: dict[str, Any]) -> str:
    parts = []
    for key in now:
        if before.get(key) != now[key]:
            parts.append("its files" if key == "files" else f"{key} {before.get(key)} → {now[key]}")
    return ", ".join(parts)


def _partial(target: Path, origin: dict[str, Any]) -> Path:
    """Returns the folder to work in; unfinished work from anything else is thrown away."""
    partial = target.with_name(target.name + PARTIAL)
    plan = partial / "plan.json"
    try:
        same = json.loads(plan.read_text("utf-8")) == origin
    except (OSError, ValueError):
        same = False
    if not same:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        write_json(plan, origin)
    return partial


def _require_space(folder: Path, array_bytes: int) -> None:
    # The packed array and the splits made from it stand side by side for a moment.
    need, free = 2 * array_bytes + 20 * MEGABYTE, shutil.disk_usage(folder).free
    if free < need:
        raise Problem("disk.full", path=str(folder), free_mb=free // MEGABYTE,
                      need_mb=need // MEGABYTE)  # fmt: skip


def _write(
    partial: Path,
    listing: Listing,
    packed: Packed,
    spec: NormalizerSpec,
    settings: DatasetSettings,
    origin: dict[str, Any],
    report: Report,
) -> dict[str, Any]:
    """Writes all files of the dataset into `partial` and returns dataset.json's content."""
    images = listing.images
    valid = [i for i in range(len(images)) if i not in packed.problems]
    if not valid:
        raise Problem("dataset.all_rejected", count=len(images), path=str(listing.root),
                      first=packed.problems[0][1])  # fmt: skip
    labels = sorted({images[i].label for i in valid})
    index_of = {label: index for index, label in enumerate(labels)}
    split_of = split_indices(
        [images[i].label for i in valid], [packed.digests[i] for i in valid],
        settings.validation, settings.test, settings.seed,
    )  # fmt: skip
    rows = np.array(valid)
    state = hashlib.blake2b(digest_size=16)
    counts = {}
    source_rows = np.load(packed.array, mmap_mode="r")
    for split, name in enumerate(SPLITS):
        members = rows[split_of == split]
        counts[name] = len(members)
        classes = np.array([index_of[images[i].label] for i in members], np.int32)
        _copy_rows(source_rows, members, partial / f"{name}.images.npy", state)
        np.save(partial / f"{name}.labels.npy", classes)
        state.update(classes.tobytes())
        _write_lines(
            partial / f"{name}.sources.jsonl",
            [json.dumps({"path": images[i].path, "label": images[i].label}, ensure_ascii=False)
             for i in members],
        )  # fmt: skip
        report.progress(sum(counts.values()), len(valid), "images")
    state.update("\n".join(labels).encode())
    _write_lines(partial / "labels.txt", labels)
    assigned = [(images[i], SPLITS[s]) for i, s in zip(valid, split_of, strict=True)]
    write_table(partial / "split.csv", ("path", "label", "split"),
                ((image.path, image.label, split) for image, split in assigned))  # fmt: skip
    rejected = [*listing.rejected, *(Rejected(images[i].path, *packed.problems[i])
                                     for i in sorted(packed.problems))]  # fmt: skip
    write_table(partial / "rejected.csv", ("path", "code", "reason"),
                ((r.path, r.code, r.reason) for r in rejected))  # fmt: skip
    tested = {image.label for image, split in assigned if split == "test"}
    described = {
        "format_version": FORMAT_VERSION, "origin": origin, "normalizer": spec.to_dict(),
        "classes": len(labels), "counts": counts, "rejected": len(rejected),
        "blank": [images[i].path for i in packed.blank],
        "copies": len(valid) - len({packed.digests[i] for i in valid}),
        "untested": [label for label in labels if label not in tested],
        "content_hash": state.hexdigest(),
    }  # fmt: skip
    write_json(partial / "dataset.json", described)
    for leftover in ("pack.npy", "chunks.jsonl", "plan.json"):
        (partial / leftover).unlink()
    return described


def _copy_rows(
    rows: NDArray[np.uint8], members: NDArray[np.int64], path: Path, state: hashlib.blake2b
) -> None:
    copy = np.lib.format.open_memmap(path, "w+", np.uint8, (len(members), *rows.shape[1:])) \
        if len(members) else None  # fmt: skip
    if copy is None:  # an empty array cannot be mapped
        np.save(path, np.empty((0, *rows.shape[1:]), np.uint8))
        return
    for start in range(0, len(members), COPY_ROWS):
        block = rows[members[start : start + COPY_ROWS]]
        copy[start : start + COPY_ROWS] = block
        state.update(block.tobytes())
    copy.flush()


def _write_lines(path: Path, lines: Sequence[str]) -> None:
    text = "".join(line + "\n" for line in lines)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))


def _report_findings(
    listing: Listing, packed: Packed, described: dict[str, Any], target: Path, report: Report
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
        sizes = Counter(image.label for image in listing.images)
        smallest = sorted(described["untested"], key=lambda label: (sizes[label], label))
        names = ", ".join(smallest[:NAMES_SHOWN]) + (", …" if len(smallest) > NAMES_SHOWN else "")
        report.warn("dataset.no_test_image", count=len(smallest), names=names)


def _summary(described: dict[str, Any], target: Path) -> dict[str, Any]:
    return {"dataset": target.name, "path": str(target), "classes": described["classes"],
            "counts": described["counts"], "rejected": described["rejected"]}  # fmt: skip
