"""The short trial: what it says of a training holds for the training."""

from __future__ import annotations

import asyncio

import pytest

from pipeline.problems import Problem
from pipeline.settings import AugmentSettings, TrainingSettings
from pipeline.training.costs import costs
from pipeline.training.estimate import TrialRequest, trial


def request(**training: object) -> TrialRequest:
    settings = TrainingSettings(model="cnn", devices="cpu", batch_size=16)
    return TrialRequest(
        size_px=32, channels=1, classes=4, train_images=100, validation_images=20,
        training=settings.model_copy(update=training), augment=AugmentSettings(),
    )  # fmt: skip


async def test_a_trial_measures_the_training_that_was_asked_for() -> None:
    found = await trial(request(epochs=3))
    assert found.devices == ("CPU",)
    told = costs(request().training, 32, 1, 4)
    assert found.parameters == told.parameters
    assert found.memory_bytes == pytest.approx(told.process_bytes, rel=0.25)
    assert (found.batch_size, found.steps_per_epoch, found.epochs) == (16, 7, 3)
    assert 0 < found.step_s < 5
    assert found.epoch_s > 7 * found.step_s
    assert found.training_s == pytest.approx(3 * found.epoch_s)
    assert found.memory_bytes > 100_000_000
    assert found.gpu_memory_bytes is None


async def test_a_trial_on_a_device_that_is_not_there_says_so() -> None:
    with pytest.raises(Problem) as raised:
        await trial(request(devices="7"))
    assert raised.value.code == "device.missing"


async def test_a_trial_that_is_given_up_leaves_no_process_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[asyncio.subprocess.Process] = []
    create = asyncio.create_subprocess_exec

    async def noted(*args: str, **options: object) -> asyncio.subprocess.Process:
        started.append(await create(*args, **options))  # type: ignore[arg-type]
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    asked = asyncio.ensure_future(trial(request()))
    while not started:
        await asyncio.sleep(0.01)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await asyncio.wait_for(started[0].wait(), 10) < 0
