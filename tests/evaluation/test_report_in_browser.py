"""The report in headless Chromium: it draws, zooms, sorts, and asks nothing of any network."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from browser import Page, browser, chromium
from PIL import Image
from written_evaluation import blots, write_evaluation

from hanzi_tui.report.findings import find
from hanzi_tui.report.page import page as report
from pipeline.workspace import Workspace

PROGRAM = chromium()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium here: apt install chromium")

LABELS = (*(chr(0x4E00 + index) for index in range(118)), "</script>", "a[/b]")
RANGE = "document.getElementById('scale-range').textContent"
READ = "document.getElementById('readout').textContent"
ROWS = (
    "[...document.querySelectorAll('#classes tbody tr:not([hidden]) th')].map(e => e.textContent)"
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    assert PROGRAM is not None
    folder = tmp_path_factory.mktemp("report")
    truth = np.repeat(np.arange(len(LABELS)), 4)
    guess = truth.copy()
    guess[4 * 7 : 4 * 7 + 3] = 8
    guess[4 * 118] = 119
    write_evaluation(Workspace(folder), LABELS, truth, guess, blots(len(truth)))
    path = folder / "report.html"
    path.write_bytes(report(find(Workspace(folder), "judged")))
    with browser(PROGRAM, folder / "profile") as page:
        page.open(path, prefers_color_scheme="light")
        page.wait_for(f"{RANGE} === '120 of 120 classes'")
        yield page


def middle(page: Page) -> tuple[float, float]:
    page.run("document.getElementById('matrix').scrollIntoView({block: 'center'})")
    box = page.run("(() => { const b = document.getElementById('matrix').getBoundingClientRect();"
                   "return [b.left, b.top, b.width, b.height] })()")  # fmt: skip
    return box[0] + box[2] / 2 + 38, box[1] + box[3] / 2 + 38


def shown(page: Page) -> int:
    return int(page.run(RANGE).split()[0])


def test_wheel_keys_and_buttons_zoom_the_matrix(opened: Page) -> None:
    x, y = middle(opened)
    opened.mouse("mouseWheel", x, y, deltaX=0, deltaY=-300)
    opened.wait_for(f"!{RANGE}.startsWith('120 ')")
    nearer = shown(opened)
    opened.run("document.getElementById('matrix').focus()")
    opened.key("+", "+")
    opened.wait_for(f"parseInt({RANGE}) < {nearer}")
    opened.run("document.getElementById('matrix-all').click()")
    opened.wait_for(f"{RANGE}.startsWith('120 ')")


def test_a_pair_leads_to_its_cell_and_the_pointer_reads_it(opened: Page) -> None:
    opened.run("document.querySelector('.pair a[data-truth]').click()")
    opened.wait_for(f"{READ} === '丈 read as 三: 3 of 4 (75.0%)'".replace("丈", LABELS[7])
                    .replace("三", LABELS[8]))  # fmt: skip
    assert shown(opened) == 12
    x, y = middle(opened)
    opened.mouse("mouseMoved", x, y)
    opened.mouse("mousePressed", x, y, button="left", clickCount=1)
    opened.mouse("mouseMoved", x - 120, y - 120, button="left", buttons=1)
    opened.mouse("mouseReleased", x - 120, y - 120, button="left", clickCount=1)
    opened.mouse("mouseMoved", x, y)
    opened.wait_for(f"!{READ}.startsWith('{LABELS[7]} read as {LABELS[8]}')")


def test_the_matrix_is_drawn_in_the_colours_of_the_scale(opened: Page) -> None:
    opened.run("document.querySelector('.pair a[data-truth]').click()")
    opened.wait_for(f"{READ}.includes('3 of 4')")
    middle(opened)
    picture = Image.open(io.BytesIO(opened.picture())).convert("RGB")
    found = {picture.getpixel((x, y)) for x in range(0, 1100, 2) for y in range(0, 900, 2)}
    assert (0, 0x20, 0x4D) in found, "the most-confused pair has the darkest colour"
    assert (0xCF, 0xC9, 0xBB) in found, "what was right is pale"


def test_classes_are_sorted_and_searched(opened: Page) -> None:
    assert opened.run(ROWS)[:2] == [LABELS[7], LABELS[118]]
    assert len(opened.run(ROWS)) == 60
    opened.run("document.querySelectorAll('#classes thead button')[3].click()")
    assert opened.run(ROWS)[0] != LABELS[7]
    opened.run("(() => { const field = document.getElementById('classes-search');"
               "field.value = 'a[/b]'; field.dispatchEvent(new Event('input')) })()")  # fmt: skip
    assert set(opened.run(ROWS)) == {"</script>", "a[/b]"}


def test_the_console_is_silent_and_nothing_is_asked_of_a_network(opened: Page) -> None:
    assert opened.complaints() == []
    assert [url.rpartition("/")[2] for url in opened.requests()] == ["report.html"]


def test_the_pages_policy_refuses_what_a_script_would_ask_for(opened: Page) -> None:
    before = len(opened.complaints())
    asked = opened.run("fetch('https://example.org/x').then(() => 'went', () => 'refused')")
    assert asked == "refused"
    assert "Content Security Policy" in str(opened.complaints()[before:])


def test_it_prints_in_few_pages(opened: Page) -> None:
    assert 3 <= opened.pdf().count(b"/Type /Page\n") <= 9
