"""Where the loader, and XLA, look for the libraries and files of CUDA, in their order."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.environment.elf import search_path
from pipeline.environment.library_facts import Library

WSL_FOLDER = "usr/lib/wsl/lib"
_DEFAULT_FOLDERS = ("lib64", "usr/lib64", "usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu",
                    "lib", "usr/lib")  # fmt: skip
_TENSORFLOW_LIBRARIES = (
    "libtensorflow_framework.so.2",
    "libtensorflow_cc.so.2",
    "python/_pywrap_tensorflow_internal.so",
)


@dataclass(frozen=True)
class Folder:
    """A folder of libraries; `origin` as in Library."""

    path: Path
    origin: str


@dataclass(frozen=True)
class Search:
    """The folders of a search.

    Args:
        folders: in the order in which the loader goes through them.
        off: folders that may hold CUDA, but which nobody searches.
        cache: the loader's cache, which is asked before the folders of origin "system".
    """

    folders: tuple[Folder, ...]
    off: tuple[Folder, ...]
    cache: bytes

    @property
    def runpath(self) -> tuple[str, ...]:
        """The folders that TensorFlow's own library names."""
        return tuple(str(one.path) for one in self.folders if one.origin in ("wheel", "prefix"))


def library_search(site: Path | None, environ: Mapping[str, str], root: Path) -> Search:
    """The loader's search for what TensorFlow opens.

    RPATH, LD_LIBRARY_PATH, RUNPATH, the cache, the system's folders (ld.so(8)). TensorFlow's wheel
    has a RUNPATH with the folders of the nvidia-* packages, so LD_LIBRARY_PATH hides those; conda's
    TensorFlow has an RPATH with the library folder of its environment, which hides everything.

    Args:
        site: the folder in which TensorFlow's package lies, None without TensorFlow.
        root: the root of the file system that holds /etc, /usr and /opt.
    """
    before, after = _named_by_tensorflow(site)
    given = environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    folders = [
        *before,
        *(Folder(Path(one), "ld_library_path") for one in given if one),
        *after,
        *(Folder(root / one, "system") for one in _DEFAULT_FOLDERS),
    ]
    searched = {os.path.realpath(one.path) for one in folders}
    off = [one for one in _off(site, environ, root) if os.path.realpath(one.path) not in searched]
    return Search(_there(folders), _there(off), _loader_cache(root))


def places(search: Search, soname: str) -> Iterator[Library]:
    """Every copy of a library that the search comes by; the first one is loaded."""
    files: list[tuple[str, str]] = []
    for folder in search.folders:
        if folder.origin != "system" and (folder.path / soname).exists():
            files.append((str(folder.path / soname), folder.origin))
    cached = re.search(rb"\x00(/[^\x00]*/" + re.escape(soname.encode()) + rb")\x00", search.cache)
    if cached:
        files.append((os.fsdecode(cached[1]), "system"))
    for folder in search.folders:
        if folder.origin == "system" and (folder.path / soname).exists():
            files.append((str(folder.path / soname), "system"))
    seen = set()
    for path, origin in files:
        if (real := os.path.realpath(path)) not in seen:
            seen.add(real)
            yield Library(soname, path, origin)


def unused(search: Search, sonames: tuple[str, ...]) -> Iterator[Library]:
    """Copies the search does not come by, and other versions of the same libraries."""
    stems = {soname.split(".so")[0] for soname in sonames}
    seen = {os.path.realpath(one.path) for name in sonames for one in places(search, name)}
    for folder in (*search.off, *search.folders):
        for name in sorted(_names(folder.path), key=len):
            stem, _, version = name.partition(".so.")
            real = os.path.realpath(folder.path / name)
            known = stem in stems and re.fullmatch(r"[\d.]+", version)
            if known and real not in seen and os.path.exists(real):
                seen.add(real)
                yield Library(name, str(folder.path / name), folder.origin)


