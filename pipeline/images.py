"""Reads any picture and turns it into model input; training and recognition both come through here.

A glyph ends as strong ink (255) on nothing (0), whatever paper, light, pen or polarity it had; a
photo keeps its colour and its aspect. `NORMALIZER_VERSION` goes up with any change of the pixels.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zlib
from typing import BinaryIO

import cv2
import numpy as np
from PIL import Image, ImageOps

from pipeline.ink import ink_of, strengthen
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem

Picture = bytes | os.PathLike[str] | str | np.ndarray

# Our own check of the header comes before any decode and words the problem.
Image.MAX_IMAGE_PIXELS = None

# Formats whose header gives the decoded size, and that run no other program (EPS would).
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "JPEG2000", "AVIF", "PPM", "PCX")
_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM")
_EXIF_KEYS = frozenset(
    ("exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif", "Raw profile type APP1")
)
# Everything the decoders raise on malformed files.
_READ_ERRORS = (OSError, EOFError, SyntaxError, ValueError, TypeError, AttributeError, LookupError)
_DEEP_ERRORS = (ArithmeticError, AssertionError, RuntimeError, MemoryError)
_CODEC_ERRORS = (struct.error, zlib.error, cv2.error, Image.DecompressionBombError)
_DAMAGE = (*_READ_ERRORS, *_DEEP_ERRORS, *_CODEC_ERRORS)


def decode(picture: Picture, max_pixels: int) -> np.ndarray:
    """Reads a picture, upright, in 8 bits; of an animation the first frame.

    Args:
        picture: path, the bytes of an image file, or decoded uint8 pixels `[H, W]`, `[H, W, 1]`
            or `[H, W, 3]` (RGB), which come back as they are.
        max_pixels: the most pixels a file may have; checked on its header.

    Returns:
        uint8, gray `[H, W]` or RGB `[H, W, 3]`. Transparent parts are white, or black where the
        visible part is light only.

    Raises:
        Problem: `image.missing`, `image.empty`, `image.unknown`, `image.truncated` or
            `image.too_large`.
        ValueError: an array of another shape or dtype.
    """
    if isinstance(picture, np.ndarray):
        return _checked_array(picture)
    if isinstance(picture, bytes):
        if not picture:
            raise Problem("image.empty", path="<bytes>")
        return _decode_file(io.BytesIO(picture), "<bytes>", max_pixels)
    path = os.fsdecode(picture)
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise Problem("image.unknown", path=path, detail="not a regular file")
        if status.st_size == 0:
            raise Problem("image.empty", path=path)
        with open(path, "rb") as file:
            return _decode_file(file, path, max_pixels)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Problem("image.missing", path=path) from error
    except (OSError, ValueError) as error:
        raise Problem("image.unknown", path=path, detail=_detail(error)) from error


def normalize(picture: Picture, spec: NormalizerSpec) -> np.ndarray:
    """Turns a picture into model input.

    Args:
        picture: as for `decode`.
        spec: kind, size and channels of the result.

    Returns:
        uint8 `[S, S, C]`. Glyphs: ink 255 on 0, all zeros where there is no ink. Photos: aspect
        kept, the short sides filled by repeating the edge.

    Raises:
        Problem, ValueError: as `decode`.
    """
    pixels = decode(picture, spec.max_pixels)
    if spec.kind == "photo":
        return _photo(pixels, spec)
    gray = to_gray(pixels)
    ink = ink_of(gray, work_px=3 * spec.size_px)
    if ink is None:
        return np.zeros((spec.size_px, spec.size_px, spec.channels), np.uint8)
    inner_px = max(1, round(spec.size_px * (1 - 2 * spec.margin)))
    glyph = strengthen(_centred(ink, inner_px, spec.size_px, cv2.BORDER_CONSTANT))
    return glyph[:, :, None] if spec.channels == 1 else np.repeat(glyph[:, :, None], 3, axis=2)


def to_gray(pixels: np.ndarray) -> np.ndarray:
    """Returns decoded pixels, uint8 gray `[H, W]` or RGB `[H, W, 3]`, as gray `[H, W]`."""
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if pixels.ndim == 3 else pixels


def mode_of(picture: bytes) -> str:
    """Returns PIL's name of how an image file stores pixels, such as "L", "RGB", "P" or "I;16".

    Raises:
        Problem: as `decode`.
    """
    try:
        return Image.open(io.BytesIO(picture), formats=_FORMATS).mode
    except _DAMAGE as error:
        raise Problem("image.unknown", path="<bytes>", detail=_detail(error)) from error


def is_blank(normalized: np.ndarray) -> bool:
    """Whether a normalised glyph, uint8 `[S, S, C]`, holds no ink at all."""
    return not normalized.any()


def _checked_array(pixels: np.ndarray) -> np.ndarray:
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    colour = pixels.ndim == 3 and pixels.shape[2] == 3
    if pixels.dtype != np.uint8 or not pixels.size or not (colour or pixels.ndim == 2):
        raise ValueError(f"not uint8 [H, W] or [H, W, 3]: {pixels.dtype} {pixels.shape}")
    return np.ascontiguousarray(pixels)


def _detail(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}".split("\n")[0][:200]


def _decode_file(file: BinaryIO, path: str, max_pixels: int) -> np.ndarray:
    try:
        image = Image.open(file, formats=_FORMATS)
    except _DAMAGE as error:
        file.seek(0)
        head = file.read(12)
        if head.startswith(_SIGNATURES) or head[8:] == b"WEBP":
            raise Problem("image.truncated", path=path, detail="its header is damaged") from error
        raise Problem("image.unknown", path=path, detail="no known image format") from error
    width, height = image.size
    if width * height > max_pixels:
        raise Problem(
            "image.too_large", path=path, width=width, height=height, max_pixels=max_pixels
        )
    try:
        return np.ascontiguousarray(_pixels(image, file))
    except _DAMAGE as error:
        raise Problem("image.truncated", path=path, detail=_detail(error)) from error


def _pixels(image: Image.Image, file: BinaryIO) -> np.ndarray:
    """Decodes an opened image to uint8 gray or RGB, upright."""
    tiles = getattr(image, "tile", None)
    raw_mode = str(tiles[0][3]) if tiles else ""
    image.load()
    if not _EXIF_KEYS.isdisjoint(image.info):
        image = _upright(image)
    mode = image.mode
    if "transparency" in image.info or mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        return _on_paper(np.asarray(image.convert("RGBA")))
    if mode == "RGB" and ";16" in raw_mode and image.format == "PNG":
        # PIL keeps the high byte only, which is little where the range is used in part.
        file.seek(0)
        deep = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_UNCHANGED)
        if deep is not None and deep.shape == (image.height, image.width, 3):
            return _to_8_bits(deep)[:, :, ::-1]
    if mode in ("L", "RGB"):
        return np.asarray(image)
    if mode.startswith(("I", "F")):
        return _to_8_bits(np.asarray(image))
    if mode == "LAB":
        return np.asarray(image.getchannel(0))
    return np.asarray(image.convert("L" if mode == "1" else "RGB"))


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except _DAMAGE:
        # Damaged camera notes say nothing about the pixels, which are whole.
        return image


def _on_paper(rgba: np.ndarray) -> np.ndarray:
    """Composites uint8 `[H, W, 4]` over white, or over black where all visible pixels are light."""
    colour, alpha = rgba[:, :, :3], rgba[:, :, 3:]
    if alpha.min() == 255:
        return colour
    visible = to_gray(colour)[alpha[:, :, 0] >= 64]
    only_light = visible.size > 0 and np.mean(visible < 128) < 0.01
    paper = 0.0 if only_light else 255.0
    share = alpha.astype(np.float32) / 255.0
    blended: np.ndarray = (colour * share + paper * (1.0 - share) + 0.5).astype(np.uint8)
    return blended


def _to_8_bits(values: np.ndarray) -> np.ndarray:
    """Scales gray or RGB values of 16 or 32 bits, integer or float, to uint8.

    The bit depth is the smallest that holds the brightest value, since cameras and scanners
    write 10 or 12 bits into 16; a range narrower than a quarter of that is stretched.
    """
    values = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    full = 1.0 if 0 < high <= 1 else float(2 ** max(8, int(high).bit_length()) - 1)
    if low < 0 or (full / 256 < high - low < full / 4 and full > 255):
        return np.rint((values - low) * (255.0 / max(high - low, 1e-12))).astype(np.uint8)
    return np.rint(values * (255.0 / full)).astype(np.uint8)


def _photo(pixels: np.ndarray, spec: NormalizerSpec) -> np.ndarray:
    if spec.channels == 1:
        pixels = to_gray(pixels)
    elif pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], 3, axis=2)
    photo = _centred(pixels, spec.size_px, spec.size_px, cv2.BORDER_REPLICATE)
    return photo.reshape(spec.size_px, spec.size_px, spec.channels)


def _centred(pixels: np.ndarray, inner_px: int, size_px: int, border: int) -> np.ndarray:
    """Scales the longer side to `inner_px` and centres the result in a square of `size_px`."""
    height, width = pixels.shape[:2]
    scale = inner_px / max(height, width)
    new_h, new_w = max(1, round(height * scale)), max(1, round(width * scale))
    if scale != 1:
        smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        pixels = cv2.resize(pixels, (new_w, new_h), interpolation=smooth)
    top, left = (size_px - new_h) // 2, (size_px - new_w) // 2
    bottom, right = size_px - new_h - top, size_px - new_w - left
    square: np.ndarray = cv2.copyMakeBorder(pixels, top, bottom, left, right, border, value=0)
    return square
