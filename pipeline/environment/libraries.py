"""The CUDA libraries a TensorFlow build would load here: from which folder, and what hides them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.environment.builds import TensorFlowBuild, numbers


@dataclass(frozen=True)
class Library:
    """A place where a CUDA library lies.

    Args:
        soname: the name TensorFlow asks the loader for, such as "libcudnn.so.9".
        path: the file.
        origin: "ld_library_path", "wheel" (an nvidia-* package), "prefix" (the lib folder of this
            Python, as conda fills it) or "system" (the loader's cache).
    """

    soname: str
    path: str
    origin: str


@dataclass(frozen=True)
class LibraryFacts:
    """The libraries asked for, and every place that has one, in the loader's order.

    Args:
        wanted: sonames; empty for a build without CUDA, and outside Linux.
        ld_library_path: the environment variable, None when unset.
    """

    wanted: tuple[str, ...]
    found: tuple[Library, ...]
    ld_library_path: str | None


def libraries(
    build: TensorFlowBuild | None,
    environ: Mapping[str, str] = os.environ,
    root: Path = Path("/"),
) -> LibraryFacts:
    """Looks for the CUDA runtime, cuBLAS and cuDNN of `build` without loading any.

    The order is the loader's: LD_LIBRARY_PATH comes before the RUNPATH of TensorFlow's wheel,
    which names the folders of the nvidia-* packages beside it (ld.so(8)).
    """
    path = environ.get("LD_LIBRARY_PATH")
    wanted = sonames(build) if sys.platform == "linux" else ()
    cache = _loader_cache(root) if wanted else b""
    folder = Path(build.folder) if build else Path()
    found = [one for soname in wanted for one in _places(soname, path or "", folder, cache)]
    return LibraryFacts(wanted=wanted, found=tuple(found), ld_library_path=path)


def sonames(build: TensorFlowBuild | None) -> tuple[str, ...]:
    """The libraries that must be there for this build to see a GPU; () without CUDA."""
    if build is None or not build.is_cuda_build or not build.cuda_version:
        return ()
    cuda = numbers(build.cuda_version)
    # CUDA 11 names its runtime libcudart.so.11.0, later ones by the major version alone.
    runtime = "11.0" if cuda[0] == 11 else ".".join(map(str, cuda[: 1 if cuda[0] > 11 else 2]))
    names = [f"libcudart.so.{runtime}", f"libcublas.so.{cuda[0]}"]
    if build.cudnn_version:
        names.append(f"libcudnn.so.{numbers(build.cudnn_version)[0]}")
    return tuple(names)


def _places(soname: str, ld_library_path: str, tensorflow: Path, cache: bytes) -> Iterator[Library]:
    for folder in ld_library_path.split(os.pathsep):
        if folder and (Path(folder) / soname).exists():
            yield Library(soname, str(Path(folder) / soname), "ld_library_path")
    for file in sorted(tensorflow.glob(f"nvidia/*/lib/{soname}")):
        yield Library(soname, str(file), "wheel")
    own = Path(sys.prefix) / "lib" / soname
    if own.exists():
        yield Library(soname, str(own), "prefix")
    cached = re.search(rb"\x00(/[^\x00]*/" + re.escape(soname.encode()) + rb")\x00", cache)
    if cached:
        yield Library(soname, os.fsdecode(cached[1]), "system")


def _loader_cache(root: Path) -> bytes:
    """The text of ld.so.cache, which holds every path that `ldconfig -p` would list."""
    try:
        return (root / "etc/ld.so.cache").read_bytes()
    except OSError:
        return b""
