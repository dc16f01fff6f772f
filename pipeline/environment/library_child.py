"""Loads one CUDA library and prints the version it tells: a program of its own.

    python library_child.py PATH NAME

NAME is the library's name without its version, such as "libcudnn". A library that crashes or
hangs takes only this process with it. Exit code 3 means that the loader refused it.
"""

import ctypes
import os
import sys

REFUSED = 3
MAJOR, MINOR, PATCH = range(3)


def _number(library: ctypes.CDLL, function: str) -> int:
    """What a function gives that writes an int behind its one argument, and returns 0."""
    value = ctypes.c_int()
    status = getattr(library, function)(ctypes.byref(value))
    if status:
        raise RuntimeError(f"{function}: status {status}")
    return value.value


def _properties(library: ctypes.CDLL, function: str) -> str:
    """The version as libraryPropertyType (library_types.h of CUDA) asks for it."""
    ask = getattr(library, function)
    parts = []
    for kind in (MAJOR, MINOR, PATCH):
        value = ctypes.c_int()
        status = ask(kind, ctypes.byref(value))
        if status:
            raise RuntimeError(f"{function}: status {status}")
        parts.append(str(value.value))
    return ".".join(parts)


def _cuda(number: int) -> str:
    """12050 is 12.5."""
    return f"{number // 1000}.{number % 1000 // 10}"


def _cudnn(library: ctypes.CDLL) -> str:
    """90300 is 9.3.0 since cuDNN 9, 8907 was 8.9.7."""
    library.cudnnGetVersion.restype = ctypes.c_size_t
    number = library.cudnnGetVersion()
    thousand = 10000 if number >= 90000 else 1000
    return f"{number // thousand}.{number % thousand // 100}.{number % 100}"


def _nccl(library: ctypes.CDLL) -> str:
    """22705 is 2.27.5 since NCCL 2.9, 2804 was 2.8.4."""
    number = _number(library, "ncclGetVersion")
    thousand = 10000 if number >= 10000 else 1000
    return f"{number // thousand}.{number % thousand // 100}.{number % 100}"


def _nvml(library: ctypes.CDLL) -> str:
    """NVML answers "12.550.54.15" before it is initialised: its own number, and the driver's."""
    text = ctypes.create_string_buffer(80)
    status = library.nvmlSystemGetNVMLVersion(text, ctypes.c_uint(len(text)))
    if status:
        raise RuntimeError(f"nvmlSystemGetNVMLVersion: status {status}")
    return text.value.decode().split(".", 1)[1]


ASKED = {
    "libcuda": lambda library: _cuda(_number(library, "cuDriverGetVersion")),
    "libcudart": lambda library: _cuda(_number(library, "cudaRuntimeGetVersion")),
    "libcudnn": _cudnn,
    "libcublas": lambda library: _properties(library, "cublasGetProperty"),
    "libcublasLt": lambda library: _properties(library, "cublasLtGetProperty"),
    "libcufft": lambda library: _properties(library, "cufftGetProperty"),
    "libcurand": lambda library: _properties(library, "curandGetProperty"),
    "libcusolver": lambda library: _properties(library, "cusolverGetProperty"),
    "libcusparse": lambda library: _properties(library, "cusparseGetProperty"),
    "libnccl": _nccl,
    "libnvidia-ml": _nvml,
}


def main(path: str, name: str) -> int:
    # A library may print; only the answer goes where the parent reads.
    answer = os.dup(1)
    os.dup2(2, 1)
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        print(error, file=sys.stderr)
        return REFUSED
    ask = ASKED.get(name)
    if ask is not None:
        os.write(answer, ask(library).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
