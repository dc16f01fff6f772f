"""What the recorded machines leave out: rarer findings, the tools in a fix, noise that is none."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from recorded_machines import machine

from pipeline.environment import diagnose as room
from pipeline.environment.diagnose import Finding, diagnose
from pipeline.environment.import_messages import Message
from pipeline.environment.installers import InstallerFacts
from pipeline.environment.library_facts import Library
from pipeline.environment.links import LINKS
from pipeline.environment.network import NetworkFacts, Proxy
from pipeline.environment.probes import Facts
from pipeline.environment.variables import VariableFacts
from pipeline.problems import MESSAGES

GOOD = machine("a100").facts
BARE = machine("without-and-cuda").facts
UV = InstallerFacts("uv", {}, None, True, False)
CONDA = InstallerFacts("conda", {"mamba": "/opt/mamba"}, "24.0", True, False)
SYSTEM_PYTHON = InstallerFacts("pip", {}, "24.0", False, True)


def changed(fact: str, **values) -> Facts:
    """The A100 server with other values in one of its facts."""
    return replace(GOOD, **{fact: replace(getattr(GOOD, fact), **values)})


def with_gpu(**values) -> Facts:
    return changed("gpu", gpus=(replace(GOOD.gpu.gpus[0], **values),))


def with_message(code: str, **params: str) -> Facts:
    return changed("tensorflow_import", gpus=(), messages=(Message(code, params, code),))


def with_proxy(source: str, url: str, problem: str) -> Facts:
    return replace(GOOD, network=NetworkFacts((Proxy(source, url, problem),)))


def with_libcudnn(**values) -> Facts:
    found = [
        replace(one, **values) if one.soname == "libcudnn.so.9" else one
        for one in GOOD.libraries.found
    ]
    facts = changed("libraries", found=tuple(found))
    return replace(facts, tensorflow_import=None)


def found(facts: Facts, code: str) -> Finding:
    [one] = [one for one in diagnose(facts).findings if one.code == f"environment.{code}"]
    assert "{" not in one.text + one.why
    return one


@pytest.mark.parametrize(
    ("facts", "code", "severity"),
    [
        (changed("workspace", writable=False), "workspace_read_only", "error"),
        (changed("locale", installed=False), "locale_missing", "warning"),
        (with_gpu(ecc_uncorrected=3), "gpu_memory_faulty", "warning"),
        (with_gpu(throttled_by=("power", "heat")), "gpu_slowed_by_heat", "warning"),
        (with_gpu(throttled_by=("hardware",)), "gpu_slowed_by_hardware", "warning"),
        (with_libcudnn(state="unloadable", detail="file too short"), "library_broken", "error"),
        (with_libcudnn(state="crashed", detail="SIGSEGV"), "library_broken", "error"),
        (with_libcudnn(version="9.1.0"), "cudnn_older", "error"),
        (with_message("library_missing", library="libcufft.so.11"), "library_refused", "error"),
        (with_message("cudnn_failed"), "cudnn_failed", "error"),
        (with_message("nccl_system_error"), "nccl_failed", "warning"),
        (with_message("factory_registered"), "factory_noise", "ok"),
        (changed("tensorflow_import", state="hung", gpus=()), "import_hung", "error"),
        (changed("tensorflow_import", state="crashed", signal="SIGSEGV", gpus=()),
         "import_crashed", "error"),
        (changed("tensorflow_import", state="failed", error="ImportError: x", gpus=()),
         "import_failed", "error"),
        (replace(GOOD, variables=VariableFacts({"TF_CONFIG": "{}"})), "multiworker", "ok"),
        (with_proxy("https_proxy", "proxy:3128", "no_scheme"), "proxy_no_scheme", "warning"),
        (with_proxy("all_proxy", "socks5://x:1", "socks_missing"), "proxy_socks_missing",
         "warning"),
    ],
)  # fmt: skip
def test_a_rarer_fault_is_found(facts: Facts, code: str, severity: str) -> None:
    assert found(facts, code).severity == severity


def test_an_old_driver_that_does_is_not_called_wrong() -> None:
    facts = changed("gpu", driver_version="470.223.02")
    assert [one for one in diagnose(facts).findings if one.severity != "ok"] == []
    unseen = replace(facts, tensorflow_import=replace(GOOD.tensorflow_import, gpus=()))
    assert found(unseen, "driver_old").severity == "error"


def test_a_workspace_on_a_windows_disk_is_slow() -> None:
    facts = replace(changed("workspace", kind="9p"), system=replace(GOOD.system, os="wsl"))
    assert found(facts, "windows_disk").severity == "warning"


@pytest.mark.parametrize(
    ("installers", "fix"),
    [
        (UV, "uv pip install 'tensorflow[and-cuda]==2.21.0'"),
        (CONDA, "pip install 'tensorflow[and-cuda]==2.21.0'"),
        (SYSTEM_PYTHON,
         "python3 -m venv .venv && .venv/bin/pip install 'tensorflow[and-cuda]==2.21.0'"),
    ],
)  # fmt: skip
def test_a_fix_uses_the_installer_that_is_there(installers: InstallerFacts, fix: str) -> None:
    assert found(replace(BARE, installers=installers), "cuda_missing").fix == fix


def test_an_older_build_gets_its_cuda_from_conda_or_modules() -> None:
    bare = machine("conda-without-cuda").facts
    conda = replace(bare, installers=CONDA)
    assert found(conda, "cuda_missing").fix == (
        'mamba install -c conda-forge "cudatoolkit=11.2" "cudnn>=8.1,<9"'
    )
    modules = replace(bare, installers=InstallerFacts("pip", {}, "24.0", True, False,
                                                      has_modules=True))  # fmt: skip
    assert found(modules, "cuda_missing").fix == "module load cuda/11.2 cudnn/8.1"


@pytest.mark.parametrize("pip", ["20.2", "21.3", "25.2"])
def test_a_pip_that_can_use_a_tls_proxy_is_not_warned(pip: str) -> None:
    facts = with_proxy("https_proxy", "https://proxy:3128", "https_scheme")
    facts = replace(facts, installers=replace(GOOD.installers, pip_version=pip))
    assert not [one for one in diagnose(facts).findings if "proxy" in one.code]


def test_a_proxy_with_a_password_is_unset_and_not_spelled_out() -> None:
    facts = with_proxy("https_proxy", "***@proxy:3128", "no_scheme")
    assert found(facts, "proxy_no_scheme").fix == "unset https_proxy"


def test_a_gpu_that_tensorflow_lists_proves_a_search_wrong() -> None:
    libraries = replace(GOOD.libraries, found=())
    assert "environment.cuda_missing" not in [
        one.code for one in diagnose(replace(GOOD, libraries=libraries)).findings
    ]
    unseen = replace(GOOD.tensorflow_import, gpus=())
    facts = replace(GOOD, libraries=libraries, tensorflow_import=unseen)
    assert found(facts, "cuda_missing").severity == "error"


@pytest.mark.parametrize("version", ["9.8.0", "9.3.0"])
def test_a_copy_on_the_path_that_serves_is_only_a_warning(version: str) -> None:
    other = Library("libcudnn.so.9", "/opt/cuda/lib/libcudnn.so.9", "ld_library_path", version)
    facts = changed(
        "libraries", found=(other, *GOOD.libraries.found), ld_library_path="/opt/cuda/lib"
    )
    assert found(facts, "library_shadowed").fix == "unset LD_LIBRARY_PATH"


def test_every_finding_of_the_rules_has_a_text_and_those_to_mend_a_reason_or_a_link() -> None:
    folder = Path(room.__file__).parent
    literal = set()
    for path in folder.glob("*_rules.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            if name in ("error", "warning", "passed", "kind") and node.args:
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    literal.add((name, code.value))
    assert len(literal) > 60
    for name, code in literal:
        assert f"environment.{code}" in MESSAGES
        if name != "passed" and code not in ("unknown", "pin_unmet"):
            assert code in LINKS or f"environment.{code}.why" in MESSAGES, code
    for code, link in LINKS.items():
        assert f"environment.{code}" in MESSAGES
        assert link.startswith("https://")
