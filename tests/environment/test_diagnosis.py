"""The verdict and each finding follow from recorded facts, and say what to do."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest

from pipeline.environment.builds import TensorFlowBuild
from pipeline.environment.devices import Gpu, GpuReport, mark_visible
from pipeline.environment.diagnose import Diagnosis, Finding, diagnose
from pipeline.environment.host import CpuFacts, DiskFacts, MemoryFacts, PythonFacts, SystemFacts
from pipeline.environment.libraries import Library, LibraryFacts, sonames
from pipeline.environment.packages import Package, PackageFacts, Pin
from pipeline.environment.probes import Facts, gather
from pipeline.problems import MESSAGES

GIB = 1024**3
SM_221 = ("sm_60", "sm_70", "sm_80", "sm_89", "compute_90")
BUILD = TensorFlowBuild("2.21.0", "tensorflow", "12.5.1", "9", SM_221, True, "wheel", "/site")
A100 = Gpu(0, "GPU-a", "NVIDIA A100", 80 * GIB, GIB, compute_capability=(8, 0))
DRIVER = GpuReport(gpus=(A100,), driver_version="550.54.15", cuda_version="12.4", source="nvml")
CUDNN = Pin("tensorflow", "nvidia-cudnn-cu12", "nvidia-cudnn-cu12>=9.3", "and-cuda", "9.5.1", True)
NUMPY = Pin("tensorflow", "numpy", "numpy>=1.26.0", "", "2.1.0", True)
WHEELS = tuple(Library(name, f"/site/nvidia/x/lib/{name}", "wheel") for name in sonames(BUILD))
OTHERS = (
    Library("libcuda.so.1", "/lib/x86_64-linux-gnu/libcuda.so.1", "system"),
    Library("libdevice.10.bc", "/site/nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc", "wheel"),
    Library("ptxas", "/site/nvidia/cuda_nvcc/bin/ptxas", "wheel"),
)

GOOD = Facts(
    system=SystemFacts("linux", "Ubuntu 24.04.1 LTS", "6.8.0-45-generic", "x86_64", None, None),
    cpu=CpuFacts("AMD EPYC 7742", 16, 16, True),
    memory=MemoryFacts(64 * GIB, 60 * GIB, False),
    workspace=DiskFacts("/data/workspace", 1000 * GIB, 500 * GIB),
    shared_memory=DiskFacts("/dev/shm", 32 * GIB, 32 * GIB),
    python=PythonFacts("3.12.3", "CPython", "/venv/bin/python", "/venv", "venv"),
    packages=PackageFacts((Package("opencv-python-headless", "4.10.0"),), (NUMPY, CUDNN)),
    tensorflow=BUILD,
    libraries=LibraryFacts(sonames(BUILD), WHEELS + OTHERS, None),
    gpu=DRIVER,
)
IN_DOCKER = replace(GOOD.system, container="docker")


def verdict(diagnosis: Diagnosis) -> str:
    return diagnosis.verdict.removeprefix("environment.")


def found(diagnosis: Diagnosis, code: str) -> Finding:
    """The one finding with this code; its text and its fix are whole."""
    (finding,) = [one for one in diagnosis.findings if one.code == f"environment.{code}"]
    assert "{" not in finding.text + finding.why
    return finding


def with_gpu(**changes) -> Facts:
    return replace(GOOD, gpu=replace(DRIVER, **changes))


def no_gpu(problem: str, cards: int | None, **changes) -> Facts:
    report = GpuReport(problem=problem, detail="as the driver said", cards=cards)
    return replace(GOOD, gpu=report, **changes)


def test_a_good_machine_is_ready_on_its_gpu() -> None:
    diagnosis = diagnose(GOOD)
    assert verdict(diagnosis) == "ready_gpu"
    assert diagnosis.text == "Ready: TensorFlow 2.21.0 can train on GPU 0 NVIDIA A100."
    assert {finding.severity for finding in diagnosis.findings} == {"ok"}
    assert diagnosis.cause is None


def test_this_machine_gets_a_verdict() -> None:
    diagnosis = diagnose(gather())
    assert verdict(diagnosis) in ("ready_gpu", "ready_cpu", "gpu_unusable")
    assert not [one for one in diagnosis.findings if one.code == "environment.unknown"]


def test_every_message_of_the_environment_can_be_worded() -> None:
    for code, template in MESSAGES.items():
        if code.startswith("environment."):
            fields = [name for _, name, _, _ in string.Formatter().parse(template) if name]
            assert template.format(**dict.fromkeys(fields, "x"))


@pytest.mark.parametrize(
    ("problem", "cards", "code"),
    [("no_driver", 0, "no_gpu"), ("no_driver", None, "no_driver"), ("no_devices", 0, "no_card")],
)
def test_a_machine_without_a_gpu_is_ready_on_its_cpu(problem: str, cards, code: str) -> None:
    diagnosis = diagnose(no_gpu(problem, cards))
    assert verdict(diagnosis) == "ready_cpu"
    assert found(diagnosis, code).severity == "ok"
    assert diagnosis.text.startswith("Ready on the CPU with TensorFlow 2.21.0: ")
    assert diagnosis.text.endswith(found(diagnosis, code).text)


def test_nothing_known_is_not_an_exception() -> None:
    facts = Facts(unknown={"gpu": "OSError: x", "tensorflow": "OSError: y"})
    diagnosis = diagnose(facts)
    assert verdict(diagnosis) == "not_ready"
    assert [finding.severity for finding in diagnosis.findings] == ["error", "warning"]
    assert "OSError: x" in diagnosis.findings[1].text


def test_the_worst_finding_comes_first() -> None:
    facts = replace(with_gpu(driver_version="470.1"), workspace=DiskFacts("/w", GIB, GIB))
    severities = [finding.severity for finding in diagnose(facts).findings]
    assert severities == sorted(severities, key=("error", "warning", "ok").index)
    assert severities[:2] == ["error", "warning"]


def test_missing_tensorflow_is_not_ready() -> None:
    diagnosis = diagnose(replace(GOOD, tensorflow=None))
    assert verdict(diagnosis) == "not_ready"
    assert found(diagnosis, "tensorflow_missing").fix == "pip install 'tensorflow[and-cuda]'"
    own = Pin("hanzi-tui", "tensorflow", "tensorflow>=2.18", "", None, False)
    packages = PackageFacts((), (own,))
    diagnosis = diagnose(replace(no_gpu("no_driver", 0), tensorflow=None, packages=packages))
    assert found(diagnosis, "tensorflow_missing").fix == "pip install 'tensorflow>=2.18'"
    assert len([one for one in diagnosis.findings if one.severity == "error"]) == 1


def test_an_unmet_pin_is_not_ready() -> None:
    packages = replace(GOOD.packages, pins=(replace(NUMPY, installed="1.24.0", holds=False),))
    diagnosis = diagnose(replace(GOOD, packages=packages))
    assert verdict(diagnosis) == "not_ready"
    finding = found(diagnosis, "pin_unmet")
    assert finding.fix == "pip install 'numpy>=1.26.0'"
    assert "1.24.0" in finding.text
    assert diagnosis.cause == finding


def test_a_python_outside_the_tested_range_is_said() -> None:
    facts = replace(GOOD, python=replace(GOOD.python, version="3.14.0"))
    finding = found(diagnose(facts), "python_untested")
    assert (finding.severity, finding.fix) == ("warning", "python3.13 -m venv .venv")
    diagnosis = diagnose(replace(facts, tensorflow=None))
    assert found(diagnosis, "python_untested").severity == "error"


def test_a_processor_without_avx_is_not_ready() -> None:
    diagnosis = diagnose(replace(GOOD, cpu=replace(GOOD.cpu, avx=False)))
    assert verdict(diagnosis) == "not_ready"
    assert found(diagnosis, "no_avx").severity == "error"


def test_several_opencv_packages_are_a_warning() -> None:
    both = (Package("opencv-python", "4.10.0"), Package("opencv-python-headless", "4.10.0"))
    diagnosis = diagnose(replace(GOOD, packages=replace(GOOD.packages, installed=both)))
    assert verdict(diagnosis) == "ready_gpu"
    assert found(diagnosis, "opencv_several").fix == (
        "pip uninstall -y opencv-python opencv-python-headless && "
        "pip install opencv-python-headless"
    )


@pytest.mark.parametrize(("free", "code"), [(0.1, "disk_full"), (2, "disk_low"), (9, "disk_ok")])
def test_a_full_disk_is_said(free: float, code: str) -> None:
    disk = DiskFacts("/data/workspace", 1000 * GIB, int(free * GIB))
    diagnosis = diagnose(replace(GOOD, workspace=disk))
    assert found(diagnosis, code)
    assert verdict(diagnosis) == ("not_ready" if code == "disk_full" else "ready_gpu")


def test_a_driver_older_than_its_cuda_leaves_the_cpu() -> None:
    diagnosis = diagnose(with_gpu(driver_version="470.223.02"))
    assert verdict(diagnosis) == "gpu_unusable"
    finding = found(diagnosis, "driver_old")
    assert "525.60.13" in finding.text
    assert finding.fix == "sudo ubuntu-drivers install"


def test_under_wsl_the_windows_driver_counts() -> None:
    facts = with_gpu(driver_version="527.0")
    assert verdict(diagnose(facts)) == "ready_gpu"
    diagnosis = diagnose(replace(facts, system=replace(GOOD.system, os="wsl", wsl_version=2)))
    finding = found(diagnosis, "driver_old")
    assert "528.33" in finding.text
    assert finding.fix is None


@pytest.mark.parametrize(
    ("capability", "code"), [((12, 0), "capability_new"), ((5, 2), "capability_old")]
)
def test_a_gpu_the_build_has_no_code_for_leaves_the_cpu(capability, code: str) -> None:
    diagnosis = diagnose(with_gpu(gpus=(replace(A100, compute_capability=capability),)))
    assert verdict(diagnosis) == "gpu_unusable"
    assert found(diagnosis, code).severity == "error"


def test_one_gpu_that_fits_is_enough() -> None:
    old = replace(A100, index=1, uuid="GPU-b", compute_capability=(5, 2))
    diagnosis = diagnose(with_gpu(gpus=(A100, old)))
    assert verdict(diagnosis) == "ready_gpu"
    assert found(diagnosis, "capability_old").severity == "warning"


def test_missing_cuda_libraries_are_installed_by_the_extra() -> None:
    pins = (NUMPY, replace(CUDNN, installed=None, holds=False))
    facts = replace(
        GOOD,
        packages=replace(GOOD.packages, pins=pins),
        libraries=replace(GOOD.libraries, found=OTHERS),
    )
    diagnosis = diagnose(facts)
    assert verdict(diagnosis) == "gpu_unusable"
    finding = found(diagnosis, "cuda_missing")
    assert finding.fix == "pip install 'tensorflow[and-cuda]==2.21.0'"
    assert "libcudnn.so.9" in finding.why
    assert verdict(diagnose(replace(facts, gpu=GpuReport(problem="no_driver")))) == "ready_cpu"


def test_the_cuda_of_the_system_does_without_the_wheels() -> None:
    pins = (NUMPY, replace(CUDNN, installed=None, holds=False))
    places = tuple(replace(one, path=f"/usr/lib64/{one.soname}", origin="system") for one in WHEELS)
    facts = replace(
        GOOD,
        packages=replace(GOOD.packages, pins=pins),
        libraries=replace(GOOD.libraries, found=places + OTHERS),
    )
    diagnosis = diagnose(facts)
    assert verdict(diagnosis) == "ready_gpu"
    assert "/usr/lib64" in found(diagnosis, "cuda_ok").text


def test_a_cudnn_wheel_that_is_too_old_is_named() -> None:
    pins = (NUMPY, replace(CUDNN, installed="9.1.0.70", holds=False))
    diagnosis = diagnose(replace(GOOD, packages=replace(GOOD.packages, pins=pins)))
    assert verdict(diagnosis) == "gpu_unusable"
    assert "nvidia-cudnn-cu12>=9.3 (9.1.0.70)" in found(diagnosis, "cuda_pins_unmet").text


def test_a_library_path_that_hides_the_wheels_is_a_warning() -> None:
    hiding = Library("libcudnn.so.9", "/usr/local/cuda/lib64/libcudnn.so.9", "ld_library_path")
    path = "/usr/local/cuda/lib64/:/opt/mpi/lib"
    places = LibraryFacts(sonames(BUILD), (hiding, *WHEELS, *OTHERS), path)
    diagnosis = diagnose(replace(GOOD, libraries=places))
    assert verdict(diagnosis) == "ready_gpu"
    finding = found(diagnosis, "library_shadowed")
    assert finding.severity == "warning"
    assert finding.fix == "export LD_LIBRARY_PATH='/opt/mpi/lib'"
    harmless = LibraryFacts(sonames(BUILD), WHEELS + OTHERS, "/opt/mpi/lib")
    codes = [one.code for one in diagnose(replace(GOOD, libraries=harmless)).findings]
    assert "environment.library_shadowed" not in codes


@pytest.mark.parametrize(
    ("ids", "code", "expected"),
    [
        ("", "gpus_hidden", "ready_cpu"),
        ("-1", "gpus_hidden", "ready_cpu"),
        ("7", "gpus_misnamed", "gpu_unusable"),
    ],
)
def test_hidden_gpus_are_said(ids: str, code: str, expected: str) -> None:
    gpus = mark_visible((A100,), ids)
    diagnosis = diagnose(with_gpu(gpus=gpus, cuda_visible_devices=ids))
    assert verdict(diagnosis) == expected
    assert found(diagnosis, code).fix == "unset CUDA_VISIBLE_DEVICES"


def test_a_gpu_in_mig_mode_without_instances_is_said() -> None:
    diagnosis = diagnose(with_gpu(gpus=mark_visible((replace(A100, mig=True),), None)))
    assert verdict(diagnosis) == "gpu_unusable"
    assert found(diagnosis, "mig_empty").fix == "sudo nvidia-smi mig -i 0 -cgi 0 -C"


def test_a_driver_mismatch_asks_for_a_restart() -> None:
    facts = no_gpu("version_mismatch", 1)
    diagnosis = diagnose(facts)
    assert verdict(diagnosis) == "gpu_unusable"
    assert found(diagnosis, "driver_mismatch").fix == "sudo reboot"
    boxed = found(diagnose(replace(facts, system=IN_DOCKER)), "driver_mismatch")
    assert boxed.fix == "docker run --gpus all IMAGE"


@pytest.mark.parametrize(
    ("problem", "code", "fix"),
    [
        ("no_driver", "driver_missing", "sudo ubuntu-drivers install"),
        ("library_missing", "library_missing", "sudo ubuntu-drivers install"),
        ("driver_not_loaded", "driver_not_loaded", "sudo modprobe nvidia"),
        ("no_devices", "gpu_no_devices", None),
        ("no_permission", "gpu_no_permission", "ls -l /dev/nvidia*"),
        ("gpu_lost", "gpu_lost", "sudo reboot"),
        ("unknown", "gpu_unknown", None),
    ],
)
def test_a_card_that_cannot_be_used_has_a_reason(problem: str, code: str, fix) -> None:
    diagnosis = diagnose(no_gpu(problem, 2))
    assert verdict(diagnosis) == "gpu_unusable"
    assert found(diagnosis, code).fix == fix


def test_a_container_without_its_gpu_is_ready_on_the_cpu() -> None:
    for problem in ("no_driver", "library_missing"):
        diagnosis = diagnose(no_gpu(problem, 1, system=IN_DOCKER))
        assert verdict(diagnosis) == "ready_cpu"
        finding = found(diagnosis, "gpu_outside_container")
        assert finding.fix == "docker run --gpus all IMAGE"


def test_small_shared_memory_matters_to_several_gpus_in_a_container() -> None:
    small = DiskFacts("/dev/shm", 64 * 1024**2, 64 * 1024**2)
    both = (A100, replace(A100, index=1, uuid="GPU-b"))
    facts = replace(with_gpu(gpus=both), shared_memory=small, system=IN_DOCKER)
    finding = found(diagnose(facts), "shared_memory_low")
    assert (finding.severity, finding.params) == ("warning", {"size_mib": 64})
    for other in (replace(facts, system=GOOD.system), replace(facts, gpu=DRIVER)):
        codes = [one.code for one in diagnose(other).findings]
        assert "environment.shared_memory_low" not in codes


def test_a_cpu_build_on_a_gpu_machine_is_exchanged() -> None:
    build = replace(BUILD, package="tensorflow-cpu", is_cuda_build=False, cuda_version=None)
    diagnosis = diagnose(replace(GOOD, tensorflow=build))
    assert verdict(diagnosis) == "gpu_unusable"
    assert found(diagnosis, "cpu_build").fix == (
        "pip uninstall -y tensorflow-cpu && pip install 'tensorflow[and-cuda]==2.21.0'"
    )
    assert verdict(diagnose(replace(no_gpu("no_driver", 0), tensorflow=build))) == "ready_cpu"


def test_windows_itself_is_sent_to_wsl() -> None:
    build = replace(BUILD, is_cuda_build=False, cuda_version=None)
    windows = replace(GOOD, system=replace(GOOD.system, os="windows"), tensorflow=build)
    diagnosis = diagnose(windows)
    assert verdict(diagnosis) == "gpu_unusable"
    assert found(diagnosis, "windows_native").fix == "wsl --install"
    diagnosis = diagnose(replace(windows, gpu=GpuReport(problem="no_driver")))
    assert verdict(diagnosis) == "ready_cpu"
    assert found(diagnosis, "windows_native").severity == "warning"
