"""The numbers of an evaluation are those one would count by hand."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomlkit
from judging import few_cnn, judge, table, warnings
from workers import QUICK, done

from hanzi_tui.commands.evaluate import evaluate
from hanzi_tui.commands.judged import print_result
from hanzi_tui.commands.options import Common
from pipeline.bundle import open_bundle
from pipeline.dataset.records import open_dataset
from pipeline.evaluation.judged import of_dataset
from pipeline.evaluation.model import bundle_at
from pipeline.evaluation.results import images, read_results
from pipeline.jobs import EvaluateJob
from pipeline.problems import Problem
from pipeline.recognition.recognizer import Recognizer
from pipeline.runs import Run, Status, create, listed
from pipeline.settings import EvaluationSettings
from pipeline.training.restored import restored
from pipeline.workspace import Workspace

FONT = "/([A-Za-z]+)-"


@pytest.fixture(scope="module")
def judged_once(trained_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """An evaluation of "few" with the fonts as groups, in a workspace of its own."""
    root = tmp_path_factory.mktemp("judged") / "workspace"
    shutil.copytree(trained_once, root)
    return judge(Workspace(root), group=FONT)


def test_the_tables_agree_with_each_other_and_with_the_dataset(
    trained_once: Path, judged_once: Run
) -> None:
    folder = judged_once.path
    result = json.loads((folder / "evaluation.json").read_text("utf-8"))
    dataset = open_dataset(trained_once / "datasets" / "few")
    predictions = table(folder / "predictions.csv")
    assert [row["path"] for row in predictions] == [s["path"] for s in dataset.sources("test")]
    right = [row["truth"] == row["guess"] for row in predictions]
    assert [row["rank"] == "0" for row in predictions] == right
    assert result["top_1"] == pytest.approx(np.mean(right))
    assert result["top_5"] == pytest.approx(np.mean([int(r["rank"]) < 5 for r in predictions]))
    assert result["loss"] == pytest.approx(np.mean([float(r["loss"]) for r in predictions]), 1e-3)
    pairs = Counter((row["truth"], row["guess"]) for row in predictions)
    confusion = {(r["truth"], r["guess"]): int(r["count"]) for r in table(folder / "confusion.csv")}
    assert confusion == pairs
    for row in table(folder / "classes.csv"):
        of_class = [r for r in predictions if r["truth"] == row["label"]]
        assert int(row["images"]) == len(of_class)
        hits = sum(r["guess"] == row["label"] for r in of_class)
        assert float(row["recall"]) == pytest.approx(hits / len(of_class), abs=1e-5)
        assert float(row["low"]) < float(row["recall"]) <= float(row["high"])
        trained = dataset.split("train").labels
        assert int(row["training_images"]) == np.sum(trained == dataset.labels.index(row["label"]))
        wrong = Counter(r["guess"] for r in of_class if r["guess"] != row["label"])
        assert int(row["taken_for_count"]) == max(wrong.values(), default=0)
    for pair in table(folder / "pairs.csv"):
        assert int(pair["first_as_second"]) == pairs[pair["first"], pair["second"]]
        assert int(pair["second_as_first"]) == pairs[pair["second"], pair["first"]]
    groups = table(folder / "groups.csv")
    assert sum(int(row["images"]) for row in groups) == len(predictions)
    fonts = {row["path"].split("/")[1].split("-")[0] for row in predictions}
    assert {row["group"] for row in groups} == fonts
    assert [row["size"] for row in table(folder / "sizes.csv")] == ["10-99"]
    assert warnings(judged_once) == []


def test_what_was_written_reads_back_with_the_images_that_were_judged(
    trained_once: Path, judged_once: Run
) -> None:
    workspace = Workspace(trained_once)
    results = read_results(judged_once.path)
    test = open_dataset(workspace.dataset("few")).split("test")
    assert np.array_equal(images(results, workspace), test.images)
    assert np.array_equal(results.truth, test.labels)
    right = results.truth == results.guess
    assert results.summary["top_1"] == pytest.approx(right.mean())
    assert len(results.paths) == len(right) == results.summary["images"]
    counted = [row["images"] for row in results.classes]
    assert counted == results.confusion.images().tolist()
    rows = results.misread(0)
    assert sorted(rows) == np.flatnonzero(results.truth == 0).tolist()
    assert not right[rows][: np.count_nonzero(~right[rows])].any()
    assert all(sorted(order) == list(range(4)) for order in results.orders.values())


def test_the_command_prints_what_was_found(
    judged_once: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = read_results(judged_once.path).summary
    print_result(summary)
    printed = capsys.readouterr().out
    assert f"{summary['top_1']:.2%}" in printed
    assert f"macro\t{summary['macro']['precision']:.2%}" in printed
    assert f"10-99\t{summary['images']}" in printed
    worst = summary["groups"][0]
    assert f"{worst['group']}\t{worst['images']}\t{worst['accuracy']:.2%}" in printed


def test_the_recogniser_is_as_sure_as_the_evaluation_says(
    trained: Workspace, characters: Path
) -> None:
    bundle = open_bundle(trained.require_model("few-cnn"))
    assert bundle.temperature != 1.0  # the training fitted one
    results = read_results(judge(trained, model=bundle_at(bundle.path, "litert")).path)
    answers = Recognizer(bundle).recognize(characters / path for path in results.paths)
    for answer, guess, sure in zip(answers, results.guess, results.probability, strict=True):
        assert answer.candidates[0].label == results.labels[guess]
        assert answer.candidates[0].probability == pytest.approx(float(sure), abs=1e-4)


def test_an_evaluation_of_the_first_format_is_still_read(
    trained: Workspace, judged_once: Run
) -> None:
    old = trained.runs / "old"
    shutil.copytree(judged_once.path, old)
    for name in ("answers.npy", "orders.npz", "labels.txt"):
        (old / name).unlink()
    summary = json.loads((old / "evaluation.json").read_text("utf-8"))
    kept = ("model", "dataset", "split", "images", "classes", "top_1", "top_5", "mean_recall",
            "images_per_s", "pairs")  # fmt: skip
    (old / "evaluation.json").write_text(json.dumps({key: summary[key] for key in kept}), "utf-8")
    then, now = read_results(old), read_results(judged_once.path)
    assert then.labels == now.labels
    assert np.array_equal(then.guess, now.guess)
    assert np.array_equal(then.rank, now.rank)
    assert np.array_equal(then.orders["confusion"], now.orders["confusion"])
    assert len(images(then, trained)) == len(now.truth)
    print_result(then.summary)  # "runs show" does; there is less to tell


def test_a_dataset_prepared_anew_is_not_taken_for_the_one_that_was_judged(
    trained: Workspace,
) -> None:
    results = read_results(judge(trained).path)
    described = trained.dataset("few") / "dataset.json"
    now = json.loads(described.read_text("utf-8"))
    described.write_text(json.dumps({**now, "content_hash": "of other images"}), "utf-8")
    with pytest.raises(Problem) as caught:
        images(results, trained)
    assert caught.value.code == "evaluation.other_dataset"


def test_litert_and_keras_judge_alike(trained: Workspace) -> None:
    path = trained.require_model("few-cnn")
    runs = [judge(trained, model=bundle_at(path, runtime, "float32"), folder=runtime)
            for runtime in ("litert", "keras")]  # fmt: skip
    litert, keras = (read_results(run.path) for run in runs)
    assert np.array_equal(litert.guess, keras.guess)
    assert np.allclose(litert.loss, keras.loss, atol=1e-3)


def test_judging_by_the_training_images_says_so(trained: Workspace) -> None:
    assert warnings(judge(trained, split="train", folder="t")) == ["evaluation.trained_on"]
    assert warnings(judge(trained, split="validation", folder="v")) == ["evaluation.chosen_by"]


def test_a_plain_folder_is_judged_and_the_training_images_in_it_are_counted(
    trained: Workspace, characters: Path
) -> None:
    run = judge(trained, characters)
    results = read_results(run.path)
    dataset = open_dataset(trained.dataset("few"))
    assert results.summary["images"] == sum(dataset.counts.values())
    assert warnings(run) == ["evaluation.partly_trained_on", "evaluation.chosen_by"]
    assert results.summary["seen"] == {"known": True, "train": dataset.counts["train"],
                                       "validation": dataset.counts["validation"]}  # fmt: skip
    # The very pixels of the dataset: its normaliser is the model's.
    prepared = {}
    for name in ("train", "validation", "test"):
        paths = (source["path"] for source in dataset.sources(name))
        prepared.update(zip(paths, dataset.split(name).images, strict=True))
    seen = images(results, trained)
    assert all(np.array_equal(prepared[p], seen[i]) for i, p in enumerate(results.paths))
    tested = judge(trained, folder="tested")
    by_path = dict(zip(results.paths, results.guess.tolist(), strict=True))
    there = read_results(tested.path)
    assert [by_path[path] for path in there.paths] == there.guess.tolist()


def test_a_whole_dataset_is_judged_with_the_splits_in_their_order(trained: Workspace) -> None:
    run = judge(trained, split="all", batch_size=50)
    results = read_results(run.path)
    dataset = open_dataset(trained.dataset("few"))
    splits = [dataset.split(name) for name in ("train", "validation", "test")]
    seen = images(results, trained)
    assert np.array_equal(seen, np.concatenate([split.images for split in splits]))
    assert np.array_equal(results.truth, np.concatenate([split.labels for split in splits]))
    alone = read_results(judge(trained, folder="test").path)
    assert np.array_equal(results.guess[-len(alone.guess) :], alone.guess)
    assert warnings(run) == ["evaluation.partly_trained_on", "evaluation.chosen_by"]


def test_of_a_model_from_elsewhere_nobody_knows_what_it_has_seen(trained: Workspace) -> None:
    run = judge(trained, model=replace(few_cnn(trained), dataset_hash="of another workspace"))
    assert warnings(run) == ["evaluation.training_unknown"]
    assert read_results(run.path).summary["sizes"] is None


def test_a_checkpoint_is_judged_as_the_bundle_that_was_made_of_it(trained: Workspace) -> None:
    training = next(run for run in listed(trained.runs) if (run.path / "checkpoints").is_dir())
    run = done(EvaluateJob(workspace=trained.root, run=training.id, at="best",
                           evaluation=EvaluationSettings()))  # fmt: skip
    assert run.status() is Status.FINISHED, run.worker_log.read_text()
    results, of_bundle = read_results(run.path), read_results(judge(trained).path)
    assert results.summary["checkpoint"]["run"] == training.id
    assert np.array_equal(results.guess, of_bundle.guess)
    with pytest.raises(Problem, match="it keeps those of 1, 2"):
        restored(training, "99", QUICK, trained.dataset("few"))


def test_the_groups_of_the_dataset_are_told_without_being_asked_for(trained: Workspace) -> None:
    described = trained.dataset("few") / "dataset.json"
    said = json.loads(described.read_text("utf-8"))
    said["origin"]["group"] = FONT
    described.write_text(json.dumps(said), "utf-8")
    results = read_results(judge(trained).path)
    assert results.groups == tuple(sorted(results.groups)) and "LXGWWenKai" in results.groups
    for name, row in zip(results.groups, np.bincount(results.group), strict=True):
        assert sum(f"/{name}-" in path for path in results.paths) == row


@pytest.mark.parametrize(("given", "code"), [
    ({"source": Path("nowhere")}, "source.missing"),
    ({"run": "last"}, "evaluation.not_a_training"),
    ({"dataset": "nothing"}, "dataset.missing"),
    ({"model": "nothing"}, "model.missing"),
])  # fmt: skip
def test_what_cannot_be_judged_is_told_before_anything_starts(
    trained: Workspace, given: dict[str, Any], code: str
) -> None:
    before = listed(trained.runs)
    create(trained.runs, tomlkit.dumps({"kind": "evaluate", "workspace": str(trained.root),
                                        "evaluation": {}}))  # fmt: skip
    with pytest.raises(Problem) as caught:
        evaluate(given.pop("model", "few-cnn"), **given, common=Common(workspace=trained.root))
    assert caught.value.code == code
    assert len(listed(trained.runs)) == len(before) + 1


def test_a_dataset_of_other_pixels_is_refused(trained: Workspace) -> None:
    model = few_cnn(trained)
    with pytest.raises(Problem, match="size_px 48, not 32"):
        judge(trained, model=replace(model, spec=replace(model.spec, size_px=48)))


def test_a_split_without_images_and_labels_of_others_are_refused(
    trained: Workspace, starter: Path, tmp_path: Path
) -> None:
    untested = open_dataset(trained.dataset("few"))
    with pytest.raises(Problem) as empty:
        of_dataset(replace(untested, counts={**untested.counts, "test": 0}), "test")
    assert empty.value.code == "dataset.no_split"
    other = tmp_path / "others"
    for folder in sorted(starter.iterdir())[-2:]:
        shutil.copytree(folder, other / folder.name)
    with pytest.raises(Problem) as strange:
        judge(trained, other)
    assert strange.value.code == "evaluation.no_common_label"


def test_classes_that_the_model_does_not_know_count_as_wrong(
    trained: Workspace, starter: Path, tmp_path: Path
) -> None:
    known = open_dataset(trained.dataset("few")).labels
    other = next(f for f in sorted(starter.iterdir()) if f.name not in known)
    source = tmp_path / "mixed"
    for folder in (other, starter / known[0]):
        shutil.copytree(folder, source / folder.name)
    run = judge(trained, source)
    assert "evaluation.unknown_labels" in warnings(run)
    results = read_results(run.path)
    assert results.summary["unknown"]["labels"] == [other.name]
    unknown = results.truth == results.labels.index(other.name)
    assert not (results.guess[unknown] == results.truth[unknown]).any()
    assert (results.rank[unknown] == len(known)).all()
    # What such images were taken for is told, too, though it is no class of the folder.
    assert {results.labels[guess] for guess in results.guess} <= {*known}
    assert {known[0], other.name} <= {*results.labels} <= {*known, other.name}
