"""Which Python packages are installed, and whether they are what others require."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pipeline.environment.builds import TENSORFLOW_PACKAGES

SHOWN = (
    "tensorflow",
    "tensorflow-cpu",
    "tensorflow-gpu",
    "tf-nightly",
    "tf-keras",
    "keras",
    "numpy",
    "protobuf",
    "h5py",
    "ml-dtypes",
    "pillow",
    "scipy",
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
    "pydantic",
    "textual",
    "tensorboard",
    "ai-edge-litert",
)
CUDA_EXTRA = "and-cuda"


@dataclass(frozen=True)
class Package:
    """An installed distribution."""

    name: str
    version: str


@dataclass(frozen=True)
class Pin:
    """One requirement that applies to this Python and system.

    Args:
        owner: the distribution that asks, such as "tensorflow".
        name: the distribution asked for.
        requirement: as `pip install` takes it, such as "numpy>=1.26.0".
        extra: "" or the extra of the owner that asks, such as "and-cuda".
        installed: the version found, None when absent.
        holds: whether `installed` is allowed.
    """

    owner: str
    name: str
    requirement: str
    extra: str
    installed: str | None
    holds: bool


@dataclass(frozen=True)
class PackageFacts:
    """Installed packages worth showing, and the pins of hanzi-tui and of TensorFlow."""

    installed: tuple[Package, ...]
    pins: tuple[Pin, ...]


def packages(owners: tuple[str, ...] = ("hanzi-tui", *TENSORFLOW_PACKAGES)) -> PackageFacts:
    """Reads the metadata of what is installed; imports none of it.

    Args:
        owners: whose requirements are checked; one that is not installed has none.
    """
    versions: dict[str, str] = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            # The first on sys.path is the one that an import finds.
            versions.setdefault(canonicalize_name(name), distribution.version)
    shown = [name for name in SHOWN if name in versions]
    shown += sorted(name for name in versions if name.startswith("nvidia-"))
    return PackageFacts(
        installed=tuple(Package(name, versions[name]) for name in shown),
        pins=tuple(pin for owner in owners for pin in _pins(owner, versions)),
    )


def _pins(owner: str, versions: dict[str, str]) -> list[Pin]:
    try:
        lines = metadata.requires(owner) or []
    except metadata.PackageNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        extra = next((one for one in ("", CUDA_EXTRA) if _applies(requirement, one)), None)
        if extra is None:
            continue
        name = canonicalize_name(requirement.name)
        version = versions.get(name)
        holds = version is not None and requirement.specifier.contains(version, prereleases=True)
        text = f"{requirement.name}{requirement.specifier}"
        found.append(Pin(owner, name, text, extra, version, holds))
    return found


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})
