"""Libraries are asked for their versions, the ones that hide others too; one that kills its
process, or never answers, costs only its own answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from compiled import CRASH, HANG, LOUD, SEGFAULT, cudnn, integer, nvml, properties

from pipeline.environment.builds import TensorFlowBuild
from pipeline.environment.libraries import Library, LibraryFacts, libraries
from pipeline.environment.library_versions import asked

Compile = Callable[..., Path]


def build(site: Path) -> TensorFlowBuild:
    return TensorFlowBuild("2.21.0", "tensorflow", "12.5.1", "9", (), True, "wheel", str(site))


def ask(path: Path, soname: str = "") -> Library:
    found = Library(soname or path.name, str(path), "ld_library_path")
    return asked([found], os.environ, timeout_s=20)[0]


def look(root: Path, site: Path, timeout_s: float = 20, **environ: str) -> LibraryFacts:
    return libraries(build(site), {"PATH": "", **environ}, root, timeout_s)


@pytest.mark.parametrize(
    ("name", "source", "version"),
    [
        ("libcudnn.so.9", cudnn(90300), "9.3.0"),
        ("libcudnn.so.9", cudnn(91002), "9.10.2"),
        ("libcudnn.so.8", cudnn(8907), "8.9.7"),
        ("libcudart.so.12", integer("cudaRuntimeGetVersion", 12050), "12.5"),
        ("libcudart.so.11.0", integer("cudaRuntimeGetVersion", 11080), "11.8"),
        ("libcuda.so.1", integer("cuDriverGetVersion", 12040), "12.4"),
        ("libnccl.so.2", integer("ncclGetVersion", 22705), "2.27.5"),
        ("libnccl.so.2", integer("ncclGetVersion", 2804), "2.8.4"),
        ("libcublas.so.12", properties("cublasGetProperty", "12.5.3"), "12.5.3"),
        ("libcufft.so.11", properties("cufftGetProperty", "11.2.3"), "11.2.3"),
        ("libnvidia-ml.so.1", nvml("12.550.54.15"), "550.54.15"),
    ],
)
def test_a_library_tells_its_version(tmp_path, compile_library, name, source, version) -> None:
    found = ask(compile_library(tmp_path / name, source))
    assert (found.state, found.version, found.detail) == ("loads", version, "")


def test_what_a_library_prints_is_not_taken_for_its_version(tmp_path, compile_library) -> None:
    path = compile_library(tmp_path / "libcudnn.so.9", LOUD + cudnn(90300))
    assert ask(path).version == "9.3.0"


@pytest.mark.parametrize(("source", "signal"), [(CRASH, "SIGABRT"), (SEGFAULT, "SIGSEGV")])
def test_a_library_that_crashes_is_told_by_its_signal(
    tmp_path, compile_library, source, signal
) -> None:
    found = ask(compile_library(tmp_path / "libcudnn.so.9", source))
    assert (found.state, found.version, found.detail) == ("crashed", None, signal)


def test_a_library_that_hangs_is_left_after_the_time_limit_and_the_others_answer(
    tmp_path: Path, compile_library: Compile
) -> None:
    compile_library(tmp_path / "libcudart.so.12", HANG)
    compile_library(tmp_path / "libcudnn.so.9", cudnn(90300))
    facts = look(tmp_path, tmp_path / "site", timeout_s=3, LD_LIBRARY_PATH=str(tmp_path))
    hung, whole = facts.first("libcudart.so.12"), facts.first("libcudnn.so.9")
    assert (hung.state, hung.detail) == ("hung", "no answer in 3 s")
    assert (whole.state, whole.version) == ("loads", "9.3.0")


def test_a_file_that_is_no_library_is_refused_with_the_words_of_the_loader(tmp_path: Path) -> None:
    (tmp_path / "libcudnn.so.9").write_text("version https://git-lfs.github.com/spec/v1\n")
    found = ask(tmp_path / "libcudnn.so.9")
    assert found.state == "unloadable"
    assert "libcudnn.so.9" in found.detail


def test_a_library_whose_own_library_is_missing_names_that_one(tmp_path, compile_library) -> None:
    inner = compile_library(tmp_path / "libcublasLt.so.12", "int lt(void) { return 0; }\n")
    link = ["-Wl,--no-as-needed", f"-L{tmp_path}", "-l:libcublasLt.so.12"]
    outer = compile_library(tmp_path / "away/libcublas.so.12", "int lt(void);\n", *link)
    inner.unlink()
    found = ask(outer)
    assert found.state == "unloadable"
    assert "libcublasLt.so.12: cannot open shared object file" in found.detail


def test_a_library_that_does_not_know_the_question_loads_without_a_version(
    tmp_path, compile_library
) -> None:
    found = ask(compile_library(tmp_path / "libcudnn.so.9", "int nothing;\n"))
    assert (found.state, found.version) == ("loads", None)
    assert "cudnnGetVersion" in found.detail


def test_a_stale_cudnn_on_the_path_hides_the_one_of_the_wheel(
    tmp_path: Path, compile_library: Compile
) -> None:
    site, stale = tmp_path / "site", tmp_path / "opt/cuda/lib64"
    wheel = compile_library(site / "nvidia/cudnn/lib/libcudnn.so.9", cudnn(90300))
    other = compile_library(stale / "libcudnn.so.9", cudnn(90101))
    facts = look(tmp_path, site, LD_LIBRARY_PATH=str(stale))
    assert facts.found == (
        Library("libcudnn.so.9", str(other), "ld_library_path", "9.1.1", "loads"),
        Library("libcudnn.so.9", str(wheel), "wheel", "9.3.0", "loads"),
    )
    assert look(tmp_path, site).first("libcudnn.so.9").version == "9.3.0"


def test_a_link_and_its_file_are_one_library(tmp_path: Path, compile_library: Compile) -> None:
    real = compile_library(tmp_path / "a/libcudnn.so.9.3.0", cudnn(90300))
    (tmp_path / "a/libcudnn.so.9").symlink_to(real)
    (tmp_path / "b").mkdir()
    (tmp_path / "b/libcudnn.so.9").symlink_to(real)
    path = f"{tmp_path / 'a'}:{tmp_path / 'b'}"
    facts = look(tmp_path, tmp_path / "site", LD_LIBRARY_PATH=path)
    assert [one.path for one in facts.found] == [str(tmp_path / "a/libcudnn.so.9")]
    assert facts.elsewhere == ()


def test_the_wheels_that_tensorflow_itself_names_are_searched_and_no_others(
    tmp_path: Path, compile_library: Compile
) -> None:
    site = tmp_path / "site"
    compile_library(
        site / "tensorflow/libtensorflow_framework.so.2",
        "int tensorflow;\n",
        "-Wl,--enable-new-dtags,-rpath,$ORIGIN/../nvidia/cudnn/lib:$ORIGIN/:/none",
    )
    compile_library(site / "nvidia/cudnn/lib/libcudnn.so.9", cudnn(90300))
    compile_library(site / "nvidia/cublas/lib/libcublas.so.12", "int blas;\n")
    facts = look(tmp_path, site)
    assert facts.runpath == (str(site / "nvidia/cudnn/lib"),)
    assert facts.first("libcudnn.so.9").version == "9.3.0"
    assert facts.first("libcublas.so.12") is None
    assert [(one.soname, one.origin) for one in facts.elsewhere] == [("libcublas.so.12", "wheel")]


def test_a_wheel_finds_what_it_needs_in_another_wheel_as_under_tensorflow(
    tmp_path: Path, compile_library: Compile
) -> None:
    nvidia = tmp_path / "site/nvidia"
    inner = nvidia / "cublas/lib"
    compile_library(inner / "libcublasLt.so.12", properties("cublasLtGetProperty", "12.5.3"))
    compile_library(
        nvidia / "cusolver/lib/libcusolver.so.11",
        properties("cusolverGetProperty", "11.6.3"),
        *("-Wl,--no-as-needed", f"-L{inner}", "-l:libcublasLt.so.12"),
    )
    facts = look(tmp_path, tmp_path / "site")
    solver = facts.first("libcusolver.so.11")
    assert (solver.state, solver.version, solver.detail) == ("loads", "11.6.3", "")


def test_the_folder_that_condas_tensorflow_names_comes_before_ld_library_path(
    tmp_path: Path, compile_library: Compile
) -> None:
    prefix = tmp_path / "conda"
    site = prefix / "lib/python3.11/site-packages"
    compile_library(
        site / "tensorflow/libtensorflow_framework.so.2",
        "int tensorflow;\n",
        "-Wl,--disable-new-dtags,-rpath,$ORIGIN/../../../",
    )
    compile_library(prefix / "lib/libcudnn.so.9", cudnn(90300))
    compile_library(tmp_path / "other/libcudnn.so.9", cudnn(90101))
    facts = look(tmp_path, site, LD_LIBRARY_PATH=str(tmp_path / "other"))
    assert [(one.origin, one.version) for one in facts.found] == [
        ("prefix", "9.3.0"),
        ("ld_library_path", "9.1.1"),
    ]


def test_cuda_off_the_path_and_other_versions_are_told_but_not_counted(tmp_path: Path) -> None:
    for file in (
        "usr/local/cuda-12.5/lib64/libcudart.so.12.5.82",
        "usr/lib/x86_64-linux-gnu/libcudnn.so.8.9.7",
        "usr/lib/wsl/lib/libcuda.so.1",
    ):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    (tmp_path / "usr/local/cuda-12.5/lib64/libcudart.so.12").symlink_to("libcudart.so.12.5.82")
    (tmp_path / "usr/lib/x86_64-linux-gnu/libcudnn.so.8").symlink_to("libcudnn.so.8.9.7")
    facts = look(tmp_path, tmp_path / "site")
    assert facts.found == ()
    assert [(one.soname, one.origin) for one in facts.elsewhere] == [
        ("libcudart.so.12", "toolkit"),
        ("libcuda.so.1", "wsl"),
        ("libcudnn.so.8", "system"),
    ]


def test_ptxas_and_libdevice_are_found_as_xla_finds_them(tmp_path: Path) -> None:
    own, toolkit = tmp_path / "own", tmp_path / "usr/local/cuda"
    site, on_path = tmp_path / "site", tmp_path / "bin"
    for folder in (own / "bin", toolkit / "bin", site / "nvidia/cuda_nvcc/bin", on_path):
        folder.mkdir(parents=True)
        (folder / "ptxas").write_text(
            "#!/bin/sh\necho 'Cuda compilation tools, release 12.5, V12.5.82'\n"
        )
        (folder / "ptxas").chmod(0o755)
    (toolkit / "bin/ptxas").chmod(0o644)
    for folder in (own, toolkit, site / "nvidia/cuda_nvcc"):
        (folder / "nvvm/libdevice").mkdir(parents=True)
        (folder / "nvvm/libdevice/libdevice.10.bc").touch()
    environ = {"XLA_FLAGS": f"--xla_gpu_cuda_data_dir={own} --xla_dump_to=/tmp"}
    facts = look(tmp_path, site, PATH=str(on_path), **environ)
    there = [(one.soname, one.origin, one.version, one.state) for one in facts.found]
    assert there == [
        ("libdevice.10.bc", "xla_flags", None, "unasked"),
        ("libdevice.10.bc", "toolkit", None, "unasked"),
        ("libdevice.10.bc", "wheel", None, "unasked"),
        ("ptxas", "xla_flags", "12.5.82", "loads"),
        ("ptxas", "path", "12.5.82", "loads"),
        ("ptxas", "wheel", "12.5.82", "loads"),
    ]
