"""Answers are asked for once: stopped or killed, an evaluation goes on where it was."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from judging import few_cnn, judge
from numpy.typing import NDArray
from workers import until

from pipeline import jobs
from pipeline.dataset.records import open_dataset
from pipeline.evaluation.answers import Begun, Temperatures, answers
from pipeline.evaluation.judged import Judged
from pipeline.evaluation.results import read_results
from pipeline.events import EventLog, Report
from pipeline.jobs import EvaluateJob
from pipeline.problems import Problem, StopAsked
from pipeline.runs import Status
from pipeline.settings import EvaluationSettings
from pipeline.workspace import Workspace


class Counting:
    """A network that remembers how many images it was asked about."""

    def __init__(self, network: object) -> None:
        self.asked = 0
        self._network = network

    def __call__(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.asked += len(images)
        return self._network(images)  # type: ignore[operator,no-any-return]


def test_a_stopped_evaluation_asks_only_for_what_is_left(trained: Workspace) -> None:
    model = few_cnn(trained)
    stops = iter([None, None, "batch"])
    with pytest.raises(StopAsked):
        judge(trained, model=model, should_stop=lambda: next(stops), batch_size=5)
    # A kill may tear what is being written.
    with open(trained.runs / "judged" / "answers.partial", "ab") as file:
        file.write(b"torn")
    rest = Counting(model.network)
    resumed = judge(trained, model=replace(model, network=rest), batch_size=5)
    whole = judge(trained, folder="whole", batch_size=5)
    one, other = read_results(resumed.path), read_results(whole.path)
    assert rest.asked == len(one.truth) - 15
    assert np.array_equal(one.answers, other.answers)
    assert not list(resumed.path.glob("*.partial"))


def test_answers_of_another_model_are_not_taken_over(trained: Workspace) -> None:
    model = few_cnn(trained)
    with pytest.raises(StopAsked):
        judge(trained, model=model, should_stop=lambda: "batch", batch_size=5)
    other = replace(model, identity={"files": "of another bundle"}, network=Counting(model.network))
    results = read_results(judge(trained, model=other, batch_size=5).path)
    assert other.network.asked >= len(results.truth)  # type: ignore[attr-defined]


async def test_a_killed_evaluation_goes_on(trained: Workspace, characters: Path) -> None:
    job = EvaluateJob(workspace=trained.root, model="few-cnn", source=characters,
                      evaluation=EvaluationSettings(batch_size=1, precision="float32"))  # fmt: skip
    run = await jobs.start(job)
    partial = run.path / "answers.partial"
    await until(lambda: (partial.exists() and partial.stat().st_size > 0) or not run.status().live)
    await jobs.stop(run, "kill")
    assert run.status() is Status.INTERRUPTED
    there = partial.stat().st_size
    await jobs.resume(run)
    async for _event in jobs.follow(run):
        pass
    assert run.status() is Status.FINISHED, run.worker_log.read_text()
    results = read_results(run.path)
    asked = json.loads((run.path / "evaluation.json").read_text("utf-8"))["speed"]["images"]
    assert 0 < there // 24 <= len(results.truth) - asked
    unbroken = await asyncio.to_thread(judge, trained, characters, batch_size=1)
    assert np.array_equal(results.guess, read_results(unbroken.path).guess)
    assert not (run.path / "judging").exists()


def test_a_network_that_answers_nan_is_refused_by_the_name_of_the_image(trained: Workspace) -> None:
    model = few_cnn(trained)

    def broken(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        logits = np.array(model.network(images))
        logits[-1, 0] = np.nan
        return logits

    with pytest.raises(Problem) as caught:
        judge(trained, model=replace(model, network=broken), batch_size=4)
    assert caught.value.code == "evaluation.not_finite"
    sources = open_dataset(trained.dataset("few")).sources("test")
    assert caught.value.params["path"] == sources[3]["path"]


def test_thousands_of_classes_never_stand_in_memory_for_all_images(tmp_path: Path) -> None:
    classes, count, batch = 7328, 4000, 64
    generator = np.random.default_rng(0)
    truth = generator.integers(0, classes, count)
    judged = Judged("few", "", "test", (np.zeros((count, 1, 1, 1), np.uint8),), None, truth,
                    tuple(map(str, range(classes))), [""] * count, "", "")  # fmt: skip
    noise = generator.normal(size=(batch, classes)).astype(np.float32)
    begun = Begun(tmp_path, {})
    begun.begin(Temperatures(1.0, 2.0))
    report = Report(EventLog(tmp_path / "events.jsonl"))
    tracemalloc.start()
    said, asked = answers(lambda images: noise[: len(images)], judged, np.arange(classes), classes,
                          begun, batch, report, lambda: None)  # fmt: skip
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert asked == len(said) == count
    assert peak < 12 * noise.nbytes < classes * count * 4 / 4
