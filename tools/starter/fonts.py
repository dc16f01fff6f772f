"""The open fonts everything is drawn from, and their licences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

FONTS = (
    ("LXGWWenKai-Regular.ttf", "copyright-lxgw-wenkai.txt"),
    ("LiuJianMaoCao-merged.ttf", "OFL-liu-jian-mao-cao.txt"),
    ("LongCang-merged.ttf", "OFL-long-cang.txt"),
    ("MaShanZheng-merged.ttf", "OFL-ma-shan-zheng.txt"),
    ("ZhiMangXing-merged.ttf", "OFL-zhi-mang-xing.txt"),
)
"""Files of each font and of its licence, which is the SIL Open Font License for all."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Face:
    """A font ready to draw: `name` starts its images' file names, `covered` are its characters."""

    name: str
    licence: Path
    credit: str
    covered: frozenset[int]
    drawn: ImageFont.FreeTypeFont


def open_faces(fonts: Path, em_px: int) -> list[Face]:
    """Opens all fonts of the folder `fonts` for drawing at `em_px`."""
    return [_open_face(fonts / file, fonts / licence, em_px) for file, licence in FONTS]


def _open_face(font: Path, licence: Path, em_px: int) -> Face:
    """Opens a font; its credit is what the file itself says of its name, version and author."""
    with TTFont(font, lazy=True) as tables:
        family, version, author = (tables["name"].getDebugName(field) for field in (1, 5, 0))
        covered = frozenset(tables.getBestCmap())
    authors = "\n".join(f"  {line.strip()}" for line in author.splitlines())
    credit = f"{family}, {version} (licences/{licence.name})\n{authors}"
    name = font.stem.split("-")[0]
    return Face(name, licence, credit, covered, ImageFont.truetype(str(font), em_px))


def glyph(character: str, face: Face, canvas_px: int) -> Pixels:
    """Draws a character in the middle, uint8 `[canvas_px, canvas_px]`, ink 255 on 0."""
    canvas = Image.new("L", (canvas_px, canvas_px))
    left, top, right, bottom = face.drawn.getbbox(character)
    place = ((canvas_px - left - right) / 2, (canvas_px - top - bottom) / 2)
    ImageDraw.Draw(canvas).text(place, character, fill=255, font=face.drawn)
    return np.asarray(canvas)
