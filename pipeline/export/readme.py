"""The README of an exported folder: what goes in, what comes out, how an image is prepared."""

from __future__ import annotations

from pipeline.bundle import INT8, LITERT, Bundle
from pipeline.export.request import Format
from pipeline.normalizer import NormalizerSpec

NAMES: dict[Format, str] = {
    "litert": "LiteRT (TensorFlow Lite)",
    "onnx": "ONNX",
    "saved_model": "a SavedModel of TensorFlow",
    "keras": "a Keras file",
}
PACKAGES: dict[Format, str] = {
    "litert": "ai-edge-litert",
    "onnx": "onnxruntime",
    "saved_model": "tensorflow",
    "keras": "keras tensorflow",
}
NOTES: dict[Format, str] = {
    "litert": "N is 1 in the file; resize the input for another, as `hanzi/network.py` does.",
    "onnx": "The input is called `image`, the output `logits`; N may be any number.",
    "saved_model": "The signature is `serving_default`; in Python call `.serve(images)`.",
    "keras": "The layers are Keras's own, so any backend of Keras 3 runs them.",
}
BESIDE = f"`{INT8}` is the same with int8 weights: smaller and quicker, its logits are not equal."
GLYPH = """\
1. The picture is decoded upright to 8-bit gray (0.299 R + 0.587 G + 0.114 B); transparent parts
   are white, or black where all that is visible is light.
2. It is made smaller until its longer side is {work} px, where it is larger; a character that
   fills less than half of that is found first, then cut from the original.
3. Ink is the dark part or the light part, told by the skewness of the gray levels and by the
   border; light ink is inverted.
4. Where the paper is uneven, shadows are divided out: paper is a closing wider than any stroke.
5. Otsu's threshold, or the noise of the paper, parts ink from paper; the gray levels are stretched
   to 255 for ink and 0 for paper.
6. Specks are left out, and the ink is cropped to its box.
7. The longer side is scaled to {inner} px (by area when shrinking, else bicubic) and the result is
   centred on {size} x {size} zeros{copied}.
8. Strokes that scaling has paled are multiplied, at most by 3, until they are strong.

A picture without ink gives zeros everywhere: do not ask the network about it."""
PHOTO = """\
1. The picture is decoded upright to 8-bit {colours}; transparent parts are white.
2. Its longer side is scaled to {size} px (by area when shrinking, else bicubic).
3. It is centred in {size} x {size} px, the short sides filled by repeating the edge."""


def readme(bundle: Bundle, name: str, form: Format, file: str, difference: float) -> str:
    """Returns the README, in Markdown.

    Args:
        bundle: that was exported.
        name: what to call it.
        form: of the network.
        file: name of the network in the folder.
        difference: largest of its logits from the model's own.
    """
    description = bundle.description
    spec, classes = description.spec, len(description.labels)
    side = spec.size_px
    small = form == "litert" and LITERT not in bundle.hashes
    weights = "int8 (dynamic range), computed in float32" if small else "float32"
    beside = form == "litert" and {LITERT, INT8} <= bundle.hashes.keys()
    lines = [
        f"# {name}: {classes:,} characters, as {NAMES[form]}",
        "",
        "Exported by hanzi-tui. Try it:",
        "",
        "```sh",
        f"pip install numpy pillow opencv-python-headless {PACKAGES[form]}",
        "python recognize.py IMAGE...",
        "```",
        "",
        "| | |",
        "|---|---|",
        f"| network | `{file}`: {description.model}, weights {weights} |",
        f"| input | uint8 `[N, {side}, {side}, {spec.channels}]`, 0 to 255; scaling is inside |",
        f"| output | float32 `[N, {classes}]`, logits |",
        "| labels | `labels.txt`, UTF-8: line k+1 is output k |",
        f"| probabilities | softmax(logits / temperature), temperature {bundle.temperature:.6g} |",
        "| the same for programs | `model.json` |",
        "",
        NOTES[form],
        *([BESIDE] if beside else []),
        "",
        f"Its logits differ by {difference:.1e} at most from those of the model, on 32 images.",
        "",
        "## How an image is prepared",
        "",
        "`hanzi.images.normalize(path, spec)` does it; these are the very files that prepared the",
        "training images. In words:",
        "",
        _in_words(spec),
        "",
        "The code is of hanzi-tui, under the MIT licence.",
    ]
    return "\n".join(lines) + "\n"


def _in_words(spec: NormalizerSpec) -> str:
    if spec.kind == "photo":
        return PHOTO.format(colours="gray" if spec.channels == 1 else "RGB", size=spec.size_px)
    return GLYPH.format(
        work=3 * spec.size_px,
        inner=max(1, round(spec.size_px * (1 - 2 * spec.margin))),
        size=spec.size_px,
        copied="" if spec.channels == 1 else ", the same in all three channels",
    )
