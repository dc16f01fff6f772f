"""The tree of facts: all that the probes found, cut where it must be, and never lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from on_screen import dashboard, seen, text_of
from recorded_driver import FakeNvml
from recorded_machines import machine

from hanzi_tui.facts.fact import Fact
from hanzi_tui.facts.sections import rows, sections
from hanzi_tui.widgets.facts_tree import FactsTree
from pipeline.environment.device_nodes import DeviceFacts, DeviceNode
from pipeline.environment.devices import GpuProcess
from pipeline.environment.import_messages import Message
from pipeline.environment.libraries import Library
from pipeline.environment.network import NetworkFacts, PipSetting, Proxy
from pipeline.environment.probes import Facts
from pipeline.environment.tensorflow_import import ImportFacts
from pipeline.environment.terminal import TerminalFacts
from pipeline.environment.trial_facts import Comparison, GpuTrial
from pipeline.environment.variables import VariableFacts
from pipeline.workspace import Workspace

Nvml = Callable[..., FakeNvml]
Record = dict[str, Any]


def lines(facts: Iterator[Fact] | tuple[Fact, ...]) -> Iterator[str]:
    """Yields every fact as text, those below others too."""
    for fact in facts:
        yield f"{fact.severity} {fact.name}: {fact.value}"
        yield from lines(fact.details)


def everything() -> Facts:
    """A recorded A100, with something told by every probe."""
    facts: Facts = machine("a100").facts
    assert facts.gpu is not None and facts.libraries is not None
    [card] = facts.gpu.gpus
    card = replace(
        card, pci="00000000:3B:00.0", clock_mhz=1170, clock_max_mhz=1410, ecc=True,
        ecc_uncorrected=3, retired_pages=True, persistence=False, throttled_by=("heat",),
        processes=(GpuProcess(4711, 2 * 10**9, False),),
    )  # fmt: skip
    crashes = Library(
        "libnccl.so.2", "/opt/nccl/libnccl.so.2", "system", None, "crashed", "SIGSEGV"
    )
    shadowed = Library("libcudnn.so.9", "/old/libcudnn.so.9", "ld_library_path", "9.1.0", "loads")
    return replace(
        facts,
        gpu=replace(facts.gpu, gpus=(card,), kernel_version="570.86.10", kernel_open=True),
        libraries=replace(facts.libraries, found=(shadowed, crashes, *facts.libraries.found)),
        devices=DeviceFacts((DeviceNode("/dev/nvidia0", "crw-rw----", "video", False),)),
        variables=VariableFacts({"XLA_FLAGS": "--xla_x"}),
        network=NetworkFacts((Proxy("all_proxy", "socks5://p:1", "socks_missing"),), None, False,
                             (PipSetting("/etc/pip.conf", "index-url", "https://mirror"),)),
        terminal=TerminalFacts(True, "xterm-kitty", "kitty", "truecolor", "kitty", ssh=True),
        tensorflow_import=ImportFacts("ok", 3.25, "2.21.0", ("/physical_device:GPU:0",),
                                      {"cpu_compiler": "clang"},
                                      (Message("onednn", {}, "oneDNN custom operations are on"),)),
        trials=(GpuTrial(0, card.name, "done", 9.0,
                         (Comparison("matmul", "tf32", 0.0012, 0.4, None),)),),
    )  # fmt: skip


@pytest.mark.parametrize(
    "told",
    [
        "on the bus: 00000000:3B:00.0",
        "clock: 1170/1410 MHz, held back by heat",
        "ECC: on",
        "warning errors in its memory: 3",
        "warning pages of its memory: some wait for a reset",
        "kept awake: no",
        "process 4711: of others 2.0 GB",
        "error trial: 1 of 1 results are wrong",
        "error matrices TF32: error NaN, 1.2 ms, the CPU 400 ms",
        "kernel module: 570.86.10, the open one",
        "error device files: 1, 1 not open to you",
        "error /dev/nvidia0: crw-rw---- video",
        "error libnccl.so.2: crashes, SIGSEGV  -  /opt/nccl  (system)",
        "warning libcudnn.so.9: 9.1.0  /old  (ld_library_path)",
        " hidden: 9.5.1  ",
        "XLA_FLAGS: --xla_x",
        "warning all_proxy: socks5://p:1, SOCKS, and PySocks is missing",
        "pip index-url: https://mirror  /etc/pip.conf",
        "pictures: kitty",
        "link: SSH",
        "ok import: 3.2 s, lists 1 GPU",
        "cpu_compiler: clang",
        "onednn: oneDNN custom operations are on",
        "installed by: ",
        "logging out: ",
        "language: ",
        "instructions: AVX",
    ],
)
def test_all_that_the_probes_found_is_in_the_tree(told: str) -> None:
    assert told in "\n".join(lines(tuple(sections(everything()))))


def test_a_fact_nobody_could_find_out_says_so_and_one_to_come_is_waited_for() -> None:
    facts = Facts(unknown={"gpu": "OSError: x"})
    told = {fact.name: fact.value for fact in sections(facts, {"packages"})}
    assert told["driver"] == "unknown: OSError: x"
    assert told["packages"] == "waiting"
    assert dict(rows(facts))["driver"] == "unknown: OSError: x"


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36)])
async def test_a_fact_that_does_not_fit_is_cut_by_a_sign_and_copied_whole(
    workspace: Workspace, nvml: Nvml, a100: Record, size: tuple[int, int]
) -> None:
    nvml({**a100, "name": "A GPU with a name that goes on and on " * 4})
    app = dashboard(workspace)
    async with app.run_test(size=size, notifications=True) as pilot:
        await seen(pilot, lambda: "checked " in text_of(app) or size[0] < 100)
        await pilot.press("tab")
        text = await seen(pilot, "A GPU with a name")
        line = next(line for line in text.splitlines() if "A GPU with a name" in line)
        assert line.endswith("…")
        tree = app.screen.query_one(FactsTree)
        await pilot.press("home", "down", "down", "down")
        assert tree.selected is not None and tree.selected.name == "GPU 0"
        await pilot.press("y")
        await seen(pilot, "copied: A GPU with")
        assert app.clipboard == tree.selected.value
        assert app.clipboard.count("A GPU with a name") == 4 and "compute 8.0" in app.clipboard
