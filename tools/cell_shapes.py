"""Lines, blocks and braille as exact shapes of a cell: drawn by a font they would not join."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from PIL import Image, ImageDraw

FINE = 4
"""Shapes are drawn so many times larger than they are seen, which smooths arcs and eighths."""

SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}
QUADRANTS = {"▖": "c", "▗": "d", "▘": "a", "▙": "acd", "▚": "ad", "▛": "abc", "▜": "abd",
             "▝": "b", "▞": "bc", "▟": "bcd"}  # fmt: skip
BRAILLE_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
ARMS = {"UP": (0, -1), "DOWN": (0, 1), "LEFT": (-1, 0), "RIGHT": (1, 0)}
ARMS_OF = {"VERTICAL": ("UP", "DOWN"), "HORIZONTAL": ("LEFT", "RIGHT")}
DASHES = {"DOUBLE": 2, "TRIPLE": 3, "QUADRUPLE": 4}

Box = tuple[float, float, float, float]


def shape(character: str, width: int, height: int) -> Image.Image | None:
    """Returns how a line, a block or a braille pattern covers its cell; None for other characters.

    Args:
        character: one character of U+2500 to 259F or U+2800 to 28FF.
        width, height: size of the result, a multiple of `FINE`.

    Returns:
        An "L" image, 255 where the cell is covered.
    """
    code = ord(character)
    if not (0x2500 <= code <= 0x259F or 0x2800 <= code <= 0x28FF):
        return None
    mask = Image.new("L", (width, height))
    if character in SHADES:
        mask.paste(round(255 * SHADES[character]), (0, 0, width, height))
        return mask
    draw = ImageDraw.Draw(mask)
    if code < 0x2580:
        _draw_lines(draw, unicodedata.name(character), width, height)
    elif code >= 0x2800:
        radius = width / 9
        for bit, (column, row) in enumerate(BRAILLE_DOTS):
            if code & 1 << bit:
                x, y = width * (2 * column + 1) / 4, height * (2 * row + 1) / 8
                draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    else:
        for box in _blocks(character):
            _fill(draw, (box[0] * width, box[1] * height, box[2] * width, box[3] * height))
    return mask


def _blocks(character: str) -> list[Box]:
    """Returns the filled parts of a block element, in shares of its cell."""
    code = ord(character)
    if character in QUADRANTS:
        places = {"a": (0, 0), "b": (0.5, 0), "c": (0, 0.5), "d": (0.5, 0.5)}
        chosen = [places[name] for name in QUADRANTS[character]]
        return [(x, y, x + 0.5, y + 0.5) for x, y in chosen]
    if 0x2581 <= code <= 0x2588:
        return [(0, 1 - (code - 0x2580) / 8, 1, 1)]
    if 0x2589 <= code <= 0x258F:
        return [(0, 0, (0x2590 - code) / 8, 1)]
    return [{"▀": (0, 0, 1, 0.5), "▐": (0.5, 0, 1, 1), "▔": (0, 0, 1, 1 / 8),
             "▕": (7 / 8, 0, 1, 1)}[character]]  # fmt: skip


def _draw_lines(draw: ImageDraw.ImageDraw, name: str, width: int, height: int) -> None:
    """Draws what the Unicode name of a box drawing character says."""
    words = name.removeprefix("BOX DRAWINGS ").split()
    thin = FINE * max(1, width // FINE // 8)
    # The middle of the cell, on the grid of the pixels that will be seen.
    x, y = width // 2 // FINE * FINE, height // 2 // FINE * FINE
    if "DIAGONAL" in words:
        down = "LEFT TO LOWER RIGHT" in name or "CROSS" in words
        up = "RIGHT TO LOWER LEFT" in name or "CROSS" in words
        for there, line in ((down, (0, 0, width, height)), (up, (0, height, width, 0))):
            if there:
                draw.line(line, fill=255, width=thin)
        return
    if "ARC" in words:
        radius = min(width - x, height - y)
        right, below = (1 if word in words else -1 for word in ("RIGHT", "DOWN"))
        middle = (x + thin / 2 + right * radius, y + thin / 2 + below * radius)
        outer = radius + thin / 2
        start = {(1, 1): 180, (-1, 1): 270, (-1, -1): 0, (1, -1): 90}[right, below]
        around = (middle[0] - outer, middle[1] - outer, middle[0] + outer, middle[1] + outer)
        draw.arc(around, start, start + 90, fill=255, width=thin)
        edge = height if below > 0 else 0
        _fill(draw, (x, min(middle[1], edge), x + thin, max(middle[1], edge)))
        return
    for arm, weight in _arms(words).items():
        dx, dy = ARMS[arm]
        thick = thin * (3 if weight == "HEAVY" else 1)
        apart = thin if weight == "DOUBLE" else 0
        left, top = x - (thick - thin) // 2, y - (thick - thin) // 2
        for shift in {-apart, apart}:
            if dx:
                start, end = (0, left + thick) if dx < 0 else (left, width)
                _fill(draw, (start, top + shift, end, top + shift + thick))
            else:
                start, end = (0, top + thick) if dy < 0 else (top, height)
                _fill(draw, (left + shift, start, left + shift + thick, end))
    if "DASH" in words:
        count = DASHES[words[words.index("DASH") - 1]]
        upright = "VERTICAL" in words
        size = height if upright else width
        for number in range(count):
            gap = (size * (number + 0.7) / count, size * (number + 1) / count)
            _fill(draw, (0, gap[0], width, gap[1]) if upright else (gap[0], 0, gap[1], height), 0)


def _arms(words: Sequence[str]) -> dict[str, str]:
    """Returns the arms of a line → LIGHT, HEAVY or DOUBLE."""
    arms, weight = {}, "LIGHT"
    groups = " ".join(word for word in words if word != "DASH").replace("SINGLE", "LIGHT")
    for group in groups.split(" AND "):
        weight = next((w for w in group.split() if w in ("LIGHT", "HEAVY", "DOUBLE")), weight)
        for word in group.split():
            for arm in ARMS_OF.get(word, (word,)):
                if arm in ARMS:
                    arms[arm] = weight
    return arms


def _fill(draw: ImageDraw.ImageDraw, box: Box, level: int = 255) -> None:
    left, top, right, bottom = (round(value) for value in box)
    if right > left and bottom > top:
        draw.rectangle((left, top, right - 1, bottom - 1), fill=level)
