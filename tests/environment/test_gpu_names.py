"""A GPU is known by the name people or drivers give it, and by what its build holds code for."""

from __future__ import annotations

import pytest

from pipeline.environment import builds
from pipeline.environment.architectures import (
    build_capabilities,
    covers,
    gpu_named,
    gpus,
    nearest_gpus,
)

SM_221 = ("sm_60", "sm_70", "sm_80", "sm_89", "compute_90")


@pytest.mark.parametrize(
    ("name", "capability"),
    [
        ("NVIDIA A100-SXM4-80GB", (8, 0)),
        ("NVIDIA GeForce RTX 3070", (8, 6)),
        ("rtx 3070 ti", (8, 6)),
        ("Tesla V100-SXM2-16GB", (7, 0)),
        ("Tesla T4", (7, 5)),
        ("NVIDIA RTX 6000 Ada Generation", (8, 9)),
        ("Quadro RTX 6000", (7, 5)),
        ("NVIDIA RTX A6000", (8, 6)),
        ("NVIDIA H100 80GB HBM3", (9, 0)),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", (8, 9)),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", (12, 0)),
        ("Tesla K80", (3, 7)),
    ],
)
def test_a_gpu_is_known_by_any_of_its_names(name: str, capability: tuple[int, int]) -> None:
    known = gpu_named(name)
    assert known is not None
    assert gpus()[known] == capability


def test_an_unknown_gpu_gets_the_nearest_names() -> None:
    assert gpu_named("RTX 3079") is None
    assert "RTX 3070" in nearest_gpus("RTX 3079")
    assert gpu_named("") is None


def test_every_gpu_finds_itself() -> None:
    assert [name for name in gpus() if gpu_named(f"NVIDIA {name}") != name] == []


def test_every_tested_gpu_build_has_a_list_of_capabilities() -> None:
    for row in builds.tested_builds():
        assert build_capabilities(row.tensorflow)
    assert build_capabilities("9.9") == ()


@pytest.mark.parametrize(
    ("capability", "answer"),
    [
        ((6, 1), "native"),
        ((7, 5), "native"),
        ((8, 6), "native"),
        ((8, 9), "native"),
        ((9, 0), "native"),
        ((10, 0), "new"),
        ((12, 0), "new"),
        ((5, 2), "old"),
    ],
)
def test_a_build_covers_a_gpu_by_its_machine_code(capability, answer: str) -> None:
    assert covers(SM_221, capability) == answer


def test_builds_name_their_capabilities_in_several_ways() -> None:
    assert covers(("compute_75", "sm_90a", "compute_120"), (12, 1)) == "native"
    assert covers(("7.5", "8.6"), (8, 9)) == "native"
    assert covers(("all",), (8, 9)) == "unknown"
