"""Recognises images with the network of this folder: python recognize.py IMAGE..."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from pipeline.export.portable.network_litert import open_network
from pipeline.images import is_blank, normalize
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem

TOP = 5


def main() -> int:
    """Prints a line for each image of the command line: its name, then its likeliest characters."""
    folder = Path(__file__).parent
    about = json.loads((folder / "model.json").read_text("utf-8"))
    labels = (folder / "labels.txt").read_text("utf-8").split("\n")[:-1]
    spec = NormalizerSpec.from_dict(about["normalizer"])
    ask = open_network(folder / about["file"])
    code = 0
    for path in sys.argv[1:]:
        try:
            image = normalize(path, spec)
        except Problem as problem:
            code = 1
            print(problem, file=sys.stderr)
            continue
        if spec.kind == "glyph" and is_blank(image):
            print(path, "no ink", sep="\t")
            continue
        logits = ask(image[np.newaxis])[0].astype(np.float64) / about["temperature"]
        shares = np.exp(logits - logits.max())
        shares /= shares.sum()
        best = np.argsort(-shares, kind="stable")[:TOP]
        print(path, *(f"{labels[i]} {shares[i]:.3f}" for i in best), sep="\t")
    return code


if __name__ == "__main__":
    sys.exit(main())
