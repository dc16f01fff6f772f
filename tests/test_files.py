"""Nobody sees half a file, and a lock goes with the process that held it."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.files import locked, publish, write_bytes, write_table
from pipeline.problems import Problem

HOLDER = """
import sys, time
from pathlib import Path
from pipeline.files import locked
with locked(Path(sys.argv[1]), "run-1"):
    print("held", flush=True)
    time.sleep(60)
"""

WATCHER = """
import select, sys
from pathlib import Path
content = Path(sys.argv[1], "content")
while not content.exists():
    pass
print("seen", flush=True)
looks = missed = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    looks += 1
    missed += not content.parent.exists()
print(looks, missed)
"""


def test_a_write_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "labels.txt"
    write_bytes(path, b"before")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_bytes(path, b"after")
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["labels.txt"]


def test_a_table_keeps_names_of_any_bytes(tmp_path: Path) -> None:
    name = b'\xb0\xa1,"x".png'.decode("utf-8", "surrogateescape")
    write_table(tmp_path / "t.csv", ("path",), [(name,)])
    assert (tmp_path / "t.csv").read_bytes() == b'path\r\n"\xb0\xa1,""x"".png"\r\n'


def test_publishing_replaces_a_whole_folder_by_a_whole_folder(tmp_path: Path) -> None:
    for name in ("set", "set.partial"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "content").write_text(name)
    publish(tmp_path / "set.partial", tmp_path / "set")
    assert os.listdir(tmp_path) == ["set"]
    assert (tmp_path / "set" / "content").read_text() == "set.partial"


def test_while_a_folder_is_replaced_its_name_is_never_missing(tmp_path: Path) -> None:
    final = tmp_path / "set"
    watcher = subprocess.Popen(
        [sys.executable, "-c", WATCHER, str(final)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert watcher.stdin is not None and watcher.stdout is not None
    for round_ in range(300):
        partial = tmp_path / "set.partial"
        partial.mkdir()
        (partial / "content").write_text(str(round_))
        publish(partial, final)
        if round_ == 0:
            assert watcher.stdout.readline() == b"seen\n"
    watcher.stdin.close()
    looks, missed = map(int, watcher.stdout.read().split())
    watcher.wait(10)
    assert looks > 300
    assert missed == 0


def test_a_lock_names_its_holder_and_goes_with_it(tmp_path: Path) -> None:
    lock = tmp_path / "hwdb.lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(lock)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(Problem, match="hwdb is being written by run run-1 on"), locked(lock, "me"):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with locked(lock, "me"):
        pass


def test_without_flock_the_age_of_the_heartbeat_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_flock)
    lock, heartbeat = tmp_path / "set.lock", tmp_path / "heartbeat"
    heartbeat.touch()
    with locked(lock, "run-1", heartbeat):
        with pytest.raises(Problem, match="run-1"), locked(lock, "run-2"):
            pass
        os.utime(heartbeat, (0, 0))
        with locked(lock, "run-2"):
            pass
