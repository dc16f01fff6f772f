"""`hanzi-tui check` as scripts call it: exit codes, JSON, plans, reports."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.environment.gpu import gpus

HAS_GPU = bool(gpus().gpus)


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hanzi_tui", "check", "--quick", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_json_gives_each_finding_its_reason_fix_and_link() -> None:
    ended = check("--json")
    told = json.loads(ended.stdout)
    for finding in told["findings"]:
        assert {"code", "severity", "text", "why", "fix", "link", "params"} == set(finding)
    assert told["facts"]["installers"]["installer"] in ("pip", "uv", "conda")
    assert "plan" not in told


@pytest.mark.skipif(HAS_GPU, reason="this machine has a GPU")
def test_a_script_can_ask_for_a_gpu() -> None:
    assert check().returncode == 0
    assert check("--require-gpu").returncode == 1


@pytest.mark.skipif(HAS_GPU, reason="this machine has a GPU")
def test_a_trial_without_a_gpu_says_that_there_is_none() -> None:
    ended = check("--trial", "--json")
    assert ended.returncode == 0
    told = json.loads(ended.stdout)
    assert told["facts"]["trials"] == []
    assert "There is no GPU to try." in [one["text"] for one in told["findings"]]


def test_force_means_nothing_without_a_trial() -> None:
    ended = check("--force")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "--force" in ended.stderr


def test_a_described_machine_is_planned() -> None:
    flags = ["--driver", "470.82", "--python", "3.9", "--gpu", "RTX 3070", "--os", "windows"]
    ended = check("--plan", *flags)
    assert ended.returncode == 0
    assert "Windows, RTX 3070, driver 470.82, Python 3.9" in ended.stdout
    assert "wsl --install" in ended.stdout
    assert "TensorFlow 2.10.0, Python 3.9, in Windows: CUDA 11.2, cuDNN 8.1" in ended.stdout
    assert "\x1b" not in ended.stdout


def test_a_plan_is_given_as_json_too() -> None:
    told = json.loads(check("--gpu", "K80", "--driver", "470.1", "--json").stdout)["plan"]
    assert told["machine"]["capabilities"] == [[3, 7]]
    assert told["options"][0]["build"]["tensorflow"] == "2.12.0"
    assert "hanzi-tui itself needs" in told["options"][0]["before"][-1]["text"]


def test_this_machine_is_planned_when_nothing_is_described() -> None:
    version = ".".join(map(str, sys.version_info[:2]))
    assert f"Python {version}" in check("--plan").stdout


@pytest.mark.parametrize(
    ("flags", "word"),
    [(("--gpu", "RTX 3079"), "RTX 3070"), (("--driver", "new"), "--driver"), (("--os", "x"), "os")],
)
def test_a_machine_that_cannot_be_is_bad_usage(flags: tuple[str, ...], word: str) -> None:
    ended = check("--plan", *flags)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert word in ended.stderr


def test_a_report_is_written_beside_the_check(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    ended = check("--report", str(path))
    text = path.read_text("utf-8")
    assert ended.stdout.splitlines()[0] in text
    assert '"kernel"' in text
    assert str(Path.home()) not in text
    ended = check("--report", str(tmp_path / "no/such/report.txt"))
    assert ended.returncode == 1
    assert "cannot be written" in ended.stderr
