"""The starter dataset: characters of open fonts, distorted into something like writing.

The same fonts and library versions give the same bytes; what an image looks like depends on its
character and its number alone.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.augment import Distortion, distort
from starter.fonts import Face, Pixels, glyph, open_faces

CHARACTERS = "人入大太犬土士未末日目田由牛午鸟乌我永春"
"""Eight groups of look-alikes, and three characters of many strokes.

Left out are pairs that these fonts draw alike (己 and 已), and characters that Liu Jian Mao Cao
draws in their traditional form (乾 for 干).
"""

IMAGES = 60
"""Images a character, dealt out to the fonts in turn."""

CANVAS_PX = 128
EM_PX = 88
SEED = 1

HAND = Distortion(
    rotation_deg=10.0,
    shift=0.0,  # the margins, drawn later, place the character
    scale=0.1,
    aspect=0.25,
    shear_deg=14.0,
    elastic=0.06,
    stroke=0.009,
    contrast=0.0,
)
"""How far a hand departs from the font."""

Shares = NDArray[np.float32]

ABOUT = """\
The starter dataset of hanzi-tui
================================

{classes} characters with {images} gray images each, to try the program with: {characters}

characters/LABEL/FONT-NUMBER.png or .jpg is one image of the character LABEL. The file name starts
with the font, so that whole fonts can be kept for a test.

How it was made
---------------
tools/build_starter.py drew the characters with the fonts below, then bent, turned, slanted and
stretched them, made their strokes thicker or thinner, and put them on paper of their own: dark ink
on light or light ink on dark, sharp or soft, evenly lit and clean like a scan or unevenly lit and
noisy like a photo. No handwriting of any person is in it.

Fonts
-----
{fonts}

Licence
-------
The fonts are under the SIL Open Font License 1.1, whose text stands with each font's copyright in
the folder licences. The images are documents made with the fonts, no font software: the licence
says that its terms do not reach such documents. The images come under the licence of hanzi-tui.
"""


def characters_archive(fonts: Path, characters: str) -> bytes:
    """Returns the archive: `characters/LABEL/FONT-NUMBER.*`, licences and ABOUT.txt."""
    faces = open_faces(fonts, EM_PX)
    members = {f"licences/{face.licence.name}": face.licence.read_bytes() for face in faces}
    members["ABOUT.txt"] = ABOUT.format(
        classes=len(characters), images=IMAGES, characters=" ".join(sorted(characters)),
        fonts="\n".join(face.credit for face in faces),
    ).encode()  # fmt: skip
    for character in characters:
        for name, content in images_of(character, faces):
            members[f"characters/{character}/{name}"] = content
    return zipped(members)


def images_of(character: str, faces: list[Face]) -> list[tuple[str, bytes]]:
    """Returns names and contents of a character's image files.

    Raises:
        ValueError: no font has the character.
    """
    able = [face for face in faces if ord(character) in face.covered]
    if not able:
        raise ValueError(f"no font has {character}")
    drawn = [glyph(character, face, CANVAS_PX) for face in able]
    chosen = [number % len(able) for number in range(IMAGES)]
    written = distort(np.stack([drawn[i] for i in chosen])[..., None], HAND, SEED, ord(character))
    files = []
    for number, (i, ink) in enumerate(zip(chosen, written[..., 0], strict=True)):
        suffix, content = picture(ink, np.random.default_rng((SEED, ord(character), number)))
        files.append((f"{able[i].name}-{number:03d}{suffix}", content))
    return files


def picture(ink: Pixels, random: np.random.Generator) -> tuple[str, bytes]:
    """Puts a character, ink 255 on 0, on paper; returns the file's suffix and content.

    Half are like scans: even, clean, PNG. Half are like photos: sloping light, noise, JPEG.
    """
    strokes = penned(placed(ink, random), random)
    light_ink = random.random() < 0.3
    paper, tone = (random.uniform(10, 70), random.uniform(180, 250)) if light_ink else (
        random.uniform(190, 255), random.uniform(10, 90))  # fmt: skip
    gray = paper + (tone - paper) * strokes
    if random.random() < 0.5:
        # Sixteen levels, as scanners for documents give; they make small files.
        return ".png", encoded(np.rint(gray / 17) * 17, "PNG", optimize=True)
    gray *= sloping_light(gray.shape, random)
    gray += random.normal(0, random.uniform(1, 7), gray.shape)
    return ".jpg", encoded(gray, "JPEG", quality=int(random.integers(45, 66)), optimize=True)


def placed(ink: Pixels, random: np.random.Generator) -> Shares:
    """Cuts a character out with margins all its own; float32 0..1, the longer side 60 to 100 px."""
    x, y, width, height = cv2.boundingRect((ink > 40).astype(np.uint8))
    top, bottom, left, right = (max(width, height) * random.uniform(0.03, 0.22, 4)).astype(int)
    cut = cv2.copyMakeBorder(
        ink[y : y + height, x : x + width], top, bottom, left, right, cv2.BORDER_CONSTANT, value=0
    )
    scale = random.integers(60, 101) / max(cut.shape)
    size = (max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[0] * scale)))
    return cv2.resize(cut, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def penned(strokes: Shares, random: np.random.Generator) -> Shares:
    """Gives strokes the uneven ink and the soft or sharp edges of a pen; 0..1."""
    if random.random() < 0.5:
        strokes = cv2.GaussianBlur(strokes, (0, 0), random.uniform(0.4, 1.1))
    else:
        strokes = np.clip((strokes - 0.5) * random.uniform(1, 3) + 0.5, 0, 1)
    flow = random.uniform(-1, 1, (7, 7)).astype(np.float32)
    flow = cv2.resize(flow, strokes.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return strokes * np.clip(1 - random.uniform(0, 0.4) * np.abs(flow), 0, 1)


def sloping_light(shape: tuple[int, ...], random: np.random.Generator) -> Shares:
    """Returns factors about 1, `[H, W]`, that rise by up to a third from one side to the other."""
    angle, slope = random.uniform(0, 2 * np.pi), random.uniform(0, 0.15)
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    return (1 - slope + slope * (np.cos(angle) * x + np.sin(angle) * y)).astype(np.float32)


def encoded(gray: NDArray[np.floating], kind: str, **options: object) -> bytes:
    """Returns the bytes of an image file of gray levels, clipped to 0..255."""
    file = io.BytesIO()
    Image.fromarray(np.clip(np.rint(gray), 0, 255).astype(np.uint8)).save(file, kind, **options)
    return file.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """Returns a zip archive whose bytes depend on the members alone."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name in sorted(members):
            member = zipfile.ZipInfo(name)  # dated 1980-01-01
            member.create_system = 3  # Unix, wherever it is built
            member.external_attr = 0o644 << 16
            packing = zipfile.ZIP_DEFLATED if name.endswith(".txt") else zipfile.ZIP_STORED
            file.writestr(member, members[name], packing)
    return archive.getvalue()
