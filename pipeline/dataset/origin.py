"""What a dataset is made from: files and settings, and whether they are those of before."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from pipeline.dataset.changes import FILES, changes_since, state_of
from pipeline.dataset.chunks import CHUNK
from pipeline.dataset.sources import Listing
from pipeline.files import write_json
from pipeline.problems import Problem
from pipeline.settings import DatasetSettings

_PACKING = ("source", "files", "kind", "size", "channels", "margin", "max_pixels", "max_file_mb")
"""What decides the packed images; the rest decides only what is made of them."""

_LISTED = ("source", "images", "files", "labels")


def origin_of(listing: Listing, settings: DatasetSettings) -> dict[str, Any]:
    """Returns what decides whether a dataset is the same.

    Raises:
        Problem: `split_file.unreadable`.
    """
    files, labels = state_of(listing.images)
    # Only where there is one, so that datasets of before remain what they are.
    reviewed = {"review_file": content_of(settings.review_file)} if settings.review_file else {}
    return {
        "source": str(listing.root.resolve()),
        "images": len(listing.images),
        "files": files,
        "labels": labels,
        **settings.model_dump(mode="json", exclude={"processes", "review_file"}),
        "split_file": content_of(settings.split_file),
        **reviewed,
    }


def content_of(split_file: str) -> str:
    """Returns the hash of a split file, which may change under its name; "" for none.

    Raises:
        Problem: `split_file.unreadable`.
    """
    if not split_file:
        return ""
    try:
        content = Path(split_file).read_bytes()
    except OSError as error:
        detail = error.strerror or str(error)
        raise Problem("split_file.unreadable", path=split_file, detail=detail) from error
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def differs(target: Path, before: dict[str, Any], now: dict[str, Any], listing: Listing) -> Problem:
    """Returns what to tell about a dataset that was made from something else."""
    before = {**DatasetSettings().model_dump(mode="json"), **before}
    shown = ("source", *(key for key in now if key not in _LISTED))
    changed = [f"{key} {before.get(key)} → {now[key]}" for key in shown
               if before.get(key) != now[key]]  # fmt: skip
    changes = None if changed else changes_since(target / FILES, listing.images)
    if changes is None or not (changes.added or changes.removed or changes.changed):
        keys = changed or [key for key in _LISTED if before.get(key) != now[key]]
        return Problem("dataset.exists", name=target.name, changed=", ".join(keys))
    return Problem("dataset.source_changed", name=target.name, added=changes.added,
                   removed=changes.removed, changed=changes.changed,
                   names=", ".join(changes.names))  # fmt: skip


def working_folder(partial: Path, origin: dict[str, Any], prints: bool) -> Path:
    """Returns the folder to pack in; unfinished work on other images is thrown away.

    Args:
        partial: the folder.
        origin: as of `origin_of`.
        prints: whether what near copies are told by is kept, too.
    """
    plan = {**{key: origin[key] for key in _PACKING}, "prints": prints, "chunk": CHUNK}
    noted = partial / "plan.json"
    try:
        same = json.loads(noted.read_text("utf-8", "surrogateescape")) == plan
    except (OSError, ValueError):
        same = False
    if not same:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        write_json(noted, plan)
    return partial
