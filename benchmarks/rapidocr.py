"""Single characters read by this program and by RapidOCR: `python -m benchmarks.rapidocr FOLDER`.

The folder holds label folders. RapidOCR (https://github.com/RapidAI/RapidOCR, weights in its
wheel) is installed into a temporary environment of its own, about 300 MB. It reads lines of text
and is asked to recognise only, without looking for lines; both answer one picture after the other.
RapidOCR gets each picture as it reads best: dark on light, with a border.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from pipeline.bundle import open_bundle
from pipeline.recognition.recognizer import Recognizer
from pipeline.starter import model_folder

PACKAGES = ("rapidocr==3.10.0", "onnxruntime")
SCRIPT = """
import json, sys, time
import cv2
from rapidocr import RapidOCR
engine = RapidOCR()
for line in sys.stdin:
    path = json.loads(line)
    began = time.perf_counter()
    picture = cv2.imread(path)
    if picture.mean() < 128:
        picture = 255 - picture
    border = max(picture.shape) // 8
    picture = cv2.copyMakeBorder(picture, *[border] * 4, cv2.BORDER_CONSTANT, value=[255] * 3)
    read = engine(picture, use_det=False, use_cls=False, use_rec=True).txts
    said = read[0] if read else ""
    print(json.dumps([said, time.perf_counter() - began]), flush=True)
"""
HEADER = "| program | pictures | right | ms a picture, median | start to first answer |"

Answers = list[tuple[str, float]]
"""Text and seconds of each picture."""


def main() -> None:
    """Reads the command line and prints the table as Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path, help="label folders of pictures")
    parser.add_argument("--model", type=Path, default=model_folder(), help="another bundle")
    parser.add_argument("--every", type=int, default=1, help="take every Nth picture")
    given = parser.parse_args()
    known = set(open_bundle(given.model).description.labels)
    found = [path for path in sorted(given.folder.glob("*/*")) if path.parent.name in known]
    pictures = found[:: given.every]
    print(HEADER + "\n|---|---:|---:|---:|---:|")
    _show("hanzi-tui", pictures, lambda paths: _ours(given.model, paths))
    with tempfile.TemporaryDirectory(prefix="hanzi-rapidocr-") as folder:
        python = _installed(Path(folder))
        _show("RapidOCR", pictures, lambda paths: _theirs(python, paths))


def _show(
    name: str, pictures: Sequence[Path], read: Callable[[Sequence[Path]], tuple[Answers, float]]
) -> None:
    answers, first_s = read(pictures)
    right = sum(said == path.parent.name for (said, _), path in zip(answers, pictures, strict=True))
    each_ms = 1000 * median(taken_s for _, taken_s in answers)
    share = f"{100 * right / len(pictures):.1f} %"
    print(f"| {name} | {len(pictures):,} | {share} | {each_ms:.2f} | {first_s:.2f} s |", flush=True)


def _ours(model: Path, pictures: Sequence[Path]) -> tuple[Answers, float]:
    began = perf_counter()
    command = [sys.executable, "-m", "hanzi_tui", "recognize", str(pictures[0])]
    subprocess.run([*command, "--model", str(model)], check=True, capture_output=True)
    first_s = perf_counter() - began
    recognizer, answers = Recognizer(open_bundle(model)), []
    for picture in pictures:
        began = perf_counter()
        (answer,) = recognizer.recognize([picture], top=1)
        said = answer.candidates[0].label if answer.candidates else ""
        answers.append((said, perf_counter() - began))
    return answers, first_s


def _installed(folder: Path) -> str:
    """Makes an environment with RapidOCR and returns its Python."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    return python


def _theirs(python: str, pictures: Sequence[Path]) -> tuple[Answers, float]:
    answers: Answers = []
    began, first_s = perf_counter(), 0.0
    with subprocess.Popen(
        [python, "-c", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for picture in pictures:
            process.stdin.write(json.dumps(str(picture)) + "\n")
            process.stdin.flush()
            said, taken_s = json.loads(process.stdout.readline())
            first_s = first_s or perf_counter() - began
            answers.append((said, taken_s))
        process.stdin.close()
    return answers, first_s


if __name__ == "__main__":
    main()
