"""Which distortions carry from fonts to hands: short trainings, one change at a time."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from pipeline.augment import Distortion
from pipeline.normalizer import NormalizerSpec
from starter.batches import Batches, Stage
from starter.fonts import open_faces
from starter.glyphs import EM_PX, glyphs
from starter.hand import Hand
from starter.labels import starter_labels
from starter.measured import measured
from starter.schedule import Schedule
from starter.training import train

STEPS = 120
BATCH = 128
SIZE_PX = 32
SETS = ("hwdb-3755", "calligraphy-kai")

PLAIN = Hand(Distortion(shift=0.0, contrast=0.0))
BENT = replace(PLAIN, shape=Distortion(
    rotation_deg=8.0, shift=0.0, scale=0.05, aspect=0.3, shear_deg=14.0, elastic=0.1,
    contrast=0.0))  # fmt: skip
PENS = replace(BENT, pens=(0.025, 0.08), shape=replace(BENT.shape, stroke=0.0))
PARTS = replace(PENS, parts=0.08)
JOINS = replace(PARTS, joins=0.4)
PAPERS = replace(JOINS, papers=0.5)
HANDS = {
    "none": Hand(Distortion(*(0.0,) * 9)),
    "those of a training": PLAIN,
    "stronger bending": BENT,
    "+ pens": PENS,
    "+ parts": PARTS,
    "+ joins": JOINS,
    "+ papers": PAPERS,
}


def trials(fonts: Path, data: Path, work: Path) -> None:
    """Prints top-1 and top-5 on real pictures after a short training with each hand.

    100 characters of level 1 and 50 that only one font has; the same number of images each time.
    """
    (widest, *_) = open_faces(fonts, EM_PX)
    known = starter_labels(widest.covered)
    chosen = _chosen(known, data)
    spec = NormalizerSpec(size_px=SIZE_PX)
    drawn = glyphs(fonts, chosen, work)
    sets = {name: measured(data / name, chosen, spec) for name in SETS}
    print("| distortion | " + " | ".join(f"{s} top-1 | top-5" for s in SETS) + " |", flush=True)
    for name, hand in HANDS.items():
        stage = Stage(SIZE_PX, hand)
        schedule = Schedule(STEPS, 3e-3, 10, 0.25, stage, stage, stage)
        state = work / "trials" / f"{name}.keras"
        model = train(Batches(drawn, BATCH, seed=0), len(chosen), schedule, state)
        cells = [name]
        for pictures in sets.values():
            logits = model.predict(pictures.images, 256, verbose=0)
            cells += [f"{100 * pictures.accuracy(logits, top):.1f} %" for top in (1, 5)]
        print("| " + " | ".join(cells) + " |", flush=True)


def _chosen(known: tuple[str, ...], data: Path) -> tuple[str, ...]:
    level_1 = {folder.name for folder in (data / "hwdb-3755").iterdir()}
    brush = {folder.name for folder in (data / "calligraphy-kai").iterdir()}
    draw = random.Random(0)
    common = sorted(level_1 & brush & set(known))
    traditional = sorted(c for c in brush & set(known) if not _in_gb2312(c))
    return tuple(sorted(draw.sample(common, 100) + draw.sample(traditional, 50)))


def _in_gb2312(character: str) -> bool:
    return bool(character.encode("gb2312", "ignore"))
