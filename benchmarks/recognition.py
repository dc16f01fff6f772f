"""How long an answer takes, and how much memory, beside Keras."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Sequence
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
PROGRAM = str(Path(sysconfig.get_path("scripts")) / "hanzi-tui")
SINGLES, KERAS_SINGLES = 100, 10
BESIDE = "Keras load + predict"

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
    """Measures recognition: cold, warm, in batches, and the memory of it."""
    work = setup.folder / "recognition"
    pictures = characters(setup.source, work / "characters", IMAGES)
    bundle = _trained(work, setup.devices)
    yield from _cold(setup.rounds, bundle, pictures[0], work)
    yield from _warm(setup.rounds, bundle, pictures)


def _trained(work: Path, devices: str) -> Bundle:
    """Trains the default network for one epoch; how well it reads does not matter here."""
    workspace = Workspace(work / "workspace")
    finished(PrepareJob(workspace=workspace.root, source=work / "characters", name="characters",
                        dataset=DatasetSettings()))  # fmt: skip
    finished(TrainJob(workspace=workspace.root, dataset="characters", name="short",
                      training=TrainingSettings(epochs=1, devices=devices),
                      augment=AugmentSettings()))  # fmt: skip
    return open_bundle(workspace.model("short"))


def _cold(rounds: int, bundle: Bundle, picture: Path, work: Path) -> Iterator[Row]:
    ours = [PROGRAM, "recognize", str(picture), "--model", str(bundle.path)]
    keras = [sys.executable, "-c", KERAS_SCRIPT, str(bundle.path / KERAS), str(picture)]
    memory_mb: dict[str, list[float]] = {"ours": [], "Keras": []}

    def answered(name: str, command: Sequence[str]) -> float:
        taken_s, peak_mb = _to_answer(command, work)
        memory_mb[name].append(peak_mb)
        return taken_s

    taken = interleaved(
        rounds,
        {"ours": lambda: answered("ours", ours), "Keras": lambda: answered("Keras", keras)},
    )
    what = "hanzi-tui recognize IMAGE"
    sides = taken["ours"], BESIDE, taken["Keras"]
    yield Row(f"{what}, start to answer", "s", *sides, Budget("≤", 0.6, "s"))
    yield Row(f"{what}, as a share of Keras", "s", *sides, Budget("≤", 0.2, "×"))
    ours_mb, keras_mb = (memory_mb[name][1:] for name in ("ours", "Keras"))
    yield Row(f"{what}, most memory", "MB", ours_mb, BESIDE, keras_mb)


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
    one, keras_one = values["one"], values["Keras one"]
    for what, budget in (
        ("recognise a character, warm", Budget("≤", 1, "ms")),
        ("the same, as a share of Keras", Budget("≤", 0.02, "×")),
    ):
        yield Row(what, "ms", one, "Keras predict", keras_one, budget)
    yield Row(f"recognise in batches of {size}", unit, values["batches"], "Keras predict",
              values["Keras batches"], Budget("≥", 2000, unit))  # fmt: skip
    yield Row("the network alone, without reading images", unit, values["network"])


def _to_answer(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Returns seconds from the start of a process to its first line on stdout, and its peak MB."""
    began = time.perf_counter()
    with (
        open(folder / "stderr.txt", "wb") as complaint,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=complaint) as process,
    ):
        assert process.stdout is not None
        line = process.stdout.readline()
        taken_s = time.perf_counter() - began
        process.stdout.read()
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or not line:
        sys.exit((folder / "stderr.txt").read_text("utf-8", "replace"))
    # Linux counts in KiB, macOS in bytes.
    return taken_s, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


if __name__ == "__main__":
    main(rows)
