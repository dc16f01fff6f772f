"""A report holds what the evaluation found, and nothing in it can do harm."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import tomlkit
from PIL import Image
from written_evaluation import blots, write_evaluation

from hanzi_tui.commands.options import Common
from hanzi_tui.commands.report import report
from hanzi_tui.i18n import set_language
from hanzi_tui.report.evidence import evidence
from hanzi_tui.report.findings import find
from hanzi_tui.report.matrix import RAMP
from hanzi_tui.report.page import page
from hanzi_tui.report.picture import RIGHT, heatmap
from hanzi_tui.report.tables import everything
from hanzi_tui.report.write import write
from pipeline import runs
from pipeline.events import EventLog, Finished, Metric
from pipeline.jobs import TrainJob
from pipeline.problems import Problem
from pipeline.settings import AugmentSettings, TrainingSettings
from pipeline.workspace import Workspace

LABELS = ("士", "己", "已", "巳", "未", "末", "土")
TRUTH = np.repeat(np.arange(len(LABELS)), 10)
GUESS = TRUTH.copy()
GUESS[[40, 50]] = 5, 4
"""One 未 is read as 末, one 末 as 未."""

MOST_BYTES = 5_000_000
HOSTILE = ("</script><script>alert(1)</script>", "a[/b]", "<img src=x onerror=alert(1)>", "“&”'\"")


@pytest.fixture
def judged(workspace: Workspace) -> Workspace:
    write_evaluation(workspace, LABELS, TRUTH, GUESS, blots(len(TRUTH)))
    return workspace


class Seen(HTMLParser):
    """Texts of a page, its tags, and whatever leads out of it."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.leads: list[str] = []
        self.anchors: list[str] = []
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.anchors += [f"#{value}" for name, value in attrs if name == "id"]
        self.leads += [value or "" for name, value in attrs if name in ("src", "href")
                       or name.startswith("on")]  # fmt: skip

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_tells_numbers_pairs_and_classes(judged: Workspace) -> None:
    seen = Seen(page(find(judged, "judged")))
    text = " ".join(seen.texts)
    assert "97.14%" in text
    assert "characters" in text and "/home/somebody" not in text
    assert "未 read as 末: 1" in text and "末 read as 未: 1" in text
    assert seen.tags.count("canvas") == 1
    assert set(seen.leads) <= {"data:,", *seen.anchors}


def test_the_page_is_in_the_users_language(judged: Workspace) -> None:
    set_language("zh_CN")
    try:
        content = page(find(judged, "judged")).decode()
    finally:
        set_language("en")
    assert '<html lang="zh-CN">' in content
    assert "混淆矩阵" in content and "Confusion matrix" not in content


def test_labels_that_are_markup_stay_labels(workspace: Workspace) -> None:
    truth = np.repeat(np.arange(4), 3)
    guess = np.where(np.arange(12) % 3 == 0, (truth + 1) % 4, truth)
    paths = [f"{HOSTILE[t]}/{row}.png" for row, t in enumerate(truth)]
    write_evaluation(workspace, HOSTILE, truth, guess, blots(12), paths=paths, model=HOSTILE[2])
    content = page(find(workspace, "judged"))
    seen = Seen(content)
    assert (
        seen.tags.count("script") == content.count(b"<script") == content.count(b"</script>") == 4
    )
    assert "img" not in seen.tags and not any("alert" in lead for lead in seen.leads)
    assert all(label in seen.texts for label in HOSTILE)
    known = json.loads(re.search(rb'id="matrix-data">(.*?)</script>', content)[1])  # type: ignore[index]
    assert tuple(known["labels"]) == HOSTILE


def test_a_report_on_thousands_of_classes_can_be_sent_by_mail(workspace: Workspace) -> None:
    labels = [chr(0x4E00 + index) for index in range(3755)]
    truth = np.repeat(np.arange(3755), 4)
    near = (truth + np.random.default_rng(1).integers(1, 40, len(truth))) % 3755
    guess = np.where(np.arange(len(truth)) % 13 == 0, near, truth)
    write_evaluation(workspace, labels, truth, guess, np.tile(blots(3755), (4, 1, 1, 1)))
    content = page(find(workspace, "judged"))
    assert 1_000_000 < len(content) < MOST_BYTES


def test_every_picture_is_that_of_its_image(judged: Workspace) -> None:
    findings = find(judged, "judged")
    assert findings.pixels is not None
    samples = evidence(findings.results, findings.pixels).samples
    assert samples is not None and set(samples.rows) == {40, 50}
    drawn = np.asarray(Image.open(io.BytesIO(samples.content)).convert("L"))
    for place, row in enumerate(samples.rows):
        tile = drawn[:64, 64 * place : 64 * (place + 1)].astype(int)
        assert abs(tile - (255 - findings.pixels[row, ..., 0])).max() <= 9


def test_what_a_model_has_seen_before_is_said_on_top(workspace: Workspace) -> None:
    write_evaluation(workspace, LABELS, TRUTH, GUESS, seen={"known": True, "train": 70,
                                                            "validation": 0})  # fmt: skip
    text = " ".join(Seen(page(find(workspace, "judged"))).texts)
    assert "THE MODEL WAS TRAINED ON THESE IMAGES" in text


