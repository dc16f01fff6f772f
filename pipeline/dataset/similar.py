"""Pictures that look alike: a small fingerprint of each, and the search for those that match.

A fingerprint is the low frequencies of a picture's cosine transform; their signs make a hash of 64
bits (after Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010). Near
copies are found by their hashes (multi-index hashing: Norouzi, Punjani and Fleet, CVPR 2012) and
confirmed by the fingerprints, since 64 signs alone also join different characters.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.ties import Ties, components, numbered

FRAME_PX = 32
FREQUENCIES = 8
PRINT_SIZE = FREQUENCIES**2
DISTANCE = 4
"""Bits in which the hashes of near copies differ at most. Of handwriting that was scaled,
recompressed, blurred, padded or inverted, 97 of 100 copies stay within it."""
MAX_DISTANCE = 8
ALIKE = 0.985
"""Cosine of the fingerprints of near copies. Measured: copies as above have 0.99 and more, two
characters of different hands up to 0.95."""

# The frame's side in standard deviations of the ink: holds nearly all of it.
_SPREAD = 3.2
# Ink this much longer than wide is a single stroke, and one 一 looks like another.
_STROKE_RATIO = 4.0
_BANDS = (22, 21, 21)
# So much at a time, of pairs looked at, pairs compared and fingerprints: memory does not grow.
_BLOCK = 1 << 17
_CONFIRMED = 1 << 14
_ROWS = 1 << 16


def glyph_frame(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Centres a glyph by the moments of its ink, so that margins and size do not matter.

    Args:
        ink: uint8 `[H, W]`, ink 255 on 0.

    Returns:
        uint8 `[32, 32]`; all zeros where there is no ink, or a single stroke only.
    """
    import cv2

    moments = cv2.moments(ink)
    mass = moments["m00"]
    if not mass:
        return np.zeros((FRAME_PX, FRAME_PX), np.uint8)
    xx, yy, xy = (moments[name] / mass for name in ("mu20", "mu02", "mu11"))
    spread = xx + yy
    apart = ((xx - yy) ** 2 + 4 * xy**2) ** 0.5
    if spread + apart >= _STROKE_RATIO**2 * (spread - apart) or not spread:
        return np.zeros((FRAME_PX, FRAME_PX), np.uint8)
    scale = FRAME_PX / (_SPREAD * spread**0.5)
    x, y = moments["m10"] / mass, moments["m01"] / mass
    if scale < 1:
        height, width = ink.shape
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        ink = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
        x, y = (x + 0.5) * size[0] / width - 0.5, (y + 0.5) * size[1] / height - 0.5
        scale = 1.0
    middle = (FRAME_PX - 1) / 2
    onto = np.array([[scale, 0, middle - scale * x], [0, scale, middle - scale * y]])
    frame: NDArray[np.uint8] = cv2.warpAffine(ink, onto, (FRAME_PX, FRAME_PX))
    return frame


