"""Runs and their workers: real processes, killed, stopped, left alone and found again."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from workers import done, train_job, until

from pipeline import jobs, runs
from pipeline.events import (
    EventLog,
    EventReader,
    Finished,
    Metric,
    Resumed,
    Stamped,
    Started,
    Stopped,
)
from pipeline.jobs import PrepareJob, read_job, worker_command
from pipeline.problems import Problem
from pipeline.processes import process_start_s, this_process
from pipeline.runs import Run, Status, continuous
from pipeline.settings import DatasetSettings
from pipeline.workspace import Workspace


def prepare_job(workspace: Workspace, source: Path, name: str = "few") -> PrepareJob:
    return PrepareJob(workspace=workspace.root, source=source, name=name,
                      dataset=DatasetSettings(size=32, processes=1))  # fmt: skip


def made(workspace: Workspace, *events: object) -> Run:
    """Makes a run with these events, as a worker that is this very process."""
    run = runs.create(workspace.runs, "")
    log = EventLog(run.events)
    for event in events:
        log.append(event)  # type: ignore[arg-type]
    return run


def started(**changes: object) -> Started:
    me = this_process()
    values = {"pid": me.pid, "process_start_s": me.start_s, "host": me.host, "boot_id": me.boot_id}
    return Started(**(values | changes))  # type: ignore[arg-type]


def test_a_job_runs_in_a_session_of_its_own_and_says_who_it_is(
    workspace: Workspace, characters: Path
) -> None:
    run = done(prepare_job(workspace, characters))
    assert run.status() is Status.FINISHED
    events = [s.event for s in EventReader(run.events).read()]
    first = events[0]
    assert isinstance(first, Started)
    assert first.pid != os.getpid()
    assert first.versions["python"] == sys.version.split()[0]
    assert isinstance(events[-1], Finished)
    assert read_job(run) == prepare_job(workspace, characters)
    assert run.worker_log.read_text() == ""


def test_status_follows_the_process_not_its_number(workspace: Workspace) -> None:
    assert made(workspace).status() is Status.STARTING
    assert made(workspace, started()).status() is Status.RUNNING
    assert made(workspace, started(process_start_s=1.0)).status() is Status.INTERRUPTED
    assert made(workspace, started(boot_id="another boot")).status() is Status.INTERRUPTED
    assert made(workspace, started(), Stopped("batch")).status() is Status.STOPPED
    assert made(workspace, started(), Finished({})).status() is Status.FINISHED
    assert made(workspace, started(), Stopped("batch"), started()).status() is Status.RUNNING


def test_a_zombie_is_no_running_worker(workspace: Workspace) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"],
                             stdin=subprocess.PIPE)  # fmt: skip
    run = made(workspace, started(pid=child.pid, process_start_s=process_start_s(child.pid)))
    assert run.status() is Status.RUNNING
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert run.status() is Status.INTERRUPTED
    child.wait()


def test_the_heartbeat_speaks_for_a_worker_on_another_host(workspace: Workspace) -> None:
    run = made(workspace, started(host="gpu-rack-7"))
    assert run.status() is Status.INTERRUPTED
    run.heartbeat.touch()
    assert run.status() is Status.RUNNING
    os.utime(run.heartbeat, (0, 0))
    assert run.status() is Status.INTERRUPTED


def test_the_history_of_a_resumed_run_is_one_line(workspace: Workspace) -> None:
    def at(step: int) -> Metric:
        return Metric("step", 0, step, {"loss": float(step)})

    told = [at(10), at(20), at(30), Resumed(0, 15), at(20), at(25)]
    stamped = [Stamped(i, 0.0, event) for i, event in enumerate(told)]
    assert [metric.step for metric in continuous(stamped)] == [10, 20, 25]


def test_following_shows_the_whole_history_then_goes_on(
    workspace: Workspace, characters: Path
) -> None:
    async def two_followers() -> tuple[list[Stamped], list[Stamped]]:
        run = await jobs.start(prepare_job(workspace, characters))
        first = [stamped async for stamped in jobs.follow(run)]
        later = [stamped async for stamped in jobs.follow(run)]
        return first, later

    first, later = asyncio.run(two_followers())
    assert first == later
    assert isinstance(first[0].event, Started)
    assert isinstance(first[-1].event, Finished)


def test_a_run_is_found_by_part_of_its_name(workspace: Workspace) -> None:
    one = made(workspace, started())
    assert runs.find(workspace.runs, one.id[-6:]) == one
    assert runs.find(workspace.runs, "last") == one
    with pytest.raises(Problem, match="There is no run 'nowhere'"):
        runs.find(workspace.runs, "nowhere")
    two = made(workspace, started())
    with pytest.raises(Problem, match="fits several runs"):
        runs.find(workspace.runs, one.id[:4])
    assert runs.listed(workspace.runs) == sorted([one, two], key=lambda r: (r.began_s(), r.id))


def test_runs_of_one_minute_never_share_a_name(workspace: Workspace) -> None:
    made_runs = [made(workspace, started(), Finished({})) for _ in range(100)]
    assert len({run.id for run in made_runs}) == 100
    assert len(runs.listed(workspace.runs)) == 100


def test_a_half_made_or_half_deleted_run_is_not_listed(workspace: Workspace) -> None:
    run = made(workspace, started(), Finished({}))
    run.path.rename(run.path.with_name(run.id + ".partial"))
    assert runs.listed(workspace.runs) == []


def test_deleting_spares_what_runs_and_pruning_spares_what_can_go_on(workspace: Workspace) -> None:
    live = made(workspace, started())
    stopped = made(workspace, started(), Stopped("batch"))
    old = made(workspace, started(), Finished({}))
    os.utime(old.job, (1, 1))
    new = made(workspace, started(), Finished({}))
    with pytest.raises(Problem, match="is under way"):
        runs.remove(live)
    assert runs.prunable(workspace.runs, keep=1) == [old]
    assert runs.prunable(workspace.runs, keep=2) == []
    expected = old.size_bytes()
    assert runs.remove(old) == expected > 0
    assert set(runs.listed(workspace.runs)) == {live, stopped, new}


def test_a_job_file_that_was_changed_is_refused_in_one_sentence(
    workspace: Workspace, characters: Path
) -> None:
    run = done(prepare_job(workspace, characters))
    run.job.write_text(run.job.read_text().replace('kind = "prepare"', 'kind = "erase"'))
    with pytest.raises(Problem, match=r"job\.toml"):
        read_job(run)


def test_a_worker_that_does_not_come_up_is_reported(
    workspace: Workspace, characters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "worker_command", lambda run: ["false"])
    with pytest.raises(Problem, match=r"did not start.*worker\.log"):
        asyncio.run(jobs.start(prepare_job(workspace, characters)))


def test_nothing_is_imported_from_the_folder_where_one_stands(
    workspace: Workspace, characters: Path
) -> None:
    Path("pipeline").mkdir()
    for name in ("pipeline/__init__.py", "pipeline/worker.py", "numpy.py"):
        Path(name).write_text("raise SystemExit('trapped')")
    careless = subprocess.run(
        [sys.executable, "-c", "import numpy"], capture_output=True, text=True
    )
    assert careless.stderr == "trapped\n"
    run = done(prepare_job(workspace, characters))
    assert run.status() is Status.FINISHED, run.worker_log.read_text()


def test_a_second_writer_of_a_dataset_is_refused_by_name(
    workspace: Workspace, starter: Path
) -> None:
    async def both() -> tuple[Run, Run]:
        first = await jobs.start(prepare_job(workspace, starter))
        await until(lambda: (now := first.last_progress()) is not None and now.done > 0)
        os.kill(_pid(first), signal.SIGSTOP)
        second = await jobs.start(prepare_job(workspace, starter))
        async for _event in jobs.follow(second):
            pass
        os.kill(_pid(first), signal.SIGCONT)
        async for _event in jobs.follow(first):
            pass
        return first, second

    first, second = asyncio.run(both())
    assert first.status() is Status.FINISHED
    assert second.status() is Status.FAILED
    failed = json.loads(second.events.read_text().splitlines()[-1])
    assert failed["code"] == "lock.held"
    assert failed["params"]["run"] == first.id


def test_killing_a_worker_shows_as_interrupted_and_the_work_goes_on_from_there(
    trained: Workspace,
) -> None:
    async def killed() -> Run:
        run = await jobs.start(train_job(trained.root, epochs=200))
        await until(lambda: run.last_epoch() is not None)
        await jobs.stop(run, "kill")
        return run

    run = asyncio.run(killed())
    assert run.status() is Status.INTERRUPTED
    seen = run.last_epoch()
    assert seen is not None
    _shorten(run, epochs=seen.epoch + 3)
    asyncio.run(_resumed(run))
    assert run.status() is Status.FINISHED, run.worker_log.read_text()
    epochs = [metric.epoch for metric in run.metrics() if metric.scope == "epoch"]
    assert epochs == list(range(seen.epoch + 3))


def test_asking_to_stop_after_the_epoch_stops_after_the_epoch(trained: Workspace) -> None:
    async def stopped() -> Run:
        run = await jobs.start(train_job(trained.root, epochs=200))
        await until(lambda: run.last_progress() is not None)
        await jobs.stop(run, "epoch")
        async for _event in jobs.follow(run):
            pass
        return run

    run = asyncio.run(stopped())
    assert run.status() is Status.STOPPED
    epoch = run.last_epoch()
    assert epoch is not None
    assert (run.path / "checkpoints" / f"step-{epoch.step:09d}.npz").is_file()
    with pytest.raises(Problem, match="it is stopped"):
        asyncio.run(jobs.stop(run))


def test_a_worker_that_does_not_listen_is_ended_by_signals(workspace: Workspace) -> None:
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(99)"
    deaf = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    run = made(workspace, started(pid=deaf.pid, process_start_s=process_start_s(deaf.pid)))
    asyncio.run(jobs.stop(run, grace_s=0.3))
    assert deaf.wait(10) == -signal.SIGKILL
    assert run.status() is Status.INTERRUPTED
    assert run.requested() == "batch"


def test_a_job_waits_for_the_one_before_it_and_not_for_one_that_failed(
    workspace: Workspace, characters: Path, starter: Path
) -> None:
    async def chained(source: Path) -> tuple[Run, Run]:
        first = await jobs.start(prepare_job(workspace, source, "first"))
        job = prepare_job(workspace, characters, "second").model_copy(update={"after": first.id})
        second = await jobs.start(job)
        async for _event in jobs.follow(second):
            pass
        return first, second

    first, second = asyncio.run(chained(starter))
    assert (first.status(), second.status()) == (Status.FINISHED, Status.FINISHED)
    ends = [run.ended_s() for run in (first, second)]
    assert ends == sorted(ends, key=float)  # type: ignore[arg-type]
    first, second = asyncio.run(chained(workspace.root / "nowhere"))
    assert (first.status(), second.status()) == (Status.FAILED, Status.FAILED)
    failed = json.loads(second.events.read_text().splitlines()[-1])
    assert failed["code"] == "job.awaited"


def test_two_workers_never_take_up_one_run(workspace: Workspace, characters: Path) -> None:
    run = done(prepare_job(workspace, characters))
    with pytest.raises(Problem, match="is finished"):
        asyncio.run(jobs.resume(run))
    with open(run.lock, "ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        second = subprocess.run(worker_command(run), capture_output=True, text=True, timeout=60)
    assert second.returncode != 0
    assert "is being written" in second.stderr


def _pid(run: Run) -> int:
    worker = run.worker()
    assert worker is not None
    return worker.pid


def _shorten(run: Run, epochs: int) -> None:
    text = run.job.read_text().replace("epochs = 200", f"epochs = {epochs}")
    run.job.write_text(text)


async def _resumed(run: Run) -> None:
    await jobs.resume(run)
    async for _event in jobs.follow(run):
        pass
