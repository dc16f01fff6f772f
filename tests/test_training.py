"""A training that nothing can hurt: out of disk, hung up on, on several devices."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys

import numpy as np
from workers import done, train_job

from pipeline import jobs
from pipeline.augment import Distortion
from pipeline.dataset.records import open_dataset
from pipeline.events import EventReader, Metric, Warned
from pipeline.runs import Run, Status
from pipeline.training.input import TrainingBatches, ordered_batches
from pipeline.workspace import Workspace


def test_a_full_disk_warns_and_training_goes_on(trained: Workspace) -> None:
    """A read-only file in the place of the checkpoint folder's next file is no full disk: a limit
    on file size is, for the checkpoint alone is larger than it."""
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000));"
        "from pipeline.worker import main; main()"
    )
    run = _written(train_job(trained.root))
    subprocess.run([sys.executable, "-c", program, str(run.path)], check=False, timeout=120)
    events = [s.event for s in EventReader(run.events).read()]
    warned = [event.code for event in events if isinstance(event, Warned)]
    assert warned.count("checkpoint.not_saved") == 2
    epochs = [event for event in events if isinstance(event, Metric) and event.scope == "epoch"]
    assert len(epochs) == 2
    assert list((run.path / "checkpoints").iterdir()) == []


def test_hanging_up_does_not_touch_the_worker(trained: Workspace) -> None:
    async def hung_up() -> Run:
        run = await jobs.start(train_job(trained.root))
        worker = run.worker()
        assert worker is not None
        assert os.getsid(worker.pid) == worker.pid != os.getsid(0)
        os.killpg(worker.pid, signal.SIGHUP)
        async for _event in jobs.follow(run):
            pass
        return run

    assert asyncio.run(hung_up()).status() is Status.FINISHED


def test_step_metrics_come_at_most_four_times_a_second_and_are_no_running_means(
    trained: Workspace,
) -> None:
    run = done(train_job(trained.root, epochs=40))
    events = [s for s in EventReader(run.events).read() if isinstance(s.event, Metric)]
    steps = [s for s in events if s.event.scope == "step"]
    assert len(steps) >= 2
    gaps = np.diff([s.time for s in steps])
    assert np.median(gaps) >= 0.2
    for s in steps:
        assert {"loss", "accuracy", "learning_rate", "samples_per_s"} <= s.event.values.keys()
    epochs = [s for s in events if s.event.scope == "epoch"]
    assert [s.event.epoch for s in epochs] == list(range(40))
    measured = {"loss", "accuracy", "top_5"}
    assert measured | {f"val_{name}" for name in measured} == epochs[0].event.values.keys()


def test_batches_are_functions_of_seed_and_step(trained: Workspace) -> None:
    split = open_dataset(trained.dataset("few")).split("train")
    batches = [TrainingBatches(split, 16, 7, Distortion()) for _ in range(2)]
    images, labels = batches[0].batch(11)
    for _step in range(11):
        batches[1].batch(_step)
    again = batches[1].batch(11)
    assert np.array_equal(images, again[0])
    assert np.array_equal(labels, again[1])
    assert not np.array_equal(labels, batches[0].batch(12)[1])
    other = TrainingBatches(split, 16, 8, Distortion()).batch(11)
    assert not np.array_equal(images, other[0])


def test_an_epoch_shows_every_image_in_batches_of_one_size(trained: Workspace) -> None:
    split = open_dataset(trained.dataset("few")).split("train")
    batches = TrainingBatches(split, 16, 0, None)
    seen = [batches.batch(step)[0] for step in range(batches.steps_per_epoch)]
    assert {len(batch) for batch in seen} == {16}
    known = {image.tobytes() for image in split.images}
    assert {image.tobytes() for batch in seen for image in batch} == known
    ordered = list(ordered_batches(split, 16))
    assert sum(count for _, _, count in ordered) == len(split.labels)


def test_a_second_model_of_a_name_gets_a_number(trained: Workspace) -> None:
    run = done(train_job(trained.root))
    finished = run.finished()
    assert finished is not None
    assert finished.summary["model"] == "few-cnn-2"
    assert (trained.models / "few-cnn-2" / "bundle.json").is_file()


def test_a_dataset_without_training_images_fails_in_one_sentence(trained: Workspace) -> None:
    folder = trained.dataset("few")
    shutil.copytree(folder, trained.dataset("cut"))
    images = trained.dataset("cut") / "train.images.npy"
    images.write_bytes(images.read_bytes()[:-100_000])
    run = done(train_job(trained.root).model_copy(update={"dataset": "cut"}))
    assert run.status() is Status.FAILED
    failed = json.loads(run.events.read_text().splitlines()[-1])
    assert failed["code"] == "dataset.damaged"
    assert not (trained.models / "few-cnn-2").exists()


def _written(job: jobs.TrainJob) -> Run:
    """Makes the run of a job without starting its worker."""
    import tomlkit

    from pipeline import runs

    return runs.create(
        Workspace(job.workspace).runs, tomlkit.dumps(job.model_dump(mode="json", exclude_none=True))
    )


def test_several_devices_train_as_one(trained: Workspace) -> None:
    """Two logical CPUs stand in for two GPUs: the same loop, synchronised batch normalisation."""
    program = """
import sys
import tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2)
from pathlib import Path
from pipeline.events import EventLog, Report
from pipeline.settings import AugmentSettings, TrainingSettings
from pipeline.training import distribute, train
names = ("CPU:0", "CPU:1")
train.devices = lambda choice: distribute.Devices(tf.distribute.MirroredStrategy(names), names)
root = Path(sys.argv[1])
summary = train.train(
    root / "datasets/few", root / "models/mirrored", root / "runs",
    TrainingSettings(model="hanzi_s", epochs=2, batch_size=16, clip_norm=1.0, ema=0.9),
    AugmentSettings(), Report(EventLog(root / "runs/events.jsonl")), lambda: None)
assert summary["epochs"] == 2
"""
    (trained.root / "runs").mkdir(exist_ok=True)
    ended = subprocess.run([sys.executable, "-c", program, str(trained.root)],
                           capture_output=True, text=True, timeout=180)  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert (trained.models / "mirrored" / "bundle.json").is_file()


def test_the_number_of_epochs_follows_from_the_steps_unless_it_is_set() -> None:
    from pipeline.settings import TrainingSettings
    from pipeline.training.plan import plan_for

    settings = TrainingSettings(steps=1600, batch_size=64)
    assert plan_for(settings, 7200).epochs == 14
    assert plan_for(settings, 100).epochs == 100
    assert plan_for(settings, 1_000_000).epochs == 5
    assert plan_for(settings.model_copy(update={"epochs": 3}), 7200).epochs == 3
    assert plan_for(settings, 7200, replicas=3).batch_size == 63
