"""Whether a job outlives its login follows from where it runs and from systemd-logind's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.environment.logout import logout

SESSION = "0::/user.slice/user-1000.slice/session-3.scope\n"
MANAGER = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-r12.scope\n"
SERVICE = "0::/system.slice/slurmd.service/job_7/step_0\n"
BUILT_IN_NO = "[Login]\n#KillUserProcesses=no\n#KillOnlyUsers=\n#KillExcludeUsers=root\n"


def machine(root: Path, cgroup: str, **files: str) -> Path:
    """A machine with systemd; the names of `files` have "__" for "/"."""
    (root / "run/systemd/system").mkdir(parents=True)
    for name, text in {"proc__self__cgroup": cgroup, **files}.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("written", "kills"),
    [
        (BUILT_IN_NO, False),
        (BUILT_IN_NO.replace("=no", "=yes"), True),
        (BUILT_IN_NO + "KillUserProcesses=yes\n", True),
        ("KillUserProcesses=yes\nKillExcludeUsers=root wang\n", False),
        ("KillUserProcesses=yes\nKillOnlyUsers=guest\n", False),
        ("KillUserProcesses=yes\nKillOnlyUsers=guest wang\n", True),
        ("[Login]\n", None),
    ],
)
def test_a_session_takes_its_jobs_along_as_logind_says(tmp_path: Path, written, kills) -> None:
    root = machine(tmp_path, SESSION, **{"etc__systemd__logind.conf": written})
    found = logout(root, "wang")
    assert (found.unit, found.place) == ("session-3.scope", "session")
    assert (found.kill_user_processes, found.kills_jobs) == (kills, kills)
    assert (found.source is None) == (kills is None)


def test_a_file_that_adds_to_logind_wins_and_is_named(tmp_path: Path) -> None:
    root = machine(
        tmp_path,
        SESSION,
        **{
            "usr__lib__systemd__logind.conf": BUILT_IN_NO,
            "usr__lib__systemd__logind.conf.d__50-site.conf": "[Login]\nKillUserProcesses=yes\n",
            "usr__lib__systemd__logind.conf.d__90-late.conf": "[Login]\nKillUserProcesses=no\n",
            "etc__systemd__logind.conf.d__90-late.conf": "[Login]\nIdleAction=ignore\n",
        },
    )
    found = logout(root, "wang")
    assert found.kills_jobs is True
    assert found.source == str(root / "usr/lib/systemd/logind.conf.d/50-site.conf")


def test_below_the_users_manager_a_job_lives_on_only_with_linger(tmp_path: Path) -> None:
    root = machine(tmp_path, MANAGER, **{"etc__systemd__logind.conf": BUILT_IN_NO})
    found = logout(root, "wang")
    assert (found.unit, found.place, found.linger) == ("user@1000.service", "user", False)
    assert found.kills_jobs is True
    linger = root / "var/lib/systemd/linger/wang"
    linger.parent.mkdir(parents=True)
    linger.touch()
    assert (logout(root, "wang").linger, logout(root, "wang").kills_jobs) == (True, False)


def test_linger_does_not_save_what_runs_in_a_session(tmp_path: Path) -> None:
    conf = {"etc__systemd__logind.conf": "KillUserProcesses=yes\n"}
    root = machine(tmp_path, SESSION, **conf, var__lib__systemd__linger__wang="")
    assert logout(root, "wang").kills_jobs is True


def test_the_job_of_a_service_has_nothing_to_do_with_a_login(tmp_path: Path) -> None:
    conf = {"etc__systemd__logind.conf": "KillUserProcesses=yes\n"}
    found = logout(machine(tmp_path, SERVICE, **conf), "wang")
    assert (found.unit, found.place, found.kills_jobs) == ("slurmd.service", "system", False)


def test_without_systemd_nobody_kills_a_job_at_logout(tmp_path: Path) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/\n")
    assert logout(tmp_path, "wang").kills_jobs is False
    assert logout(tmp_path / "nothing", "wang").kills_jobs is None


def test_a_cgroup_of_version_1_names_the_session_too(tmp_path: Path) -> None:
    lines = "5:memory:/user.slice\n1:name=systemd:/user.slice/user-1000.slice/session-c2.scope\n"
    root = machine(tmp_path, lines, **{"etc__systemd__logind.conf": BUILT_IN_NO})
    assert logout(root, "wang").unit == "session-c2.scope"
