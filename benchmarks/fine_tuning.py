"""What the starter's weights are worth: `python -m benchmarks.fine_tuning --data FOLDER`.

FOLDER holds pictures by label. Ten of each label are trained on, once from scratch and once from
the starter, for the same steps; all others are asked.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from benchmarks.setup import finished
from benchmarks.starter import Score, measure
from pipeline.bundle import open_bundle
from pipeline.jobs import PrepareJob, TrainJob
from pipeline.recognition.recognizer import Recognizer
from pipeline.settings import AugmentSettings, DatasetSettings, TrainingSettings
from pipeline.starter import model_folder
from pipeline.workspace import Workspace

DATASET = "few"
WEIGHTS = ("none", "starter")


def main() -> None:
    """Reads the command line and prints the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="label folders")
    parser.add_argument("--images", type=int, default=10, help="of each label to train on")
    parser.add_argument("--steps", type=int, nargs="+", default=[100, 300], help="batches of 64")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hanzi-benchmark-") as name:
        folder = Path(name)
        share(given.data, folder, given.images)
        workspace = Workspace(folder / "workspace")
        size_px = open_bundle(model_folder()).description.spec.size_px
        settings = DatasetSettings(size=size_px, validation=0.0, test=0.0)
        finished(PrepareJob(workspace=workspace.root, source=folder / "learned", name=DATASET,
                            dataset=settings))  # fmt: skip
        print(f"{given.images} images a class, {size_px}x{size_px}\n")
        print("| steps | weights | top-1 | top-5 |\n| --- | --- | --- | --- |")
        for steps in given.steps:
            for weights in WEIGHTS:
                score = trained(workspace, folder / "asked", weights, steps)
                first, among = (100 * n / score.pictures for n in (score.first, score.among))
                print(f"| {steps} | {weights} | {first:.1f} % | {among:.1f} % |", flush=True)


def share(data: Path, folder: Path, learned: int) -> None:
    """Copies the pictures of each label: the first `learned` to one folder, the others to one."""
    for label in sorted(path for path in data.iterdir() if path.is_dir()):
        for number, picture in enumerate(sorted(label.iterdir())):
            part = folder / ("learned" if number < learned else "asked") / label.name
            part.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(picture, part / picture.name)


def trained(workspace: Workspace, asked: Path, weights: str, steps: int) -> Score:
    """Trains from `weights` and asks the model for the pictures in `asked`."""
    name = f"{weights}-{steps}"
    batches = -(-sum(1 for _ in (asked.parent / "learned").glob("*/*")) // 64)
    settings = TrainingSettings(weights=weights, epochs=max(1, round(steps / batches)),
                                devices="cpu")  # fmt: skip
    finished(TrainJob(workspace=workspace.root, dataset=DATASET, name=name,
                      training=settings, augment=AugmentSettings()))  # fmt: skip
    recognizer = Recognizer(open_bundle(workspace.model(name)))
    return measure(recognizer, asked, lambda _: True, every=1)


if __name__ == "__main__":
    main()
