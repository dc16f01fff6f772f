"""GPU generations: the compute capability of a GPU by its name, and which builds hold code for it.

`gpus.csv` holds NVIDIA's lists of compute capabilities, `build_capabilities.csv` what TensorFlow's
wheels were compiled for; every row names the page it comes from.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

from pipeline.environment.builds import numbers

# Words that makers and tools put around a name: memory, socket, cooling, the brand.
_DECORATION = re.compile(
    r"\b(nvidia|geforce|tesla|graphics|device|generation|laptop gpu|mobile|max-?q|"
    r"pcie|sxm\d*|hbm\d\w*|\d+ ?gb|(server|workstation) edition|gpu)\b"
)


@cache
def gpus() -> dict[str, tuple[int, int]]:
    """Compute capabilities by the names people use, such as "RTX 3070": (8, 6)."""
    found = {}
    for row in _table("gpus.csv"):
        major, minor = row["compute_capability"].split(".")
        found[row["gpu"]] = int(major), int(minor)
    return found


def gpu_named(name: str) -> str | None:
    """The entry of `gpus` that a name means: "NVIDIA A100-SXM4-80GB" is "A100"; None for none."""
    plain = {_plain(one): one for one in gpus()}
    wanted = _plain(name)
    # "V100-DGXS" and "RTX 6000 Ada Lovelace" begin with the entry; the longest is meant.
    fits = [one for one in plain if wanted == one or wanted.startswith(f"{one} ")]
    return plain[max(fits, key=len)] if fits else None


def nearest_gpus(name: str) -> list[str]:
    """Up to three entries of `gpus` that look like a name nobody knows."""
    import difflib

    plain = {_plain(one): one for one in gpus()}
    return [plain[one] for one in difflib.get_close_matches(_plain(name), plain, 3, 0.6)]


def build_capabilities(tensorflow: str) -> tuple[str, ...]:
    """What TensorFlow's own wheels of a version were compiled for; () for an unknown version."""
    wanted = numbers(tensorflow)[:2]
    for row in _table("build_capabilities.csv"):
        if numbers(row["tf_first"]) <= wanted <= numbers(row["tf_last"]):
            return tuple(row["capabilities"].split())
    return ()


def covers(built_for: Sequence[str], capability: tuple[int, int]) -> str:
    """Whether a build runs on a GPU.

    Machine code runs on GPUs of the same major and the same or a higher minor version (CUDA C++
    Programming Guide, "Binary Compatibility"). TensorFlow puts machine code into the wheel for
    "sm_XY", and machine code and PTX for "compute_XY".

    Returns:
        "native", "new" (only by compiling its PTX, if it holds any), "old" or "unknown".
    """
    found = (re.search(r"(\d+)\.?(\d)[af]?$", one) for one in built_for)
    versions = [(int(one[1]), int(one[2])) for one in found if one]
    if not versions:
        return "unknown"
    if any(major == capability[0] and minor <= capability[1] for major, minor in versions):
        return "native"
    return "old" if capability < min(versions) else "new"


def _plain(name: str) -> str:
    words = re.sub(r"[-_/()]", " ", name.casefold())
    return " ".join(_DECORATION.sub(" ", words).split())


@cache
def _table(name: str) -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
