"""What must be right among CUDA's libraries: there, of the right version, hidden by no other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pipeline.environment.builds import TensorFlowBuild, numbers
from pipeline.environment.findings import Finding, error, passed, warning
from pipeline.environment.fixes import cuda_libraries, install, tested
from pipeline.environment.library_facts import Library, LibraryFacts
from pipeline.environment.packages import CUDA_EXTRA, Pin
from pipeline.environment.presence_rules import in_container, usable
from pipeline.environment.probes import Facts
from pipeline.environment.said import said, sees_gpu

LIBCUDA = "libcuda.so.1"
# Since CUDA 11 a program runs with any minor version of its major one.
FIRST_COMPATIBLE_CUDA = (11,)
BROKEN = ("unloadable", "crashed", "hung")
FIND_NVCC = "python -c 'import nvidia.cuda_nvcc as found; print(*found.__path__)'"


def cuda(facts: Facts) -> Iterator[Finding]:
    """The CUDA libraries of the build are there: from the nvidia-* wheels, or the system's."""
    found, places = facts.tensorflow, facts.libraries
    if found is None or places is None or not places.wanted or not usable(facts):
        return
    missing = [soname for soname in places.wanted if places.first(soname) is None]
    unmet = [pin for pin in _extras(facts) if not pin.holds]
    wheels = any(_wheel(places, soname) for soname in places.wanted)
    if missing and not sees_gpu(facts):
        yield _missing(facts, found, places, missing)
    elif unmet and wheels:
        listed = ", ".join(f"{pin.requirement} ({pin.installed or '-'})" for pin in unmet)
        kind = warning if sees_gpu(facts) else error
        yield kind("cuda_pins_unmet", cuda_libraries(facts), packages=listed)
    else:
        first = [places.first(soname) for soname in places.wanted]
        folders = dict.fromkeys(os.path.dirname(place.path) for place in first if place)
        yield passed("cuda_ok", folders=", ".join(folders))


def _missing(
    facts: Facts, found: TensorFlowBuild, places: LibraryFacts, missing: list[str]
) -> Finding:
    """Libraries that are nowhere, of another major version, or off the loader's path."""
    fix = cuda_libraries(facts)
    cudnn = found.cudnn_version or "?"
    other = _other_cudnn(facts, cudnn)
    if other and all(soname.startswith("libcudnn") for soname in missing):
        values = {"version": found.version, "wanted": cudnn, "installed": other}
        return error("cudnn_major", cudnn_fix(facts), **values)
    apart = {place.soname: os.path.dirname(place.path) for place in places.elsewhere}
    if all(soname in apart for soname in missing):
        folders = list(dict.fromkeys(apart[soname] for soname in missing))
        values = {"libraries": ", ".join(missing), "folders": ", ".join(folders)}
        return error("cuda_elsewhere", before_path(places, *folders), **values)
    values = {"libraries": ", ".join(missing), "cuda": found.cuda_version or "?", "cudnn": cudnn}
    whole = len(missing) == len(places.wanted)
    return error("cuda_missing" if whole else "cuda_incomplete", fix, **values)


def _other_cudnn(facts: Facts, wanted: str) -> str | None:
    """The version of a cuDNN that is here, but of another major version than the one wanted."""
    packages = facts.packages.installed if facts.packages else ()
    by_conda = facts.installers.conda_packages if facts.installers else ()
    named = [
        one for one in (*packages, *by_conda) if one.name.startswith(("nvidia-cudnn", "cudnn"))
    ]
    files = facts.libraries.elsewhere if facts.libraries else ()
    numbered = [one for one in files if one.soname.startswith("libcudnn.so.")]
    there = [one.version for one in named]
    there += [one.version or one.soname.removeprefix("libcudnn.so.") for one in numbered]
    return next((one for one in there if numbers(one)[:1] != numbers(wanted)[:1]), None)


def cudnn_fix(facts: Facts) -> str | None:
    """Installs the cuDNN of the build: its wheel alone where the build names one."""
    pin = next((one for one in _extras(facts) if one.name.startswith("nvidia-cudnn")), None)
    return install(facts, pin.requirement) if pin else cuda_libraries(facts)