def test_a_report_without_its_images_says_why_and_leads_into_no_folder(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_evaluation(workspace, LABELS, TRUTH, GUESS, dataset="few", split="test", source="")
    told = report("judged", output=tmp_path / "report.html", common=Common(workspace.root))
    assert told == 0
    assert (
        "no pictures in the report: There is no prepared dataset 'few'" in capsys.readouterr().err
    )
    content = (tmp_path / "report.html").read_text("utf-8")
    assert "There are no pictures here" in content
    assert str(workspace.root) not in content and "/home/somebody" not in content


def test_a_model_without_a_mistake_has_a_report_too(workspace: Workspace) -> None:
    write_evaluation(workspace, LABELS, TRUTH, TRUTH, blots(len(TRUTH)), loss=float("nan"))
    findings = find(workspace, "judged")
    assert "Nothing was confused." in page(findings).decode()
    assert json.loads(everything(findings))["loss"] is None
    assert heatmap(findings).startswith(b"\x89PNG")


def test_photos_keep_their_colours(workspace: Workspace) -> None:
    photos = np.zeros((4, 32, 32, 3), np.uint8)
    photos[:2, ..., 0] = photos[2:, ..., 2] = 200
    names = ("no entry", "ahead only")
    write_evaluation(workspace, names, np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), photos)
    findings = find(workspace, "judged")
    shown = evidence(findings.results, findings.pixels)
    assert shown.glyphs is not None
    red, _green, blue = Image.open(io.BytesIO(shown.glyphs.content)).getpixel((10, 10))  # type: ignore[misc]
    assert red > 150 > 60 > blue
    assert "data:image/jpeg" in page(findings).decode()
    assert heatmap(findings).startswith(b"\x89PNG")


def test_the_matrix_as_a_picture_has_the_colours_of_its_numbers(judged: Workspace) -> None:
    findings = find(judged, "judged")
    image = Image.open(io.BytesIO(heatmap(findings)))
    order = findings.results.orders["confusion"].tolist()
    cell = 44

    def colour(truth: str, guess: str) -> str:
        row, column = order.index(LABELS.index(truth)), order.index(LABELS.index(guess))
        spot = image.getpixel((102 + column * cell + cell // 2, 102 + row * cell + cell // 2))
        return "#{:02x}{:02x}{:02x}".format(*spot)  # type: ignore[misc]

    assert colour("未", "末") == colour("末", "未") == RAMP[0]
    assert colour("己", "己") == RIGHT
    assert colour("己", "已") == colour("土", "士") == "#fdfcf9"


def test_json_and_tables_hold_everything(judged: Workspace, tmp_path: Path) -> None:
    written = write(tmp_path / "all", find(judged, "last"))
    assert {path.name for path in written} == {
        "report.html", "heatmap.png", "evaluation.json", "classes.csv", "confusion.csv",
        "pairs.csv", "predictions.csv", "groups.csv", "sizes.csv", "calibration.csv",
        "coverage.csv",
    }  # fmt: skip
    known = json.loads((tmp_path / "all" / "evaluation.json").read_text("utf-8"))
    assert sum(count for _truth, _guess, count in known["confusion"]) == known["images"] == 70
    assert known["predictions"][40] == pytest.approx({
        "path": "40.png", "truth": 4, "guess": 5, "rank": 1, "group": 0, "probability": 0.6,
        "calibrated": 0.6, "loss": 1.2, "calibrated_loss": 1.2})  # fmt: skip
    with open(tmp_path / "all" / "classes.csv", encoding="utf-8", newline="") as file:
        assert [row["label"] for row in csv.DictReader(file)] == list(LABELS)


def test_a_training_is_reported_by_its_newest_evaluation(judged: Workspace) -> None:
    job = TrainJob(workspace=judged.root, dataset="few", name="few-cnn",
                   training=TrainingSettings(), augment=AugmentSettings())  # fmt: skip
    training = runs.create(
        judged.runs, tomlkit.dumps(job.model_dump(mode="json", exclude_none=True))
    )
    log = EventLog(training.events)
    log.append(Metric("epoch", 0, 10, {"accuracy": 0.5, "val_accuracy": 0.6, "loss": 1.0}))
    log.append(Metric("epoch", 1, 20, {"accuracy": 0.7, "val_accuracy": 0.8, "loss": 0.5}))
    log.append(Finished({"model": "few-cnn", "path": "/models/few-cnn"}))
    log.close()
    with pytest.raises(Problem, match=f"training {training.id} has not been evaluated.*few-cnn"):
        find(judged, training.id)
    write_evaluation(judged, LABELS, TRUTH, GUESS, run="newer", model_path="/models/few-cnn")
    findings = find(judged, training.id)
    assert findings.results.path.name == "newer"
    assert findings.curves is not None and findings.curves.best == 1
    assert "the best epoch, 2 of 2" in page(findings).decode()


@pytest.mark.parametrize(("name", "code"), [
    ("report.pdf", "report.suffix"), ("others.csv", "report.no_table"),
    ("file/report.html", "report.unwritable"),
])  # fmt: skip
def test_what_cannot_be_written_is_told(
    judged: Workspace, tmp_path: Path, name: str, code: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problem) as told:
        report("judged", output=tmp_path / name, common=Common(workspace=judged.root))
    assert told.value.code == code
