"""The CUDA libraries a TensorFlow build would load here: from where, which version, what hides."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pipeline.environment.builds import TensorFlowBuild, numbers
from pipeline.environment.library_facts import DRIVER_LIBRARIES, OPTIONAL, Library, LibraryFacts
from pipeline.environment.library_search import library_search, places, unused, xla_files
from pipeline.environment.library_versions import TIMEOUT_S, asked

__all__ = ["DRIVER_LIBRARIES", "OPTIONAL", "Library", "LibraryFacts", "libraries", "sonames"]

# What TensorFlow's dso_loader.cc opens, with the number each CUDA gives it; the number of
# libcudart of CUDA 11 is 11.0 in all its releases.
_NUMBERS = {
    13: {"cudart": "13", "cublas": "13", "cublasLt": "13", "cufft": "12", "cusolver": "12",
         "cusparse": "12"},
    12: {"cudart": "12", "cublas": "12", "cublasLt": "12", "cufft": "11", "cusolver": "11",
         "cusparse": "12"},
    11: {"cudart": "11.0", "cublas": "11", "cublasLt": "11", "cufft": "10", "cusolver": "11",
         "cusparse": "11"},
}  # fmt: skip
_OLDER = ("cudart", "cublas", "cufft", "curand", "cusolver", "cusparse")


def libraries(
    build: TensorFlowBuild | None,
    environ: Mapping[str, str] = os.environ,
    root: Path = Path("/"),
    timeout_s: float = TIMEOUT_S,
) -> LibraryFacts:
    """Finds the CUDA libraries of `build` and the driver's, and asks each for its version.

    Args:
        root: the root of the file system that holds /etc, /usr and /opt.
        timeout_s: for each library, as they may hang.
    """
    path = environ.get("LD_LIBRARY_PATH")
    if sys.platform != "linux":
        return LibraryFacts(wanted=(), found=(), ld_library_path=path)
    wanted = sonames(build)
    site = Path(build.folder) if build else None
    search = library_search(site, environ, root)
    loaded = (*wanted, *DRIVER_LIBRARIES, *(OPTIONAL[:1] if wanted else ()))
    found = [one for soname in loaded for one in places(search, soname)]
    for name in OPTIONAL[1:] if wanted else ():
        found += xla_files(name, site, environ, root)
    return LibraryFacts(
        wanted=wanted,
        found=asked(found, environ, search.runpath, timeout_s),
        ld_library_path=path,
        elsewhere=tuple(unused(search, loaded)),
        runpath=search.runpath,
    )


def sonames(build: TensorFlowBuild | None) -> tuple[str, ...]:
    """The libraries that must be there for this build to see a GPU; () without CUDA."""
    if build is None or not build.is_cuda_build or not build.cuda_version:
        return ()
    cuda = numbers(build.cuda_version)
    known = _NUMBERS.get(cuda[0])
    if known is None:
        # Before 10.1 every library had the number of CUDA; then only its runtime has.
        minor = ".".join(map(str, cuda[:2]))
        number = minor if cuda < (10, 1) else str(cuda[0])
        known = dict.fromkeys(_OLDER, number) | {"cudart": minor}
    names = [f"lib{name}.so.{number}" for name, number in known.items()]
    if build.cudnn_version:
        names.append(f"libcudnn.so.{numbers(build.cudnn_version)[0]}")
    return tuple(names)
