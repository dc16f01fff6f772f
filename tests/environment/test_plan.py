"""A plan names TensorFlow, CUDA, cuDNN and every command, for this machine or a described one."""

from __future__ import annotations

import pytest
from recorded_machines import machine

from pipeline.environment import builds
from pipeline.environment.fixes import Tools
from pipeline.environment.plan import Machine, Option, Plan, machine_of, plan
from pipeline.environment.probes import Facts

RTX_3070 = {"gpus": ("RTX 3070",), "capabilities": ((8, 6),)}
SEE = 'python -c "import tensorflow as tf; print(tf.config.list_physical_devices())"'


def told(option: Option) -> list[str]:
    return [remark.code.removeprefix("plan.") for remark in option.before]


def remarks(made: Plan) -> list[str]:
    return [remark.code.removeprefix("plan.") for remark in made.remarks]


def test_a_new_server_gets_the_newest_build_with_its_cuda() -> None:
    made = plan(Machine("linux", "550.54.15", "3.12.3", ("A100",), ((8, 0),)))
    [option] = made.options
    assert (option.build.tensorflow, option.build.cuda, option.build.cudnn) == (
        "2.21.0", "12.5", "9.3",
    )  # fmt: skip
    assert option.driver == "525.60.13"
    assert option.before == ()
    assert option.steps == (
        "python3.12 -m venv .venv",
        ". .venv/bin/activate",
        "pip install 'tensorflow[and-cuda]==2.21.*'",
        SEE,
    )


def test_windows_is_told_wsl2_or_tensorflow_2_10() -> None:
    made = plan(Machine("windows", "470.82", "3.9", **RTX_3070))
    as_it_is, newest, native = made.options
    assert (as_it_is.system, as_it_is.build.tensorflow) == ("wsl", "2.14.0")
    assert told(as_it_is) == ["wsl"]
    assert (newest.system, newest.build.tensorflow) == ("wsl", "2.21.0")
    assert told(newest) == ["wsl", "driver_update", "python"]
    assert "470.82 is here, 528.33 or newer is needed" in newest.before[1].text
    assert (native.system, native.build.tensorflow, native.python) == ("windows", "2.10.0", "3.9")
    assert (native.build.cuda, native.build.cudnn) == ("11.2", "8.1")
    assert native.steps == (
        'conda create -n tf -c conda-forge python=3.9 "cudatoolkit=11.2" "cudnn>=8.1,<9"',
        "conda activate tf",
        'pip install "tensorflow==2.10.*" "numpy<2" "protobuf<3.20"',
        SEE,
    )


def test_an_old_driver_gets_the_newest_build_it_runs_and_what_an_update_would_bring() -> None:
    old, new = plan(Machine("linux", "470.223.02", "3.11", **RTX_3070)).options
    assert (old.build.tensorflow, old.build.cuda, told(old)) == ("2.14.0", "11.8", [])
    assert (new.build.tensorflow, told(new)) == ("2.21.0", ["driver_update"])


def test_a_build_that_hanzi_tui_cannot_work_with_says_so() -> None:
    old, new = plan(
        Machine("linux", "470.223.02", "3.11", needed="tensorflow>=2.20", **RTX_3070)
    ).options
    assert told(old) == ["not_for_hanzi"]
    assert "tensorflow>=2.20" in old.before[0].text
    assert "not_for_hanzi" not in told(new)


@pytest.mark.parametrize(
    ("gpu", "capability", "newest"),
    [
        ("GTX 970", (5, 2), "2.16.1"),
        ("GTX 1080", (6, 1), "2.21.0"),
        ("K80", (3, 7), "2.12.0"),
        ("H100", (9, 0), "2.21.0"),
    ],
)
def test_a_gpu_gets_a_build_that_holds_code_for_it(gpu: str, capability, newest: str) -> None:
    made = plan(Machine("linux", "560.1", None, (gpu,), (capability,)))
    assert made.options[0].build.tensorflow == newest
    assert remarks(made) == []


def test_a_gpu_that_no_package_has_code_for_gets_nvidias_image_or_the_cpu() -> None:
    made = plan(Machine("linux", "575.57", "3.12", ("RTX 5090",), ((12, 0),)))
    assert remarks(made) == ["gpu_too_new"]
    assert "nvcr.io/nvidia/tensorflow" in (made.remarks[0].fix or "")
    [option] = made.options
    assert option.build.cuda is None
    assert "pip install 'tensorflow==2.21.*'" in option.steps
    assert remarks(plan(Machine("linux", "470.1", None, ("GTX 680",), ((3, 0),)))) == [
        "gpu_too_old"
    ]


def test_without_a_gpu_the_plan_is_for_the_cpu() -> None:
    made = plan(Machine("linux", python="3.9"))
    assert remarks(made) == ["no_gpu"]
    [option] = made.options
    assert (option.build.tensorflow, option.build.cuda, option.python) == ("2.20.0", None, "3.9")
    assert remarks(plan(Machine("macos"))) == ["macos"]


def test_a_gpu_without_a_driver_is_told_which_one() -> None:
    [option] = plan(Machine("linux", None, "3.11", **RTX_3070)).options
    assert told(option) == ["driver_install"]
    assert "525.60.13" in option.before[0].text


@pytest.mark.parametrize(
    ("tools", "first"),
    [
        (Tools("uv"), "uv venv --python 3.11"),
        (Tools("conda", "mamba"), "mamba create -n tf -c conda-forge python=3.11"),
        (Tools("pip"), "python3.11 -m venv .venv"),
    ],
)
def test_commands_are_for_the_tools_that_are_there(tools: Tools, first: str) -> None:
    [option] = plan(Machine("linux", "550.1", "3.11", tools=tools, **RTX_3070)).options
    assert option.steps[0] == first


def test_an_older_build_takes_its_cuda_from_conda_or_from_the_module_system() -> None:
    described = {"driver": "470.1", "python": "3.9", **RTX_3070}
    by_conda = plan(Machine("linux", **described)).options[0]
    assert '"cudatoolkit=11.8"' in by_conda.steps[0]
    assert 'conda env config vars set LD_LIBRARY_PATH="$CONDA_PREFIX/lib"' in by_conda.steps
    by_module = plan(Machine("linux", tools=Tools("pip", modules=True), **described)).options[0]
    assert by_module.steps[0] == "module load cuda/11.8 cudnn/8.7"
    assert not [step for step in by_module.steps if "conda" in step]


def test_every_tested_gpu_build_can_be_planned_for_its_own_machine() -> None:
    for row in builds.tested_builds():
        if row.kind != "gpu":
            continue
        os = "windows" if row.os == "windows-native" else "linux"
        made = plan(Machine(os, "600.0", row.python_max))
        mine = [one for one in made.options if one.build.os == row.os and not one.before]
        assert builds.numbers(mine[0].build.tensorflow) >= builds.numbers(row.tensorflow)
        assert mine[0].steps[-1] == SEE


def test_a_recorded_machine_is_planned_as_it_is() -> None:
    found = machine_of(machine("a100").facts)
    assert (found.os, found.driver, found.python) == ("linux", "550.54.15", "3.12.3")
    assert (found.capabilities, found.needed) == (((8, 0),), "tensorflow>=2.20")
    on_windows = machine_of(machine("rtx3070-windows").facts)
    assert on_windows.tools == Tools("conda", "conda", windows=True)
    assert [one.system for one in plan(on_windows).options] == ["wsl", "wsl", "windows"]
    assert plan(machine_of(Facts())).options
