"""The messages by which TensorFlow, CUDA and the loader say what is wrong, as data.

A table from pattern to code: the rules and the words for people know only codes. Where a message
differs between versions, several patterns share a code. Most texts were read in the binaries of
TensorFlow 2.21; the others come from the issues that report them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LINE_LIMIT = 500


@dataclass(frozen=True)
class Message:
    """A known message that was written.

    Args:
        code: of PATTERNS, such as "cannot_dlopen".
        params: what the message holds, by name, such as {"library": "libcudnn.so.9"}.
        line: as it was written, at most LINE_LIMIT characters.
    """

    code: str
    params: dict[str, str]
    line: str


_VERSION = r"\d+(?:\.\d+)*"
PATTERNS: tuple[tuple[str, str], ...] = (
    ("no_cuda_driver", r"Could not find cuda drivers on your machine"),
    ("cannot_dlopen", r"Cannot dlopen some GPU libraries"),
    (
        "library_missing",
        r"Could not load dynamic library '(?P<library>[^']+)'(?:; dlerror: (?P<reason>[^;\n]+))?",
    ),
    (
        "library_missing",
        r"(?<!dlerror: )(?<![\w/.])(?P<library>lib[\w+-]+\.so[.\d]*): "
        r"(?P<reason>cannot open shared object file[^;\n]*)",
    ),
    ("cuinit_failed", r"failed call to cuInit: (?P<error>[^\n]+)"),
    ("version_mismatch", r"Failed to initialize NVML: Driver/library version mismatch"),
    (
        "kernel_mismatch",
        r"kernel version (?P<kernel>[\d.]+) does not match DSO version (?P<library>[\d.]+)",
    ),
    (
        "cudnn_older",
        rf"Loaded runtime CuDNN library: (?P<loaded>{_VERSION}) but source was compiled with: "
        rf"(?P<built>{_VERSION})",
    ),
    ("cudnn_not_found", r"DNN library is not found"),
    ("cudnn_failed", r"DNN library initialization failed"),
    ("cudnn_failed", r"Could not create cudnn handle: (?P<error>\w+)"),
    ("libdevice_missing", r"libdevice not found at (?P<path>\S+)"),
    ("libdevice_missing", r"Can't find libdevice directory (?P<path>\S+)"),
    (
        "ptxas_missing",
        r"Couldn't (?:get|invoke) (?P<program>ptxas|nvlink)\S* ?(?:version|--version)",
    ),
    ("ptxas_missing", r"Failed to launch (?P<program>ptxas)"),
    ("ptxas_missing", r"No PTX compilation provider is available"),
    (
        "capability_new",
        r"not built with CUDA kernel binaries compatible with compute capability "
        r"(?P<capability>\d+\.\d+)",
    ),
    ("capability_new", r"PTX version [\d.]+ does not support target '(?P<target>sm_\w+)'"),
    ("capability_new", r"CUDA_ERROR_INVALID_PTX"),
    ("capability_old", r"device kernel image is invalid"),
    (
        "capability_old",
        r"Ignoring visible gpu device .*compute capability (?P<capability>\d+\.\d+)",
    ),
    ("driver_old", r"CUDA driver version is insufficient for CUDA runtime version"),
    ("factory_registered", r"Unable to register (?P<factory>\w+) factory"),
    ("nccl_system_error", r"unhandled system error.*NCCL|NCCL.*unhandled system error"),
    ("out_of_memory", r"CUDA_ERROR_OUT_OF_MEMORY"),
    ("no_avx", r"compiled to use (?P<features>[\w. ,]+) instructions, but these aren't available"),
    ("numpy_too_new", r"compiled using NumPy 1\.x cannot be run in\s+NumPy (?P<numpy>[\d.]+\d)"),
    ("numpy_too_new", r"_ARRAY_API not found"),
    ("protobuf_too_new", r"Descriptors cannot (?:not )?be created directly"),
    ("protobuf_too_new", r"'MessageFactory' object has no attribute 'GetPrototype'"),
    ("protobuf_gencode", r"Detected incompatible Protobuf Gencode/Runtime versions"),
    ("pillow_array", r"__array__\(\) takes 1 positional argument but 2 were given"),
    ("scipy_missing", r"Image transformations require SciPy"),
    ("tensorboard_missing", r"TensorBoard is not installed"),
    ("glibc_old", r"version `(?P<version>GLIBC(?:XX)?_[\d.]+)' not found"),
    ("no_static_tls", r"(?P<library>\S+): cannot allocate memory in static TLS block"),
    ("numa", r"successful NUMA node read from SysFS had negative value"),
    ("onednn", r"oneDNN custom operations are on"),
    ("rebuild_for_cpu", r"This TensorFlow binary is optimized to use"),
)
"""Code and pattern, in the order in which they are tried; a line may match several."""


def known(output: str) -> tuple[Message, ...]:
    """Finds the known messages in what was written, in order; one that is repeated counts once.

    Args:
        output: of one or several processes, lines of any length.
    """
    found: dict[tuple[str, ...], tuple[int, Message]] = {}
    for code, pattern in PATTERNS:
        for match in re.finditer(pattern, output):
            params = {name: text.strip() for name, text in match.groupdict().items() if text}
            message = Message(code, params, _line(output, match))
            found.setdefault((code, *params.values()), (match.start(), message))
    return tuple(message for _, message in sorted(found.values(), key=lambda one: one[0]))


def _line(output: str, match: re.Match[str]) -> str:
    start = output.rfind("\n", 0, match.start()) + 1
    end = output.find("\n", match.end())
    return output[start : end if end >= 0 else None].strip()[:LINE_LIMIT]
