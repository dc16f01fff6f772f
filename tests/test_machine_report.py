"""A report can be pasted into an issue: everything that was found, and nobody's name."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from recorded_machines import machine

from hanzi_tui.machine_report import machine_report, report_text, without_names
from hanzi_tui.signs import ASCII
from pipeline.environment.diagnose import diagnose
from pipeline.environment.network import NetworkFacts, Proxy


def report(name: str, *, with_names: bool = False, **changes) -> str:
    facts = replace(machine(name).facts, **changes)
    return report_text(diagnose(facts), facts, ASCII, with_names=with_names)


def test_a_report_has_verdict_findings_fixes_links_and_all_facts() -> None:
    told, facts = report("driver-old").split("\n\n{", 1)
    assert told.startswith("x TensorFlow cannot use the GPU of this machine")
    assert "470.223.02 is too old for CUDA 12.5.1" in told
    assert "\n    sudo ubuntu-drivers install\n" in told
    assert "\n  see https://docs.nvidia.com/deploy/cuda-compatibility/" in told
    assert json.loads("{" + facts)["gpu"]["gpus"][0]["name"] == "NVIDIA A100-SXM4-80GB"


def test_a_passed_check_is_one_line() -> None:
    facts = machine("a100").facts
    lines = list(machine_report(diagnose(facts), facts, ASCII))
    assert [line for line in lines[2:] if line.startswith("+ ")] == lines[2 : lines.index("", 2)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/home/liwei/ocr/workspace", "/home/USER/ocr/workspace"),
        ("disk of /home/otherone/data", "disk of /home/USER/data"),
        (r"C:\Users\Li Wei\x", r"C:\Users\USER Wei\x"),
        ("/Users/liwei/x", "/Users/USER/x"),
        ("/data/liwei/x and liwei's", "/data/USER/x and USER's"),
        ("session of gpu07.physics.example", "session of HOST"),
        ("gpu07: no answer", "HOST: no answer"),
        ("/srv/me/.venv/bin", "~/.venv/bin"),
        ("https_proxy=http://bob:pw@proxy.example:3128", "https_proxy=http://HOST:3128"),
        ("GPU-11111111-2222-3333-4444-555555555555", "GPU-UUID"),
        ("/srv/melissa", "/srv/melissa"),
        ("  see https://github.com/x/y", "  see https://github.com/x/y"),
    ],
)
def test_names_of_people_and_machines_are_left_out(text: str, told: str) -> None:
    names = {"user": "liwei", "host": "gpu07.physics.example", "home": "/srv/me"}
    assert without_names(text, **names) == told


def test_names_stay_where_they_are_asked_for() -> None:
    proxy = Proxy("https_proxy", "socks5://proxy.example:1080", "socks_missing")
    network = NetworkFacts((proxy,), no_proxy=".corp.example")
    assert "proxy.example" in report("a100", with_names=True, network=network)
    nameless = report("a100", network=network)
    assert "proxy.example" not in nameless
    assert ".corp.example" not in nameless
    assert "socks5://HOST:1080 is a SOCKS proxy" in nameless