def conda_cuda(facts: Facts) -> Iterator[Finding]:
    """conda's cudatoolkit and cudnn are those of the build, where the build is to use them."""
    known, row = facts.installers, tested(facts)
    if known is None or row is None or row.cuda is None or _has_wheels(facts):
        return
    there = {one.name: one.version for one in known.conda_packages}
    toolkit, cudnn = there.get("cudatoolkit"), there.get("cudnn")
    if toolkit is None:
        return
    wrong = [] if _runs(toolkit, row.cuda) else [f"cudatoolkit {toolkit}"]
    wrong += [] if cudnn is None or _is_enough(cudnn, row.cudnn) else [f"cudnn {cudnn}"]
    if wrong:
        values = {"version": row.tensorflow, "cuda": row.cuda, "cudnn": row.cudnn}
        fix = cuda_libraries(facts)
        yield error("conda_cuda_wrong", fix, packages=", ".join(wrong), **values)
    elif cudnn is not None:
        yield passed("conda_cuda_ok", cuda=toolkit, cudnn=cudnn)


def shadowed(facts: Facts) -> Iterator[Finding]:
    """LD_LIBRARY_PATH holds no library that hides one of the nvidia-* wheels."""
    places = facts.libraries
    if places is None or not places.ld_library_path:
        return
    first = [places.first(soname) for soname in places.wanted]
    on_path = [one for one in first if one is not None and one.origin == "ld_library_path"]
    pairs = [(one, _wheel(places, one.soname)) for one in on_path]
    hiding = [(one, hidden) for one, hidden in pairs if hidden is not None]
    if not hiding:
        return
    folders = {os.path.dirname(one.path) for one, _ in hiding}
    fix = without_path(places, folders)
    wrong = next(((one, hidden) for one, hidden in hiding if _breaks(facts, one, hidden)), None)
    if wrong and usable(facts):
        one, hidden = wrong
        name = "cuDNN" if one.soname.startswith("libcudnn") else one.soname
        values = {"library": name, "found": one.version, "hidden": hidden.version or "?"}
        yield error("library_hidden", fix, **values, folder=os.path.dirname(one.path))
    else:
        names = ", ".join(one.soname for one, _ in hiding)
        yield warning("library_shadowed", fix, libraries=names, folders=", ".join(sorted(folders)))


def _breaks(facts: Facts, one: Library, hidden: Library) -> bool:
    """Whether the copy that is used does not serve the build; for CUDA, TensorFlow has to prove it.

    cuDNN must not be older than the one of the build. CUDA's libraries of one major version
    mostly work with each other.
    """
    if one.version is None:
        return False
    if one.soname.startswith("libcudnn"):
        row = tested(facts)
        return row is not None and not _is_enough(one.version, row.cudnn)
    refused = facts.tensorflow_import is not None and not sees_gpu(facts)
    return refused and numbers(one.version)[:2] < numbers(hidden.version or "")[:2]


def cudnn(facts: Facts) -> Iterator[Finding]:
    """cuDNN is not older than the one TensorFlow was compiled with."""
    found, row, told = facts.tensorflow, tested(facts), said(facts, "cudnn_older")
    if found is None or not usable(facts):
        return
    places = facts.libraries.found if facts.libraries else ()
    used = next((one for one in places if one.soname.startswith("libcudnn.so.")), None)
    here, wanted = used.version if used else None, row.cudnn if row else None
    there, built = (told.params["loaded"], told.params["built"]) if told else (here, wanted)
    if there is not None and built is not None and not _is_enough(there, built):
        yield error(
            "cudnn_older", cudnn_fix(facts), found=there, built=built, version=found.version
        )


def broken(facts: Facts) -> Iterator[Finding]:
    """The libraries that would be used can be loaded."""
    places = facts.libraries
    if places is None or not usable(facts) or sees_gpu(facts):
        return
    for soname in (*places.wanted, LIBCUDA):
        one = places.first(soname)
        if one is not None and one.state in BROKEN and not _is_stub(one):
            folder, detail = os.path.dirname(one.path), one.detail or one.state
            fix = cuda_libraries(facts) if one.origin == "wheel" else None
            yield error("library_broken", fix, library=soname, folder=folder, detail=detail)


