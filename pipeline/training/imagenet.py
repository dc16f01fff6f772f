"""The ImageNet weights of `keras.applications`: from Keras's own folder, or fetched into it.

Loads no TensorFlow, so that a download that cannot happen is told before anything starts.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import urllib.request
from http.client import HTTPException
from pathlib import Path

from pipeline.files import PARTIAL
from pipeline.problems import Problem
from pipeline.training.networks import Download, require_imagenet

TIMEOUT_S = 20.0


def keras_models() -> Path:
    """Returns the folder in which Keras, too, looks for weights."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "models"


def imagenet_file(network: str) -> Path:
    """Returns the file of a network's ImageNet weights, fetched when it is not there yet.

    Raises:
        Problem: `weights.no_imagenet` when nobody offers such weights, `weights.no_download`,
            `weights.changed` when the file is not what Keras names.
    """
    download = require_imagenet(network)
    path = keras_models() / download.file
    if not path.is_file():
        _fetch(download, path)
    found = _md5(path)
    if download.md5 and found != download.md5:
        raise Problem("weights.changed", path=str(path), found=found, wanted=download.md5,
                      url=download.url)  # fmt: skip
    return path


def _fetch(download: Download, path: Path) -> None:
    partial = path.with_name(path.name + PARTIAL)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(download.url, timeout=TIMEOUT_S) as answer:
            with open(partial, "wb") as file:
                shutil.copyfileobj(answer, file)
            length = answer.headers["Content-Length"]
            if length is not None and partial.stat().st_size != int(length):
                raise HTTPException("it came only in part")
        os.replace(partial, path)
    except (OSError, HTTPException) as error:
        partial.unlink(missing_ok=True)
        md5 = download.md5 or "–"
        raise Problem("weights.no_download", file=download.file, detail=str(error),
                      url=download.url, folder=str(path.parent), md5=md5) from error  # fmt: skip


def _md5(path: Path) -> str:
    with open(path, "rb") as file:
        digest = hashlib.md5(usedforsecurity=False)
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