def photo_frame(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Scales a gray photo, uint8 `[H, W]`, to uint8 `[32, 32]`."""
    import cv2

    frame: NDArray[np.uint8] = cv2.resize(gray, (FRAME_PX, FRAME_PX), interpolation=cv2.INTER_AREA)
    return frame


def fingerprints(frames: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Returns the low frequencies of frames, uint8 `[N, 32, 32]`, the strongest one ±127.

    Returns:
        int8 `[N, 64]`; zeros for a frame without any contrast.
    """
    cosines = np.cos(
        np.pi / FRAME_PX * (np.arange(FRAME_PX) + 0.5) * np.arange(FREQUENCIES)[:, None]
    ).astype(np.float32)
    cosines[0] /= np.sqrt(2)
    waves = (cosines @ frames.astype(np.float32) @ cosines.T).reshape(len(frames), PRINT_SIZE)
    waves[:, 0] = 0  # brightness
    strongest = np.abs(waves).max(axis=1, keepdims=True)
    # A wave of less than a gray level is rounding, not a picture.
    waves *= np.where(strongest < FRAME_PX**2 / 4, 0, 127 / np.maximum(strongest, 1))
    prints: NDArray[np.int8] = np.rint(waves).astype(np.int8)
    return prints


def hashes(prints: NDArray[np.int8]) -> NDArray[np.uint64]:
    """Returns the signs of fingerprints, int8 `[N, 64]`, as uint64 `[N]`."""
    blocks = [
        np.packbits(prints[start : start + _ROWS] > 0, axis=1).view(np.uint64).ravel()
        for start in range(0, len(prints), _ROWS)
    ]
    return np.concatenate([np.empty(0, np.uint64), *blocks])


def clusters(prints: NDArray[np.int8], distance: int = DISTANCE) -> NDArray[np.int32]:
    """Returns which images are near copies of each other, directly or through others.

    Args:
        prints: int8 `[N, 64]`, as of `fingerprints`.
        distance: bits in which the hashes of two near copies differ at most, 0 to 8.

    Returns:
        int32 `[N]`, equal numbers for near copies.
    """
    return components(len(prints), near_pairs(prints, distance)).astype(np.int32)


def near_pairs(prints: NDArray[np.int8], distance: int = DISTANCE) -> Iterator[Ties]:
    """Yields blocks of pairs of near copies; a pair may come more than once.

    Of images with one and the same fingerprint each is paired with the first only. Images whose
    fingerprint is zero are near copies of nothing.

    Args:
        prints, distance: as of `clusters`.

    Raises:
        ValueError: the distance is above 8, where the search would be slow.
    """
    if not 0 <= distance <= MAX_DISTANCE:
        raise ValueError(f"a distance of {distance} bits")
    same, distinct = _same(prints)
    yield same
    signs = hashes(prints)[distinct]
    for one, other in _candidates(signs, distance):
        near = np.bitwise_count(signs[one] ^ signs[other]) <= distance
        one, other = distinct[one[near]], distinct[other[near]]
        for start in range(0, len(one), _CONFIRMED):
            some = slice(start, start + _CONFIRMED)
            alike = _cosines(prints[one[some]], prints[other[some]]) >= ALIKE
            yield np.stack([one[some][alike], other[some][alike]], axis=1)


def _same(prints: NDArray[np.int8]) -> tuple[Ties, NDArray[np.int64]]:
    """Returns pairs of equal fingerprints, and the first image of each fingerprint but zero."""
    shown = np.flatnonzero(prints.any(axis=1))
    _, first, of = np.unique(numbered(prints)[shown], return_index=True, return_inverse=True)
    root = first[of]
    same = np.flatnonzero(root != np.arange(len(shown)))
    return shown[np.stack([root[same], same], axis=1)], shown[first]


def _cosines(one: NDArray[np.int8], other: NDArray[np.int8]) -> NDArray[np.float32]:
    a, b = one.astype(np.float32), other.astype(np.float32)
    lengths = np.einsum("ij,ij->i", a, a) * np.einsum("ij,ij->i", b, b)
    cosines: NDArray[np.float32] = np.einsum("ij,ij->i", a, b) / np.sqrt(lengths)
    return cosines


def _candidates(
    signs: NDArray[np.uint64], distance: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yields pairs that hold all within `distance` bits of each other.

    Of two such hashes, cut in three bands, one band differs in a third of the bits at most; so
    those that share a band, or nearly share it, are looked at.
    """
    shift = 0
    for bits in _BANDS:
        keys = ((signs >> np.uint64(shift)) & np.uint64((1 << bits) - 1)).astype(np.int64)
        shift += bits
        order = np.argsort(keys, kind="stable")
        ends = np.cumsum(np.bincount(keys, minlength=1 << bits))
        sorted_keys, behind = keys[order], np.arange(1, len(order) + 1)
        for flip in _flips(bits, distance // len(_BANDS)):
            partner = sorted_keys ^ flip
            starts = np.where(partner > 0, ends[partner - 1], 0)
            # Each pair once: the partner stands behind.
            for at, partners in _ranges(np.maximum(starts, behind), ends[partner]):
                yield order[at], order[partners]


def _flips(bits: int, most: int) -> Iterator[int]:
    """Yields all numbers of so many bits of which at most `most` are set."""
    for count in range(most + 1):
        for places in itertools.combinations(range(bits), count):
            yield sum(1 << place for place in places)


def _ranges(
    begin: NDArray[np.int64], end: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yields, in blocks, each index i with all numbers from begin[i] to before end[i]."""
    sizes = np.maximum(end - begin, 0)
    total = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        done = total[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(total, done + _BLOCK, "right")))
        part = sizes[start:stop]
        if count := int(part.sum()):
            at = np.repeat(np.arange(start, stop), part)
            offset = np.arange(count) - np.repeat(np.cumsum(part) - part, part)
            yield at, begin[at] + offset
        start = stop
