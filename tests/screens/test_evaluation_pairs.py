"""What stands behind the matrix: pairs by count and rate, a class, marks, another evaluation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from known_evaluation import write_evaluation
from on_screen import dashboard, seen, text_of
from textual import events
from textual.pilot import Pilot
from textual.widgets import OptionList
from workers import until

from hanzi_tui.app import Dashboard
from hanzi_tui.widgets.evaluation_comparison import ChangedClasses
from hanzi_tui.widgets.heatmap import Heatmap
from hanzi_tui.widgets.long_list import LongList
from hanzi_tui.widgets.pair_samples import PairSamples
from hanzi_tui.widgets.pair_table import PairTable
from hanzi_tui.widgets.review_list import MarkedImages
from pipeline.dataset.review import Mark, read_review
from pipeline.workspace import Workspace

LABELS = ("土", "士", "未", "末", "己")
IMAGES = (40, 40, 4, 4, 12)
ERRORS = {(0, 1): 6, (0, 4): 1, (2, 3): 2, (3, 2): 1}
"""(truth, guess) → images: 土 and 士 most often, 未 and 末 at the highest rate."""


def answers(errors: dict[tuple[int, int], int]) -> tuple[list[int], list[int]]:
    truth = [index for index, count in enumerate(IMAGES) for _image in range(count)]
    guess = list(truth)
    for (true, guessed), count in errors.items():
        first = next(row for row in range(len(truth)) if truth[row] == guess[row] == true)
        guess[first : first + count] = [guessed] * count
    return truth, guess


@pytest.fixture
def known(workspace: Workspace) -> Workspace:
    write_evaluation(workspace, "20261122-1200-quiet-cedar", LABELS, *answers(ERRORS))
    return workspace


async def opened(pilot: Pilot[None]) -> Dashboard:
    app = pilot.app
    assert isinstance(app, Dashboard)
    await pilot.press("f4")
    await seen(pilot, lambda: len(app.screen.query_one(PairSamples).items) > 0)
    return app


def typed_at_once(app: Dashboard, *keys: tuple[str, str | None]) -> None:
    """Sends keys as a slow link does: nothing happens between them."""
    for key, character in keys:
        app.post_message(events.Key(key, character))


def rows(table: LongList) -> list[list[str]]:
    """Returns the words of each row."""
    return ["".join(text for text, _part in table.parts(index, 60)).split()
            for index in range(table.count())]  # fmt: skip


def pairs(app: Dashboard) -> list[list[str]]:
    return rows(app.screen.query_one(PairTable))


def changes(app: Dashboard) -> list[list[str]]:
    return rows(app.screen.query_one(ChangedClasses))


async def test_pairs_come_by_count_by_rate_and_of_one_class(known: Workspace) -> None:
    app = dashboard(known)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        assert "by count" in text_of(app)
        assert pairs(app) == [["土", "士", "6", "8", "%", "0"], ["未", "末", "2", "38", "%", "1"],
                              ["土", "己", "1", "2", "%", "0"]]  # fmt: skip
        await pilot.press("p")
        await seen(pilot, "by rate")
        assert pairs(app) == [["未", "末", "2", "38", "%", "1"], ["土", "士", "6", "8", "%", "0"]]
        await pilot.press("p")
        await seen(pilot, "what 土 is taken for")
        assert pairs(app) == [["土", "士", "6", "15", "%", "0"], ["土", "己", "1", "2", "%", "0"]]
        app.screen.query_one(Heatmap).go_to(3, 2)
        await seen(pilot, "what 末 is taken for")
        assert pairs(app) == [["末", "未", "1", "25", "%", "2"]]


async def test_a_class_that_is_typed_at_once_is_gone_to_and_what_it_is_taken_for_is_told(
    known: Workspace,
) -> None:
    app = dashboard(known)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        typed_at_once(app, ("slash", "/"), ("末", "末"), ("enter", None))
        await seen(pilot, "what 末 is taken for")
        cell = app.screen.query_one(Heatmap).cell
        assert cell is not None and (cell.truth_label, cell.guess_label) == ("末", "未")
        await pilot.press("slash", "己", "enter")
        await seen(pilot, "己 is taken for nothing else")


async def test_another_evaluation_typed_at_once_is_opened_and_a_damaged_one_is_not_offered(
    known: Workspace,
) -> None:
    write_evaluation(known, "20261122-1300-wide-lake", LABELS, [0, 1], [0, 1])
    damaged = write_evaluation(known, "20261122-1400-dry-hill", LABELS, [0, 1], [0, 1])
    app = dashboard(known)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        (damaged.path / "evaluation.json").write_text("{")
        keys = [(letter, letter) for letter in "oquiet"]
        typed_at_once(app, *keys, ("enter", None))
        await seen(pilot, "20261122-1200-quiet-cedar  known")
        await pilot.press("o")
        options = app.screen.query_one(OptionList)
        await seen(pilot, lambda: options.option_count > 0)
        offered = " ".join(str(option.prompt) for option in options.options)
        assert "wide-lake" in offered and "quiet-cedar" in offered
        assert "dry-hill" not in offered


async def test_misread_images_come_first_and_of_a_class_the_surest_of_them(
    known: Workspace,
) -> None:
    app = dashboard(known)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        captions = [item.caption for item in app.screen.query_one(PairSamples).items]
        assert all(caption.startswith("✗ 土→士") for caption in captions[:6])
        assert captions[:6] == sorted(captions[:6], reverse=True)
        assert not any(caption.startswith("✗") for caption in captions[6:])


async def test_an_image_is_marked_listed_and_unmarked_and_its_source_is_left_alone(
    known: Workspace,
) -> None:
    file = known.review("known")
    app = dashboard(known)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        await pilot.press("tab", "tab", "right", "m")
        await seen(pilot, "What is to become of 土/0.png")
        await pilot.press("t")
        await seen(pilot, "! 土→士")
        assert read_review(file) == {"土/0.png": Mark("土/0.png", "土", "relabel", "士")}
        assert "to be taken as 士" in text_of(app)
        await pilot.press("right", "m", "d")
        await until(lambda: len(read_review(file)) == 2)
        await pilot.press("right", "m", "o")
        await seen(pilot, "Label of the image")
        await pilot.press("王", "enter")
        await until(lambda: len(read_review(file)) == 3)
        assert read_review(file)["土/2.png"].new_label == "王"
        await pilot.press("l")
        text = await seen(pilot, "prepare --review-file")
        assert all(path in text for path in ("土/0.png", "土/1.png", "土/2.png"))
        await pilot.press("down", "u")
        await until(lambda: "土/1.png" not in read_review(file))
        await pilot.click(MarkedImages, offset=(3, 1))
        await pilot.press("enter")
        await seen(pilot, "to be taken as 王")
        samples = app.screen.query_one(PairSamples)
        await seen(pilot, lambda: samples.index == 2)
        assert [item.caption[0] for item in samples.items[:4]] == ["!", "✗", "!", "✗"]


async def test_a_damaged_review_list_is_told_and_the_evaluation_is_shown(known: Workspace) -> None:
    known.datasets.mkdir(parents=True)
    known.review("known").write_text("nothing,of,the,kind\n")
    app = dashboard(known)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await opened(pilot)
        await seen(pilot, "A review list is")
        await pilot.press("l")
        assert app.screen.query_one(PairSamples).items


async def test_another_evaluation_of_the_same_images_tells_what_became_better_and_worse(
    workspace: Workspace,
) -> None:
    errors = {(0, 1): 2, (0, 4): 1, (2, 3): 2, (3, 2): 1, (4, 1): 1}
    write_evaluation(workspace, "20261122-1100-dry-hill", LABELS, [0, 1], [0, 1])
    write_evaluation(workspace, "20261122-1200-quiet-cedar", LABELS, *answers(ERRORS))
    write_evaluation(workspace, "20261122-1300-wide-lake", LABELS, *answers(errors))
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        await pilot.press("c")
        text = await seen(pilot, "quiet-cedar")
        assert "dry-hill" not in text
        await pilot.press("enter")
        text = await seen(pilot, "McNemar")
        assert "may well be chance" in text
        assert changes(app) == [["己", "12", "12", "11", "-1"], ["土", "40", "33", "37", "+4"]]
        await pilot.press("w")
        assert changes(app)[0][0] == "土"
        await pilot.press("enter")
        await seen(pilot, "what 土 is taken for")


async def test_an_evaluation_on_what_the_model_learned_from_says_so(workspace: Workspace) -> None:
    seen_before = {"known": True, "train": 90, "validation": 0}
    write_evaluation(workspace, "20261122-1200-quiet-cedar", LABELS, *answers(ERRORS),
                     seen=seen_before)  # fmt: skip
    app = dashboard(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert "JUDGED BY WHAT IT LEARNED FROM: it has seen 90 of these" in text_of(app)


async def test_the_numbers_of_groups_are_told_and_an_earlier_version_has_but_the_first_ones(
    workspace: Workspace,
) -> None:
    writer = {
        "group": "w[1]",
        "images": 40,
        "right": 30,
        "accuracy": 0.75,
        "low": 0.6,
        "high": 0.86,
    }
    write_evaluation(workspace, "20261122-1200-quiet-cedar", LABELS, *answers(ERRORS),
                     groups=[writer])  # fmt: skip
    app = dashboard(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("i")
        text = await seen(pilot, "accuracy by group")
        assert "top-1 90.00%" in text
        line = next(line for line in text.splitlines() if "w[1]" in line)
        assert line.count("█") == 18 and line.count("░") == 6
        assert "75.00%  60.0% - 86.0%   40 images" in line


async def test_thousands_of_classes_open_at_once_and_their_blocks_lead_to_images(
    workspace: Workspace,
) -> None:
    classes = 7328
    labels = [chr(0x4E00 + index) for index in range(classes)]
    truth = np.arange(5 * classes) % classes
    guess = np.where(np.arange(len(truth)) % 11, truth, (truth + 3) % classes)
    guess[[4000, 4000 + classes]] = 123
    write_evaluation(workspace, "20261122-1200-quiet-cedar", labels, truth, guess)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        cell = app.screen.query_one(Heatmap).cell
        assert cell is not None and cell.peak == (4000, 123) and len(cell.truth) > 50
        assert "classes a cell" in text_of(app)
        captions = [item.caption for item in app.screen.query_one(PairSamples).items]
        assert sum(caption.startswith(f"✗ {labels[4000]}→") for caption in captions) == 2


async def test_a_report_is_written_from_the_room(known: Workspace) -> None:
    path = Path.cwd() / "report.html"
    app = dashboard(known)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await opened(pilot)
        await pilot.press("r", "ctrl+u", *path.name, "enter")
        await seen(pilot, "written:")
        assert "土" in path.read_text("utf-8")


async def test_what_has_no_room_in_the_line_of_keys_is_reached_by_clicks(known: Workspace) -> None:
    app = dashboard(known)
    async with app.run_test(size=(120, 50)) as pilot:
        await opened(pilot)
        lines = text_of(app).splitlines()
        assert "marks…" not in lines[-1]
        await pilot.click(offset=(lines[-1].index("? keys"), 49))
        lines = (await seen(pilot, "evaluation.review")).splitlines()
        row = next(y for y, line in enumerate(lines) if "evaluation.review" in line)
        await pilot.click(offset=(lines[row].index("marks…"), row))
        await seen(pilot, "Nothing is marked")
