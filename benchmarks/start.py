"""How long people wait for the program to start, and for an answer."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from benchmarks.rounds import interleaved, seconds
from benchmarks.setup import Setup, characters, finished, main
from benchmarks.table import Budget, Row
from pipeline.bundle import KERAS, Bundle, open_bundle
from pipeline.jobs import PrepareJob, TrainJob
from pipeline.processes import usable_cores
from pipeline.recognition.recognizer import Recognizer
from pipeline.settings import (
    AugmentSettings,
    DatasetSettings,
    RecognitionSettings,
    TrainingSettings,
)
from pipeline.workspace import Workspace

IMAGES = 768
BARE = [sys.executable, "-c", "pass"]
PROGRAM = str(Path(sysconfig.get_path("scripts")) / "hanzi-tui")
SINGLES, KERAS_SINGLES = 100, 10

KERAS_SCRIPT = """
import sys
import keras
import numpy as np
model = keras.saving.load_model(sys.argv[1], compile=False)
size = model.input_shape[1:3]
image = keras.utils.load_img(sys.argv[2], color_mode="grayscale", target_size=size)
batch = np.asarray(image, "uint8")[None, :, :, None]
print(model.predict(batch, verbose=0).argmax(), flush=True)
"""


def rows(setup: Setup) -> Iterator[Row]:
    """Measures `--help` of all commands, and recognition: cold, warm and in batches."""
    yield from _helps(setup.rounds, setup.folder)
    work = setup.folder / "start"
    pictures = characters(setup.source, work / "characters", IMAGES)
    bundle = _trained(work, setup.devices)
    yield _cold(setup.rounds, bundle, pictures[0], work)
    yield from _warm(setup.rounds, bundle, pictures)


def _helps(rounds: int, folder: Path) -> Iterator[Row]:
    from hanzi_tui.cli import command_line

    commands = [name for name in command_line() if not name.startswith("-")]
    arguments = [["--help"], *([name, "--help"] for name in commands)]
    sides: dict[str, Callable[[], float]] = {"python -c pass": lambda: _to_end(BARE, folder)}
    for words in arguments:
        sides[" ".join(["hanzi-tui", *words])] = partial(_to_end, [PROGRAM, *words], folder)
    values = interleaved(rounds, sides)
    bare = values.pop("python -c pass")
    for name, taken in values.items():
        budget = Budget("≤", 0.3 if name == "hanzi-tui --help" else 0.4, "s")
        yield Row(name, "s", taken, "python -c pass", bare, budget)


def _trained(work: Path, devices: str) -> Bundle:
    """Trains the default network for one epoch; how well it reads does not matter here."""
    workspace = Workspace(work / "workspace")
    finished(PrepareJob(workspace=workspace.root, source=work / "characters", name="characters",
                        dataset=DatasetSettings()))  # fmt: skip
    finished(TrainJob(workspace=workspace.root, dataset="characters", name="short",
                      training=TrainingSettings(epochs=1, devices=devices),
                      augment=AugmentSettings()))  # fmt: skip
    return open_bundle(workspace.model("short"))


def _cold(rounds: int, bundle: Bundle, picture: Path, work: Path) -> Row:
    ours = [PROGRAM, "recognize", str(picture), "--model", str(bundle.path)]
    keras = [sys.executable, "-c", KERAS_SCRIPT, str(bundle.path / KERAS), str(picture)]
    values = interleaved(
        rounds,
        {"recognize": lambda: _to_answer(ours, work), "Keras": lambda: _to_answer(keras, work)},
    )
    return Row("hanzi-tui recognize IMAGE, start to answer", "s", values["recognize"],
               "Keras load + predict", values["Keras"], Budget("≤", 0.6, "s"))  # fmt: skip


def _warm(rounds: int, bundle: Bundle, pictures: Sequence[Path]) -> Iterator[Row]:
    import numpy as np

    from pipeline.images import normalize

    size, spec = RecognitionSettings().batch_size, bundle.description.spec
    recognizer, keras_model = Recognizer(bundle), bundle.keras_model()
    network = bundle.network(usable_cores())
    images = np.stack([normalize(picture, spec) for picture in pictures])
    supply = cycle(pictures)

    def predict(paths: Sequence[Path]) -> None:
        batch = np.stack([normalize(path, spec) for path in paths])
        keras_model.predict(batch, batch_size=size, verbose=0)

    def recognize(paths: Sequence[Path]) -> None:
        list(recognizer.recognize(paths, batch_size=size))

    def ms_each(count: int, answer: Callable[[Sequence[Path]], None]) -> float:
        chosen = list(islice(supply, count))
        return seconds(lambda: [answer([path]) for path in chosen]) / count * 1000

    def each_s(answer: Callable[[], object]) -> float:
        return len(pictures) / seconds(answer)

    values = interleaved(
        rounds,
        {
            "one": lambda: ms_each(SINGLES, recognize),
            "Keras one": lambda: ms_each(KERAS_SINGLES, predict),
            "batches": lambda: each_s(lambda: recognize(pictures)),
            "Keras batches": lambda: each_s(lambda: predict(pictures)),
            "network": lambda: each_s(
                lambda: [network.logits(images[n : n + size]) for n in range(0, IMAGES, size)]
            ),
        },
    )
    unit = "characters/s"
    yield Row("recognise a character, warm", "ms", values["one"], "Keras predict",
              values["Keras one"], Budget("≤", 1, "ms"))  # fmt: skip
    yield Row(f"recognise in batches of {size}", unit, values["batches"], "Keras predict",
              values["Keras batches"], Budget("≥", 2000, unit))  # fmt: skip
    yield Row("the network alone, without reading images", unit, values["network"])


def _to_end(command: Sequence[str], folder: Path) -> float:
    def call() -> None:
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)

    return seconds(call)


def _to_answer(command: Sequence[str], folder: Path) -> float:
    """Returns the seconds from the start of a process to its first line on stdout."""
    began = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        taken_s = time.perf_counter() - began
        _rest, complaint = process.communicate()
    if process.returncode or not line:
        sys.exit(complaint.decode("utf-8", "replace"))
    return taken_s


if __name__ == "__main__":
    main(rows)