def xla_files(
    name: str, site: Path | None, environ: Mapping[str, str], root: Path
) -> Iterator[Library]:
    """Copies of "ptxas" or "libdevice.10.bc" in XLA's order (cuda_root_path.cc of XLA).

    First the folder of --xla_gpu_cuda_data_dir, for a program then PATH, then the toolkits.
    """
    flag = re.search(r"--xla_gpu_cuda_data_dir=(\S+)", environ.get("XLA_FLAGS", ""))
    inside = "bin" if name == "ptxas" else "nvvm/libdevice"
    folders = [Folder(Path(flag[1]) / inside, "xla_flags")] if flag else []
    if flag and name != "ptxas":
        folders.append(Folder(Path(flag[1]), "xla_flags"))
    if name == "ptxas":
        on_path = environ.get("PATH", "").split(os.pathsep)
        folders += [Folder(Path(one), "path") for one in on_path if one]
    roots = [Folder(root / one, "toolkit") for one in ("usr/local/cuda", "opt/cuda")]
    if site is not None:
        inner = ("nvidia/cuda_nvcc", "nvidia/cu13", "tensorflow/cuda")
        roots += [Folder(site / one, "wheel") for one in inner]
        roots.append(Folder(site.parent.parent.parent, "prefix"))
    folders += [Folder(one.path / inside, one.origin) for one in roots]
    seen = set()
    for folder in folders:
        file = folder.path / name
        real = os.path.realpath(file)
        if file.is_file() and real not in seen and (name != "ptxas" or os.access(file, os.X_OK)):
            seen.add(real)
            yield Library(name, str(file), folder.origin)


def _named_by_tensorflow(site: Path | None) -> tuple[list[Folder], list[Folder]]:
    """Folders that TensorFlow's libraries name: before LD_LIBRARY_PATH, and after it."""
    if site is None:
        return [], []
    read = [search_path(site / "tensorflow" / name) for name in _TENSORFLOW_LIBRARIES]
    known = [one for one in read if one is not None]
    if not known:
        wheels = [Folder(folder, "wheel") for folder in sorted(site.glob("nvidia/*/lib"))]
        return [], [*wheels, Folder(Path(sys.prefix) / "lib", "prefix")]
    before = dict.fromkeys(folder for one in known for folder in one.rpath)
    after = dict.fromkeys(folder for one in known for folder in one.runpath)
    return _own(before, site), _own(after, site)


def _own(folders: Iterable[str], site: Path) -> list[Folder]:
    """With their origins; TensorFlow's own folder holds none of CUDA's libraries."""
    outside = [Path(one) for one in folders if not Path(one).is_relative_to(site / "tensorflow")]
    return [Folder(one, "wheel" if one.is_relative_to(site) else "prefix") for one in outside]


def _off(site: Path | None, environ: Mapping[str, str], root: Path) -> Iterator[Folder]:
    for folder in sorted(site.glob("nvidia/*/lib")) if site else ():
        yield Folder(folder, "wheel")
    yield Folder(Path(sys.prefix) / "lib", "prefix")
    if "CONDA_PREFIX" in environ:
        yield Folder(Path(environ["CONDA_PREFIX"]) / "lib", "prefix")
    named = [Path(environ[one]) for one in ("CUDA_HOME", "CUDA_PATH") if environ.get(one)]
    toolkits = [*named, *sorted((root / "usr/local").glob("cuda*")), root / "opt/cuda"]
    for toolkit in toolkits:
        yield Folder(toolkit / "lib64", "toolkit")
    yield Folder(root / WSL_FOLDER, "wsl")


def _there(folders: list[Folder]) -> tuple[Folder, ...]:
    """Those that exist, each once."""
    once: dict[str, Folder] = {}
    for folder in folders:
        if folder.path.is_dir():
            once.setdefault(os.path.realpath(folder.path), folder)
    return tuple(once.values())


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _loader_cache(root: Path) -> bytes:
    """The text of ld.so.cache, which holds every path that `ldconfig -p` would list."""
    try:
        return (root / "etc/ld.so.cache").read_bytes()
    except OSError:
        return b""
