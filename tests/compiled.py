"""Tiny shared libraries that answer as those of CUDA do, made by the system's compiler."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

COMPILER = shutil.which("cc")


@pytest.fixture
def compile_library(tmp_path: Path) -> Callable[..., Path]:
    """Gives a function that compiles C source into a shared library, and returns its path."""
    if COMPILER is None:
        pytest.skip("no C compiler (cc) on this machine")

    def build(path: Path, source: str, *options: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        written = tmp_path / "source.c"
        written.write_text(source)
        command = [COMPILER, "-shared", "-fPIC", "-o", str(path), str(written), *options]
        subprocess.run(command, check=True, timeout=60)
        return path

    return build


def cudnn(number: int) -> str:
    return f"#include <stddef.h>\nsize_t cudnnGetVersion(void) {{ return {number}; }}\n"


def integer(function: str, number: int, status: int = 0) -> str:
    """A function that writes a number behind its argument: CUDA's runtime, its driver, NCCL."""
    return f"int {function}(int *version) {{ *version = {number}; return {status}; }}\n"


def properties(function: str, version: str) -> str:
    """A function that answers major, minor and patch, as cuBLAS and cuFFT do."""
    numbers = ", ".join(version.split("."))
    return (
        f"int {function}(int type, int *value) "
        f"{{ static int known[] = {{{numbers}}}; *value = known[type]; return 0; }}\n"
    )


def nvml(version: str) -> str:
    return (
        "#include <string.h>\n"
        "int nvmlSystemGetNVMLVersion(char *text, unsigned length) "
        f'{{ strncpy(text, "{version}", length); return 0; }}\n'
    )


CRASH = "#include <stdlib.h>\n__attribute__((constructor)) static void load(void) { abort(); }\n"
SEGFAULT = "unsigned long cudnnGetVersion(void) { return *(volatile unsigned long *)8; }\n"
HANG = "#include <unistd.h>\n__attribute__((constructor)) static void load(void) { pause(); }\n"
LOUD = (
    "#include <stdio.h>\n"
    '__attribute__((constructor)) static void load(void) { puts("hello"); fflush(stdout); }\n'
)
