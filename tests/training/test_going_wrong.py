"""What ends a training before its time leaves the last good state and says what to try."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from trained_here import checkpoints, codes, events, train_here, train_until

from pipeline.events import Metric, Resumed
from pipeline.problems import Problem
from pipeline.training import loop, models
from pipeline.training.checkpoint import Checkpoints, load
from pipeline.workspace import Workspace


def spoiled_from(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From this step on the learning rate is one that no network stands."""
    from pipeline.training import schedules

    real = schedules.Level.__call__

    def rate(self: Any, now: Any) -> Any:
        return tf.where(tf.cast(now, tf.int64) >= step, 1e38, real(self, now))

    monkeypatch.setattr(schedules.Level, "__call__", rate)


def test_a_divergence_ends_the_run_and_never_spoils_a_checkpoint(
    trained: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiled_from(20, monkeypatch)
    settings = {"optimizer": "sgd", "schedule": "constant", "epochs": 9, "learning_rate": 0.01,
                "checkpoint_minutes": 1e-6}  # fmt: skip
    with pytest.raises(Problem) as raised:
        train_here(trained, **settings)
    problem = raised.value
    assert problem.code == "training.diverged"
    assert problem.params["step"] in (21, 22)
    assert problem.params["rate"] == "0.003"
    assert "--resume here --learning-rate 0.003" in str(problem)
    kept = checkpoints(trained)
    assert load(kept[-1]).position.step == problem.params["kept"] == 20
    assert all(load(path).finite for path in kept)
    epochs = [e for e in events(trained) if isinstance(e, Metric) and e.scope == "epoch"]
    assert [epoch.epoch for epoch in epochs] == [0]


def test_a_batch_that_does_not_fit_is_answered_with_one_that_does(
    trained: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Device:
        """Takes arrays of at most 6 images."""

        def __getattr__(self, name: str) -> Any:
            return getattr(tf, name)

        def convert_to_tensor(self, array: np.ndarray) -> tf.Tensor:
            if array.ndim == 4 and len(array) > 6:
                text = f"OOM when allocating tensor with shape{list(array.shape)}"
                raise tf.errors.ResourceExhaustedError(None, None, text)
            return tf.convert_to_tensor(array)

    monkeypatch.setattr(loop, "tf", Device())
    with pytest.raises(Problem) as raised:
        train_here(trained)
    assert raised.value.code == "training.memory"
    assert raised.value.params == {"batch_size": 16, "fits": 4}
    assert "--batch-size 4" in str(raised.value)
    assert checkpoints(trained) == []


def test_a_device_too_full_for_the_network_itself_is_told(
    trained: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object, **_named: object) -> None:
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    monkeypatch.setattr(models, "build", full)
    with pytest.raises(Problem) as raised:
        train_here(trained)
    assert raised.value.code == "training.memory_network"
    assert "network cnn" in str(raised.value)


def test_a_torn_checkpoint_is_passed_over_with_a_warning(trained: Workspace) -> None:
    train_until(trained, 11, name="unbroken")
    train_until(trained, 5)
    train_until(trained, 5)
    before, newest = checkpoints(trained)
    assert (load(before).position.step, load(newest).position.step) == (5, 10)
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1  # one bit
    newest.write_bytes(content)
    train_until(trained, 6)
    assert codes(trained).count("checkpoint.passed_over") == 1
    assert [e.step for e in events(trained) if isinstance(e, Resumed)] == [5, 5]
    ends = [load(checkpoints(trained, name)[-1]) for name in ("unbroken", "here")]
    assert [end.position.step for end in ends] == [11, 11]
    for name, array in ends[0].arrays.items():
        assert np.array_equal(array, ends[1].arrays[name]), name


def test_the_last_epoch_becomes_the_model_when_the_best_one_is_lost(
    trained: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_until(trained, 40, "epoch", epochs=3, best="accuracy")
    stored = load(checkpoints(trained)[-1])
    stored.position.best_step = 12
    Checkpoints(trained.runs / "here" / "checkpoints", 0).save(stored, 12)
    for path in checkpoints(trained)[:-1]:
        path.unlink()
    found = train_here(trained, epochs=3, best="accuracy")
    assert "training.best_lost" in codes(trained)
    assert found["best_epoch"] == 3


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 100 kB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a file system can be mounted by root only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_too_full_for_the_model_is_told_and_the_training_is_kept(
    trained: Workspace, tiny_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tiny_disk))
    with pytest.raises(Problem, match="0 MB free, 6 MB are needed") as raised:
        train_here(trained, epochs=1)
    assert raised.value.params["path"] == str(tiny_disk)
    assert load(checkpoints(trained)[-1]).position.step == 12
