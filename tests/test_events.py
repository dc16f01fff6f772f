"""The log: one event a line, whatever happens to the process or the disk."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.events import (
    EventLog,
    EventReader,
    Finished,
    Metric,
    Progress,
    Report,
    Stage,
    parse,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def test_each_event_is_a_line_with_time_and_sequence(path: Path) -> None:
    log = EventLog(path)
    log.append(Stage("pack"))
    log.append(Metric("step", 0, 3, {"loss": 1.5, "accuracy": None}))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["sequence"], line["kind"]) for line in lines] == [(1, "stage"), (2, "metric")]
    assert lines[0]["time"] <= lines[1]["time"]
    assert lines[1]["values"] == {"loss": 1.5, "accuracy": None}


def test_a_reader_ignores_a_torn_line_until_it_is_whole(path: Path) -> None:
    log = EventLog(path)
    log.append(Stage("pack"))
    whole = path.read_bytes()
    reader = EventReader(path)
    path.write_bytes(whole + whole[:-5])
    assert [s.event for s in reader.read()] == [Stage("pack")]
    assert reader.read() == []
    path.write_bytes(whole + whole)
    assert [s.event for s in reader.read()] == [Stage("pack")]


def test_a_writer_cuts_off_a_torn_line_and_counts_on(path: Path) -> None:
    EventLog(path).append(Stage("pack"))
    with open(path, "ab") as file:
        file.write(b'{"sequence": 2, "time": 1.0, "ki')
    EventLog(path).append(Stage("write"))
    assert [(s.sequence, s.event) for s in parse(path.read_bytes())] == [
        (1, Stage("pack")),
        (2, Stage("write")),
    ]


def test_events_of_a_later_version_are_passed_over(path: Path) -> None:
    path.write_text(
        '{"sequence": 1, "time": 1.0, "kind": "telepathy", "to": "you"}\n'
        '{"sequence": 2, "time": 1.0, "kind": "stage", "name": "pack", "mood": "good"}\n'
    )
    assert [s.event for s in EventReader(path).read()] == [Stage("pack")]


def test_a_value_that_is_not_a_number_is_written_as_none(path: Path) -> None:
    log = EventLog(path)
    Report(log).metric("step", 0, 1, {"loss": float("nan"), "accuracy": float("inf")})
    assert json.loads(path.read_text())["values"] == {"loss": None, "accuracy": None}


def test_progress_is_thinned_but_its_end_is_told(path: Path) -> None:
    report = Report(EventLog(path))
    report.stage("pack")
    for done in range(1, 1001):
        report.progress(done, 1000, "images")
    told = [s.event for s in EventReader(path).read() if isinstance(s.event, Progress)]
    assert len(told) < 20
    assert (told[-1].done, told[-1].total, told[-1].unit) == (1000, 1000, "images")


def test_a_full_disk_costs_no_event_once_there_is_room(tmp_path: Path) -> None:
    """The limit on file size stands in for a disk that is full, then has room again."""
    program = """
import resource, signal, sys
from pathlib import Path
from pipeline.events import EventLog, Finished, Stage, parse
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
log = EventLog(path)
log.append(Stage("first"))
limit = path.stat().st_size + 20
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
log.append(Stage("second"))
log.append(Stage("third"))
assert [s.event.name for s in parse(path.read_bytes())] == ["first"]
assert path.read_bytes().endswith(b"\\n")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.append(Finished({}))
"""
    path = tmp_path / "events.jsonl"
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)
    events = [s.event for s in EventReader(path).read()]
    assert events == [Stage("first"), Stage("second"), Stage("third"), Finished({})]
