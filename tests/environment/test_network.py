"""What would break pip behind a proxy is known, and no password is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pipeline.environment.network import NetworkFacts, PipSetting, Proxy, masked, network, problem


def look(tmp_path: Path, **environ: str) -> NetworkFacts:
    return network({"HOME": str(tmp_path / "home"), **environ}, tmp_path, tmp_path / "venv")


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://proxy.example.org:3128", None),
        ("http://10.0.0.1", None),
        ("http://wang:secret@proxy:3128/", None),
        ("proxy.example.org:3128", "no_scheme"),
        ("wang:secret@proxy:3128", "no_scheme"),
        ("https://proxy.example.org:3128", "https_scheme"),
        ("socks5h://localhost:1080", "socks_missing"),
        ("http://:3128", "malformed"),
        ("http://proxy:port", "malformed"),
        ("http://pro xy:3128", "malformed"),
        ("proxy", "malformed"),
        ("ftp://proxy:21", "scheme"),
    ],
)
def test_a_proxy_that_pip_cannot_use_is_told(url: str, found: str | None) -> None:
    assert problem(url, pysocks=False) == found


def test_socks_works_with_pysocks(tmp_path: Path, monkeypatch) -> None:
    assert look(tmp_path, ALL_PROXY="socks5://localhost:1080").proxies == (
        Proxy("ALL_PROXY", "socks5://localhost:1080", "socks_missing"),
    )
    (tmp_path / "socks.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    found = look(tmp_path, ALL_PROXY="socks5://localhost:1080")
    assert (found.pysocks, found.proxies[0].problem) == (True, None)


def test_of_two_spellings_the_lower_one_counts(tmp_path: Path) -> None:
    found = look(tmp_path, https_proxy="http://a:1", HTTPS_PROXY="http://b:2", NO_PROXY="::1")
    assert [(one.source, one.url) for one in found.proxies] == [("https_proxy", "http://a:1")]
    assert found.no_proxy == "::1"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://wang:geheim@proxy:3128", "http://***@proxy:3128"),
        ("wang:geheim@proxy:3128", "***@proxy:3128"),
        ("https://token@host/simple https://a:b@c/d", "https://***@host/simple https://***@c/d"),
        ("https://pypi.org/simple", "https://pypi.org/simple"),
    ],
)
def test_names_and_passwords_are_never_known(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.skipif(sys.platform == "win32", reason="pip keeps its files elsewhere on Windows")
def test_the_settings_of_pip_come_in_the_order_in_which_they_win(tmp_path: Path) -> None:
    for name, text in (
        ("venv/pip.conf", "[global]\nproxy = http://wang:geheim@venv:1\n"),
        ("home/.config/pip/pip.conf", "[global]\nindex_url = https://mirror/simple\n"),
        ("etc/pip.conf", "[install]\nuser = yes\n[global]\ntimeout = 60\n"),
        ("home/.pip/pip.conf", "no section\n"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = look(tmp_path, PIP_REQUIRE_VIRTUALENV="1")
    assert found.pip_settings == (
        PipSetting("PIP_REQUIRE_VIRTUALENV", "require-virtualenv", "1"),
        PipSetting(str(tmp_path / "venv/pip.conf"), "proxy", "http://***@venv:1"),
        PipSetting(
            str(tmp_path / "home/.config/pip/pip.conf"), "index-url", "https://mirror/simple"
        ),
        PipSetting(str(tmp_path / "etc/pip.conf"), "user", "yes"),
    )
    assert found.proxies == (Proxy(str(tmp_path / "venv/pip.conf"), "http://***@venv:1"),)


def test_pip_can_be_told_to_read_no_file(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/pip.conf").write_text("[global]\nno-index = true\n")
    assert len(look(tmp_path).pip_settings) == 1
    assert look(tmp_path, PIP_CONFIG_FILE="/dev/null").pip_settings == ()
