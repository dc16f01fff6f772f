"""The numbers of an evaluation are those one would count by hand."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from workers import done

from pipeline.dataset.records import open_dataset
from pipeline.evaluation.confusion import Confusion
from pipeline.events import EventReader, Log
from pipeline.jobs import EvaluateJob, PrepareJob
from pipeline.runs import Run, Status
from pipeline.settings import DatasetSettings, EvaluationSettings
from pipeline.workspace import Workspace


def job(workspace: Workspace, dataset: str = "few", **settings: object) -> EvaluateJob:
    return EvaluateJob(workspace=workspace.root, model="few-cnn", dataset=dataset,
                       evaluation=EvaluationSettings(**settings))  # type: ignore[arg-type]  # fmt: skip


def codes(run: Run) -> list[str]:
    events = [s.event for s in EventReader(run.events).read()]
    return [event.code for event in events if isinstance(event, Log)]


def table(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_tables_agree_with_each_other_and_with_the_dataset(trained: Workspace) -> None:
    run = done(job(trained))
    assert run.status() is Status.FINISHED, run.worker_log.read_text()
    result = json.loads((run.path / "evaluation.json").read_text("utf-8"))
    dataset = open_dataset(trained.dataset("few"))
    predictions = table(run.path / "predictions.csv")
    assert [row["path"] for row in predictions] == [s["path"] for s in dataset.sources("test")]
    right = [row["truth"] == row["guess"] for row in predictions]
    assert [row["rank"] == "0" for row in predictions] == right
    assert result["top_1"] == pytest.approx(np.mean(right))
    assert result["top_5"] == pytest.approx(np.mean([int(r["rank"]) < 5 for r in predictions]))
    pairs = Counter((row["truth"], row["guess"]) for row in predictions)
    confusion = {
        (r["truth"], r["guess"]): int(r["count"]) for r in table(run.path / "confusion.csv")
    }
    assert confusion == pairs
    for row in table(run.path / "classes.csv"):
        of_class = [r for r in predictions if r["truth"] == row["label"]]
        assert int(row["images"]) == len(of_class)
        hits = sum(r["guess"] == row["label"] for r in of_class)
        assert float(row["recall"]) == pytest.approx(hits / len(of_class), abs=1e-5)
    for pair in table(run.path / "pairs.csv"):
        assert int(pair["first_as_second"]) == pairs[pair["first"], pair["second"]]
        assert int(pair["second_as_first"]) == pairs[pair["second"], pair["first"]]
    assert codes(run) == []


def test_litert_and_keras_judge_alike(trained: Workspace) -> None:
    by = {runtime: done(job(trained, runtime=runtime)) for runtime in ("litert", "keras")}
    assert by["keras"].status() is Status.FINISHED, by["keras"].worker_log.read_text()
    guesses = [[r["guess"] for r in table(run.path / "predictions.csv")] for run in by.values()]
    assert guesses[0] == guesses[1]


def test_judging_by_the_training_images_says_so(trained: Workspace) -> None:
    assert codes(done(job(trained, split="train"))) == ["evaluation.trained_on"]
    assert codes(done(job(trained, split="validation"))) == ["evaluation.chosen_by"]


def test_a_dataset_of_other_pixels_is_refused(trained: Workspace, characters: Path) -> None:
    done(PrepareJob(workspace=trained.root, source=characters, name="large",
                    dataset=DatasetSettings(size=48)))  # fmt: skip
    run = done(job(trained, dataset="large"))
    assert run.status() is Status.FAILED
    failed = json.loads(run.events.read_text().splitlines()[-1])
    assert failed["code"] == "evaluation.normalizer"
    assert "size_px 32, not 48" in failed["text"]


def test_classes_that_the_model_does_not_know_count_as_wrong(
    trained: Workspace, starter: Path, tmp_path: Path
) -> None:
    known = open_dataset(trained.dataset("few")).labels
    other = next(f for f in sorted(starter.iterdir()) if f.name not in known)
    source = tmp_path / "mixed"
    source.mkdir()
    for folder in (other, starter / known[0]):
        (source / folder.name).symlink_to(folder)
    done(PrepareJob(workspace=trained.root, source=source, name="mixed",
                    dataset=DatasetSettings(size=32)))  # fmt: skip
    run = done(job(trained, dataset="mixed"))
    assert run.status() is Status.FINISHED, run.worker_log.read_text()
    assert "evaluation.unknown_labels" in codes(run)
    for row in table(run.path / "predictions.csv"):
        if row["truth"] == other.name:
            assert row["guess"] != other.name
            assert row["rank"] != "0"


def test_a_sparse_confusion_counts_as_a_dense_one() -> None:
    generator = np.random.default_rng(0)
    truth, guess = generator.integers(0, 50, (2, 3000)).astype(np.int32)
    dense = np.zeros((50, 50), int)
    np.add.at(dense, (truth, guess), 1)
    sparse = Confusion.of(truth, guess, 50)
    rebuilt = np.zeros_like(dense)
    rebuilt[sparse.truth, sparse.guess] = sparse.count
    assert np.array_equal(rebuilt, dense)
    assert np.allclose(sparse.recall(), np.diag(dense) / dense.sum(1))
    assert np.allclose(sparse.precision(), np.diag(dense) / dense.sum(0))
    both = dense + dense.T
    np.fill_diagonal(both, 0)
    worst = sparse.pairs(1)[0]
    assert worst.first_as_second + worst.second_as_first == both.max()