def libcuda(facts: Facts) -> Iterator[Finding]:
    """The driver's library for programs is where the loader looks, and is no stub."""
    places = facts.libraries
    if places is None or not places.wanted or not usable(facts) or sees_gpu(facts):
        return
    one = places.first(LIBCUDA)
    if one is not None:
        if _is_stub(one):
            stubs = os.path.dirname(one.path)
            yield error("libcuda_stub", without_path(places, {stubs}), folder=stubs)
        return
    folder = facts.devices.wsl_folder if facts.devices else None
    if facts.system is not None and facts.system.os == "wsl" and folder:
        yield error("wsl_library_path", before_path(places, folder), folder=folder)
    else:
        boxed = "docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,utility IMAGE"
        yield error("libcuda_missing", boxed if in_container(facts) else "sudo ldconfig")


def compilers(facts: Facts) -> Iterator[Finding]:
    """XLA finds what it compiles GPU code with; without it only `jit_compile` fails."""
    places = facts.libraries
    if not usable(facts):
        return
    for name, code in (("libdevice.10.bc", "libdevice_missing"), ("ptxas", "ptxas_missing")):
        one = places.first(name) if places else None
        fits = one is not None and one.state not in BROKEN
        searched = places is not None and bool(places.wanted)
        if said(facts, code):
            yield warning(code, _show_compiler(one) if one and fits else _compiler(facts))
        elif searched and not fits:
            yield warning(code, _compiler(facts))


def _show_compiler(one: Library) -> str:
    """Tells XLA of a file that is there, but where it does not look."""
    folder = Path(one.path).parent
    if one.soname == "ptxas":
        return f'export PATH="{folder}:$PATH"'
    # It looks for nvvm/libdevice below the folder that it is given.
    return f"export XLA_FLAGS=--xla_gpu_cuda_data_dir={folder.parent.parent}"


def _compiler(facts: Facts) -> str | None:
    """Installs libdevice and ptxas; a build without the CUDA extra has to be shown the folder."""
    pin = next((one for one in _extras(facts) if "nvcc" in one.name), None)
    if pin:
        return install(facts, pin.requirement)
    cuda = numbers(facts.tensorflow.cuda_version or "") if facts.tensorflow else ()
    if cuda[:1] < FIRST_COMPATIBLE_CUDA:
        return None
    wheel = install(facts, f"nvidia-cuda-nvcc-cu{cuda[0]}")
    return f"{wheel} && export XLA_FLAGS=--xla_gpu_cuda_data_dir=$({FIND_NVCC})"


def before_path(places: LibraryFacts, *folders: str) -> str:
    """Puts folders before the loader's path."""
    kept = ":$LD_LIBRARY_PATH" if places.ld_library_path else ""
    return f'export LD_LIBRARY_PATH="{":".join(folders)}{kept}"'


def without_path(places: LibraryFacts, folders: set[str]) -> str:
    """Takes folders out of the loader's path."""
    entries = (places.ld_library_path or "").split(os.pathsep)
    kept = os.pathsep.join(one for one in entries if one and one.rstrip("/") not in folders)
    return f"export LD_LIBRARY_PATH='{kept}'" if kept else "unset LD_LIBRARY_PATH"


def _runs(cuda_there: str, cuda_built: str) -> bool:
    depth = 1 if numbers(cuda_built)[:1] >= FIRST_COMPATIBLE_CUDA else 2
    return numbers(cuda_there)[:depth] == numbers(cuda_built)[:depth]


def _is_enough(cudnn_there: str, cudnn_built: str | None) -> bool:
    built = numbers(cudnn_built or "0")
    there = numbers(cudnn_there)
    return there[:1] == built[:1] and there[:2] >= built[:2]


def _extras(facts: Facts) -> list[Pin]:
    known = facts.packages.pins if facts.packages else ()
    return [pin for pin in known if pin.extra == CUDA_EXTRA]


def _has_wheels(facts: Facts) -> bool:
    return any(pin.installed for pin in _extras(facts))


def _wheel(places: LibraryFacts, soname: str) -> Library | None:
    found = (one for one in places.found if one.soname == soname and one.origin == "wheel")
    return next(found, None)


def _is_stub(one: Library) -> bool:
    return os.path.basename(os.path.dirname(one.path)) == "stubs"


LIBRARY_RULES = (cuda, conda_cuda, shadowed, cudnn, broken, libcuda, compilers)
