"""Facts come fast and alone: a probe that fails costs only its own answer."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import pytest

from pipeline.environment import host
from pipeline.environment.builds import TensorFlowBuild
from pipeline.environment.libraries import libraries, sonames
from pipeline.environment.packages import packages
from pipeline.environment.probes import answers, collect, gather, probes
from pipeline.environment.variables import variables

MIB = 1024**2


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def build(folder: Path, cuda: str = "12.5.1", cudnn: str = "9") -> TensorFlowBuild:
    return TensorFlowBuild("2.21.0", "tensorflow", cuda, cudnn, (), True, "wheel", str(folder))


def test_this_machine_is_known_within_two_seconds_without_tensorflow() -> None:
    script = (
        "import json, sys, time\n"
        "from dataclasses import asdict\n"
        "from pipeline.environment.probes import gather\n"
        "start = time.perf_counter()\n"
        "facts = gather('workspace')\n"
        "seconds = time.perf_counter() - start\n"
        "heavy = {'tensorflow', 'keras', 'cv2', 'textual', 'numpy'} & set(sys.modules)\n"
        "print(json.dumps([seconds, sorted(heavy), asdict(facts)]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, timeout=60, capture_output=True
    )
    seconds, heavy, facts = json.loads(done.stdout)
    assert seconds < 2.0
    assert heavy == []
    assert facts["unknown"] == {}
    assert facts["tensorflow"]["version"]
    assert facts["memory"]["available_bytes"] <= facts["memory"]["total_bytes"]
    assert 0 < facts["cpu"]["usable_cores"] <= facts["cpu"]["logical_cores"]


def test_a_probe_that_raises_is_unknown_with_its_reason() -> None:
    def broken() -> None:
        raise PermissionError("/proc/cpuinfo: not allowed")

    facts = collect(answers({**probes(), "cpu": broken}))
    assert facts.cpu is None
    assert facts.unknown == {"cpu": "PermissionError: /proc/cpuinfo: not allowed"}
    assert facts.system is not None
    assert json.dumps(asdict(facts))


def test_a_probe_that_hangs_is_unknown_and_the_others_answer() -> None:
    released = threading.Event()
    facts = collect(answers({"gpu": released.wait, "system": host.system}, timeout_s=0.3))
    released.set()
    assert facts.unknown == {"gpu": "no answer in 0.3 s"}
    assert facts.system is not None


def test_a_machine_without_proc_and_sys_still_answers(tmp_path: Path) -> None:
    facts = gather(tmp_path, environ={}, root=tmp_path / "nothing")
    assert facts.unknown == {}
    assert (facts.cpu.avx, facts.shared_memory) == (None, None)
    assert facts.memory.total_bytes > 0


@pytest.mark.parametrize(
    ("kernel", "os", "version"),
    [
        ("5.15.167.4-microsoft-standard-WSL2", "wsl", 2),
        ("4.4.0-19041-Microsoft", "wsl", 1),
        ("6.8.0-45-generic", "linux", None),
    ],
)
def test_wsl_is_recognised(tmp_path: Path, kernel: str, os: str, version: int | None) -> None:
    write(tmp_path, proc__sys__kernel__osrelease=kernel + "\n")
    found = host.system({}, tmp_path)
    assert (found.os, found.wsl_version, found.kernel) == (os, version, kernel)


def test_the_system_is_called_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text('ID=ubuntu\nPRETTY_NAME="Ubuntu 24.04.1 LTS"\n')
    assert host.system({}, tmp_path).name == "Ubuntu 24.04.1 LTS"


@pytest.mark.parametrize(
    ("file", "text", "container"),
    [
        (".dockerenv", "", "docker"),
        ("run/.containerenv", "", "podman"),
        ("proc/1/cgroup", "1:name=systemd:/kubepods/burstable/pod1\n", "kubernetes"),
        ("proc/1/cgroup", "0::/init.scope\n", None),
    ],
)
def test_containers_are_recognised(tmp_path: Path, file: str, text: str, container) -> None:
    write(tmp_path, **{file.replace("/", "__"): text})
    assert host.system({}, tmp_path).container == container


def test_a_cgroup_of_version_2_limits_memory_and_cores(tmp_path: Path) -> None:
    group = "sys__fs__cgroup__user.slice__job"
    write(
        tmp_path,
        proc__self__cgroup="0::/user.slice/job\n",
        proc__meminfo="MemTotal:       65536000 kB\nMemAvailable:   50000000 kB\n",
        **{
            f"{group}__memory.max": "max\n",
            "sys__fs__cgroup__user.slice__memory.max": f"{4096 * MIB}\n",
            "sys__fs__cgroup__user.slice__memory.current": f"{3000 * MIB}\n",
            "sys__fs__cgroup__user.slice__memory.stat": f"anon 1\ninactive_file {1000 * MIB}\n",
            f"{group}__cpu.max": "50000 100000\n",
        },
    )
    found = host.memory(tmp_path)
    assert (found.total_bytes, found.available_bytes) == (4096 * MIB, 2096 * MIB)
    assert found.limited
    assert host.cpu(tmp_path).usable_cores == 0.5


def test_a_cgroup_of_version_1_limits_memory_and_cores(tmp_path: Path) -> None:
    write(
        tmp_path,
        proc__self__cgroup="5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n",
        proc__meminfo="MemTotal:       65536000 kB\nMemAvailable:   50000000 kB\n",
        **{
            "sys__fs__cgroup__memory__memory.limit_in_bytes": f"{2048 * MIB}\n",
            "sys__fs__cgroup__memory__memory.usage_in_bytes": f"{512 * MIB}\n",
            "sys__fs__cgroup__memory__memory.stat": f"total_inactive_file {112 * MIB}\n",
            "sys__fs__cgroup__cpu,cpuacct__cpu.cfs_quota_us": "25000\n",
            "sys__fs__cgroup__cpu,cpuacct__cpu.cfs_period_us": "100000\n",
        },
    )
    found = host.memory(tmp_path)
    assert (found.total_bytes, found.available_bytes) == (2048 * MIB, 1648 * MIB)
    assert host.cpu(tmp_path).usable_cores == 0.25


def test_avx_is_read_from_the_flags(tmp_path: Path) -> None:
    write(tmp_path, proc__cpuinfo="model name\t: Intel(R) Celeron(R)\nflags\t\t: fpu sse4_2\n")
    found = host.cpu(tmp_path)
    assert (found.model, found.avx) == ("Intel(R) Celeron(R)", False)
    write(tmp_path, proc__cpuinfo="flags\t\t: fpu avx avx2\n")
    found = host.cpu(tmp_path)
    assert (found.avx, found.avx2, found.fma) == (True, True, False)


def test_the_disk_of_a_workspace_not_made_yet_is_its_parents(tmp_path: Path) -> None:
    found = host.disk(tmp_path / "not" / "made")
    assert found.path == str(tmp_path / "not" / "made")
    assert found.free_bytes == pytest.approx(host.disk(tmp_path).free_bytes, abs=100 * MIB)
    assert found.writable


def test_a_disk_tells_its_file_system_and_how_many_files_it_still_takes(tmp_path: Path) -> None:
    place = tmp_path / "data set"
    place.mkdir()
    mounts = (
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
        f"40 22 0:50 / {tmp_path} rw - nfs4 server:/export rw",
        f"41 40 0:51 / {tmp_path}/data\\040set rw - 9p C: rw",
    )
    write(tmp_path, proc__self__mountinfo="\n".join(mounts) + "\n")
    assert host.disk(place, tmp_path).kind == "9p"
    assert host.disk(tmp_path, tmp_path).kind == "nfs4"
    assert host.disk("/", tmp_path).kind == "ext4"
    free_files = host.disk(tmp_path).free_files
    assert free_files is None or free_files > 0


def test_the_variables_that_steer_a_gpu_program_are_known_and_the_tokens_of_others_are_not() -> (
    None
):
    steering = {
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "LD_PRELOAD": "/opt/libjemalloc.so",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_FLAGS": "--xla_gpu_cuda_data_dir=/opt/cuda",
    }
    others = {"HOME": "/home/wang", "TF_TOKEN_app_terraform_io": "geheim", "TF_VAR_password": "x"}
    assert variables({**steering, **others}).values == steering


def test_pins_are_held_against_what_is_installed(tmp_path: Path, monkeypatch) -> None:
    for name, version, requires in (
        ("tensorflow", "2.99.0", ["numpy>=999", "keras>=3", "Absent_Thing; python_version>'3'"]),
        ("keras", "4.0.0rc1", []),
    ):
        info = tmp_path / f"{name}-{version}.dist-info"
        info.mkdir()
        lines = [f"Requires-Dist: {one}" for one in requires]
        lines += ['Requires-Dist: nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"'] * (
            name == "tensorflow"
        )
        lines += ['Requires-Dist: never; sys_platform == "none"']
        head = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        (info / "METADATA").write_text("\n".join([*head, *lines]) + "\n")
    monkeypatch.syspath_prepend(tmp_path)
    pins = {pin.name: pin for pin in packages(("tensorflow", "not-installed")).pins}
    assert list(pins) == ["numpy", "keras", "absent-thing", "nvidia-cudnn-cu12"]
    assert (pins["numpy"].holds, pins["keras"].holds, pins["absent-thing"].holds) == (
        False,
        True,
        False,
    )
    assert pins["absent-thing"].installed is None
    assert pins["nvidia-cudnn-cu12"].extra == "and-cuda"


@pytest.mark.parametrize(
    ("cuda", "cudnn", "names"),
    [
        ("12.5.1", "9", "cudart.12 cublas.12 cublasLt.12 cufft.11 cusolver.11 cusparse.12 cudnn.9"),
        (
            "11.8",
            "8.6",
            "cudart.11.0 cublas.11 cublasLt.11 cufft.10 cusolver.11 cusparse.11 cudnn.8",
        ),
        ("10.1", "7", "cudart.10.1 cublas.10 cufft.10 curand.10 cusolver.10 cusparse.10 cudnn.7"),
        (
            "9.0",
            "7",
            "cudart.9.0 cublas.9.0 cufft.9.0 curand.9.0 cusolver.9.0 cusparse.9.0 cudnn.7",
        ),
    ],
)
def test_a_build_asks_for_its_own_libraries(tmp_path: Path, cuda, cudnn, names) -> None:
    wanted = [f"lib{name.replace('.', '.so.', 1)}" for name in names.split()]
    assert list(sonames(build(tmp_path, cuda, cudnn))) == wanted


def test_libraries_are_found_in_the_order_of_the_loader(tmp_path: Path) -> None:
    site, own = tmp_path / "site", tmp_path / "cuda/lib64"
    for file in (site / "nvidia/cudnn/lib/libcudnn.so.9", own / "libcudnn.so.9"):
        file.parent.mkdir(parents=True)
        file.touch()
    (tmp_path / "etc").mkdir()
    cache = b"glibc-ld.so.cache1.1\0libcudart.so.12\0/usr/lib64/libcudart.so.12\0libc.so.6\0"
    (tmp_path / "etc/ld.so.cache").write_bytes(cache)
    found = libraries(build(site), {"LD_LIBRARY_PATH": f"/missing:{own}"}, tmp_path)
    assert [(one.soname, one.origin) for one in found.found] == [
        ("libcudart.so.12", "system"),
        ("libcudnn.so.9", "ld_library_path"),
        ("libcudnn.so.9", "wheel"),
    ]
