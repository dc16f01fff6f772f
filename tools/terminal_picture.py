"""A picture of a terminal's rows, drawn cell by cell as a terminal does.

Lines, blocks and braille are drawn as geometry, so that they join; letters come from fonts. A wide
character takes two cells, whatever the font makes of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from html import escape, unescape
from itertools import groupby
from pathlib import Path

from cell_shapes import FINE, shape
from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len
from rich.color import Color, blend_rgb
from rich.color_triplet import ColorTriplet
from rich.style import Style
from rich.terminal_theme import SVG_EXPORT_THEME
from textual.strip import Strip

CELL_PX = (10, 20)
"""Width and height of a cell: two square pixels of half blocks."""

DIM = 0.5
BOLD_PX = 0.35  # a letter is drawn twice, so far to the left and to the right
WIDE_SHARE = 0.94  # of two cells, for a character as wide as it is high
CHINESE_FONTS = "Noto Sans Mono CJK SC, Sarasa Mono SC, Source Han Mono, Microsoft YaHei, SimHei"
MISSING = "\uffff"  # no font draws it, so it shows what a font draws for what it has not


class Letters:
    """Draws characters into cells.

    Args:
        fonts: font files; the first that has a character draws it. Without any, Pillow's own is
            used, which has no Chinese.
        cell_px: width and height of a cell.
    """

    def __init__(self, fonts: Sequence[Path] = (), cell_px: tuple[int, int] = CELL_PX) -> None:
        self.cell_px = cell_px
        self._fonts = [self._sized(font) for font in fonts or (None,)]
        self.mask = lru_cache(maxsize=None)(self._mask)

    def _sized(self, file: Path | None) -> tuple[ImageFont.FreeTypeFont, ImageFont.FreeTypeFont]:
        """Returns a font twice: for characters of one cell and of two."""
        width, height = self.cell_px
        probe = _opened(file, 100)
        ascent, descent = probe.getmetrics()
        narrow = min(100 * width / probe.getlength("0"), 100 * height / (ascent + descent))
        return _opened(file, narrow), _opened(file, 2 * width * WIDE_SHARE)

    def has(self, character: str) -> bool:
        """Says whether any of the fonts draws the character."""
        return any(_has(narrow, character) for narrow, _wide in self._fonts)

    def _mask(self, character: str, cells: int, bold: bool = False) -> Image.Image:
        """Returns how much of each pixel a character covers, "L", as large as its cells."""
        width, height = cells * self.cell_px[0], self.cell_px[1]
        drawn = shape(character, width * FINE, height * FINE)
        if drawn is not None:
            return drawn.reduce(FINE)
        narrow, wide = next((both for both in self._fonts if _has(both[0], character)),
                            self._fonts[0])  # fmt: skip
        font = narrow if cells == 1 else wide
        room = max(width, int(font.getlength(character)) + 1)
        mask = Image.new("L", (room, height))
        draw = ImageDraw.Draw(mask)
        ascent, descent = font.getmetrics()
        baseline = round((height - ascent - descent) / 2 + ascent)
        for shift in (-BOLD_PX, BOLD_PX) if bold else (0.0,):
            draw.text((room / 2 + shift, baseline), character, fill=255, font=font, anchor="ms")
        # Only a font whose letters differ in width has some that are too wide.
        return mask if room == width else mask.resize((width, height))


def picture(
    rows: Iterable[Strip], letters: Letters, foreground: str = "#e8e3d8",
    background: str = "#16161a",
) -> Image.Image:  # fmt: skip
    """Draws rows of cells.

    Args:
        rows: one strip a row, all of one width.
        letters: the fonts, and the size of a cell.
        foreground, background: what is drawn where a style names no colour.

    Returns:
        An RGB image of columns x rows cells.
    """
    strips = list(rows)
    width, height = letters.cell_px
    columns = max((strip.cell_length for strip in strips), default=0)
    image = Image.new("RGB", (columns * width, len(strips) * height), background)
    draw = ImageDraw.Draw(image)
    for row, strip in enumerate(strips):
        top, column = row * height, 0
        for text, style, control in strip:
            if control:
                continue
            style = style or Style()
            front, back = _colours(style, foreground, background)
            end = column + cell_len(text)
            span = (column * width, top, end * width - 1, top + height - 1)
            if end > column:
                draw.rectangle(span, fill=back)
            for character in text:
                cells = cell_len(character)
                # A combining mark goes onto the character before it.
                left, covered = (column, cells) if cells else (max(0, column - 1), 1)
                if not character.isspace():
                    mask = letters.mask(character, covered, bool(style.bold))
                    image.paste(front, (left * width, top), mask)
                column += cells
            for there, y in (
                (style.underline, top + height - 2),
                (style.strike, top + height // 2),
            ):
                if there:
                    draw.line((span[0], y, span[2], y), fill=front)
            column = end
    return image


def fitted_svg(svg: str, cell_px: float = 12.2) -> str:
    """Names Chinese fonts in an SVG that Textual exported and holds each character to its cells.

    Rich gives a text as many cells as it has characters, which squeezes wide ones; so each run of
    characters of one width becomes a text of its own.
    """
    svg = svg.replace("font-family: Fira Code, monospace;",
                      f"font-family: Fira Code, {CHINESE_FONTS}, monospace;")  # fmt: skip
    # It would draw Latin letters two cells wide in fonts that can.
    svg = svg.replace("font-variant-east-asian: full-width;", "")

    def split(found: re.Match[str]) -> str:
        before, x, between, after, content = found.groups()
        place, texts = float(x), []
        for _cells, run in groupby(unescape(content).replace("\xa0", " "), cell_len):
            text = "".join(run)
            length = cell_len(text) * cell_px
            if not text.isspace():
                shown = escape(text).replace(" ", "&#160;")
                texts.append(f'{before}x="{place:g}"{between}textLength="{length:g}"{after}>'
                             f"{shown}</text>")  # fmt: skip
            place += length
        return "".join(texts)

    pattern = r'(<text [^>]*?)\bx="([^"]*)"([^>]*?)textLength="[^"]*"([^>]*)>([^<]*)</text>'
    return re.sub(pattern, split, svg)


def contact_sheet(images: Sequence[tuple[str, Image.Image]], width_px: int = 600) -> Image.Image:
    """Draws images small, three in a row, each with its name below it."""
    name_px, gap_px, across = 24, 12, 3
    small = [(name, image.resize((width_px, round(image.height * width_px / image.width))))
             for name, image in images]  # fmt: skip
    rows = [small[first : first + across] for first in range(0, len(small), across)]
    heights = [max(image.height for _name, image in row) + name_px + gap_px for row in rows]
    sheet = Image.new("RGB", (across * (width_px + gap_px) + gap_px, sum(heights) + gap_px), "gray")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(16)
    top = gap_px
    for row, height in zip(rows, heights, strict=True):
        for number, (name, image) in enumerate(row):
            left = gap_px + number * (width_px + gap_px)
            sheet.paste(image, (left, top))
            draw.text((left, top + image.height + 2), name, fill="white", font=font)
        top += height
    return sheet


def _opened(file: Path | None, size_px: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size_px) if file is None else ImageFont.truetype(file, size_px)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise SystemExit("This Pillow was built without FreeType, which draws the letters.")
    return font


@cache
def _has(font: ImageFont.FreeTypeFont, character: str) -> bool:
    missing, there = font.getmask(MISSING), font.getmask(character)
    return (there.size, bytes(there)) != (missing.size, bytes(missing))


@lru_cache(maxsize=4096)
def _colours(style: Style, foreground: str, background: str) -> tuple[str, str]:
    """Returns what a style draws with and on, "#rrggbb"."""
    front, back = (
        Color.parse(default).get_truecolor() if colour is None or colour.is_default
        else colour.get_truecolor(SVG_EXPORT_THEME)
        for colour, default in ((style.color, foreground), (style.bgcolor, background))
    )  # fmt: skip
    if style.reverse:
        front, back = back, front
    if style.dim:
        front = ColorTriplet(*blend_rgb(front, back, DIM))
    return front.hex, back.hex
