"""The normaliser reads any file or says why not, and brings any ink to one form."""

from __future__ import annotations

import io
import os
import pickle
import random
import struct
import time
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline.images import decode, is_blank, normalize
from pipeline.normalizer import NORMALIZER_VERSION, NormalizerSpec
from pipeline.problems import Problem

GLYPH = NormalizerSpec()
LIMIT = GLYPH.max_pixels
DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"


def brush(side: int = 96, ink: int = 20, paper: int = 235) -> np.ndarray:
    """Draws 术 (a cross, two legs and a dot) with `side` px, uint8 `[side, side]`."""
    big = np.full((960, 960), paper, np.uint8)
    for start, end in (
        ((150, 330), (810, 330)),
        ((480, 120), (480, 860)),
        ((470, 350), (180, 700)),
        ((490, 350), (800, 700)),
        ((640, 170), (720, 240)),
    ):
        cv2.line(big, start, end, ink, 56, cv2.LINE_AA)
    return cv2.resize(big, (side, side), interpolation=cv2.INTER_AREA)


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """Correlation of two pictures, 1 for the same."""
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def problem_of(picture: object, max_pixels: int = LIMIT) -> Problem:
    with pytest.raises(Problem) as caught:
        decode(picture, max_pixels)  # type: ignore[arg-type]
    return caught.value


def test_a_glyph_becomes_strong_ink_on_nothing_with_a_margin() -> None:
    glyph = normalize(brush(), GLYPH)
    assert glyph.shape == (64, 64, 1) and glyph.dtype == np.uint8
    assert glyph.max() == 255 and np.median(glyph) == 0
    rows, columns = np.nonzero(glyph[:, :, 0] > 64)
    assert (rows.min(), rows.max()) == (4, 59)
    assert columns.min() >= 4 and columns.max() <= 59


def test_a_white_on_black_glyph_normalises_like_its_negative() -> None:
    for paper, ink in ((235, 20), (255, 0), (200, 150)):
        page = brush(ink=ink, paper=paper)
        assert np.array_equal(normalize(page, GLYPH), normalize(255 - page, GLYPH))


def test_faint_ink_becomes_as_strong_as_black_ink() -> None:
    faint = normalize(brush(ink=200, paper=228), GLYPH)
    assert faint.max() == 255
    assert likeness(faint, normalize(brush(), GLYPH)) > 0.98


def test_a_shadow_across_the_paper_leaves_no_trace() -> None:
    y, x = np.mgrid[0:192, 0:192] / 191
    even = normalize(brush(192), GLYPH)
    hand = cv2.blur(np.where(x + 0.3 * y < 0.6, 1.0, 0.55), (15, 15))
    for light in (1.0 - 0.65 * x, 1.0 - 0.6 * (x * y), hand):
        shadowed = (brush(192) * light).astype(np.uint8)
        assert likeness(normalize(shadowed, GLYPH), even) > 0.93
        assert likeness(normalize(255 - shadowed, GLYPH), even) > 0.93


def test_noise_of_the_paper_becomes_nothing() -> None:
    noise = np.random.default_rng(0).normal(0, 8, (96, 96))
    noisy = np.clip(brush(paper=215) + noise, 0, 255).astype(np.uint8)
    glyph = normalize(noisy, GLYPH)
    clean = normalize(brush(), GLYPH)
    assert likeness(glyph, clean) > 0.97
    assert np.mean(glyph[clean == 0] > 60) < 0.01


def test_a_few_specks_do_not_move_the_crop_but_a_dot_of_the_character_stays() -> None:
    page = np.full((160, 160), 235, np.uint8)
    page[32:128, 32:128] = brush()
    speckled = page.copy()
    for y, x in ((3, 5), (150, 9), (12, 148), (154, 155)):
        speckled[y : y + 2, x : x + 2] = 30
    assert likeness(normalize(speckled, GLYPH), normalize(page, GLYPH)) > 0.99
    dot = normalize(page, GLYPH)[4:16, 40:56]
    assert dot.max() == 255


def test_the_size_of_the_picture_does_not_matter() -> None:
    reference = normalize(brush(256), GLYPH)
    for side in (40, 64, 96, 500, 1500):
        assert likeness(normalize(brush(side), GLYPH), reference) > 0.94


def test_a_small_character_in_a_large_photo_is_found_and_keeps_its_detail() -> None:
    photo = np.full((1500, 2000), 228, np.uint8)
    photo[700:850, 1200:1350] = brush(150, ink=60, paper=228)
    assert likeness(normalize(photo, GLYPH), normalize(brush(150), GLYPH)) > 0.97


def test_a_tight_frame_and_a_bold_character_keep_their_polarity() -> None:
    frame = np.full((60, 60), 255, np.uint8)
    cv2.rectangle(frame, (2, 2), (57, 57), 0, 6)
    bold = np.full((60, 60), 255, np.uint8)
    cv2.rectangle(bold, (4, 4), (55, 55), 0, -1)
    bold[14:24, 14:46] = bold[34:44, 14:46] = 255
    for page in (frame, bold):
        for picture in (page, 255 - page):
            glyph = normalize(picture, GLYPH)[:, :, 0]
            assert glyph[32, 6] == 255 and glyph[20, 32] == 0


def test_a_blank_picture_gives_zeros_whatever_its_shade_and_noise() -> None:
    generator = np.random.default_rng(1)
    pictures = [np.full((80, 70), shade, np.uint8) for shade in (0, 128, 255)]
    pictures += [generator.normal(200, s, (90, 90)).clip(0, 255).astype(np.uint8) for s in (1, 6)]
    for dark in (70, 120, 180):
        pictures.append(np.tile(np.linspace(dark, 240, 100).astype(np.uint8), (80, 1)))
    pictures.append(np.full((1, 1), 9, np.uint8))
    for picture in pictures:
        glyph = normalize(picture, GLYPH)
        assert glyph.shape == (64, 64, 1) and is_blank(glyph)
    assert not is_blank(normalize(brush(), GLYPH))


def test_pictures_of_any_shape_give_the_asked_shape() -> None:
    for height, width in ((1, 200), (200, 1), (2, 3), (7, 900), (33, 31)):
        page = np.random.default_rng(height).integers(0, 256, (height, width), np.uint8)
        for kind in ("glyph", "photo"):
            for channels in (1, 3):
                spec = NormalizerSpec(kind=kind, channels=channels, size_px=48)
                assert normalize(page, spec).shape == (48, 48, channels)


def test_three_channels_repeat_the_gray_of_a_glyph() -> None:
    glyph = normalize(brush(), NormalizerSpec(channels=3))
    assert np.array_equal(glyph, np.repeat(normalize(brush(), GLYPH), 3, axis=2))


def test_a_photo_keeps_colour_and_aspect_and_repeats_its_edge() -> None:
    photo = np.zeros((40, 80, 3), np.uint8)
    photo[:, :40], photo[:, 40:] = (200, 10, 10), (10, 10, 200)
    out = normalize(photo, NormalizerSpec(kind="photo", channels=3))
    assert out.shape == (64, 64, 3)
    assert tuple(out[0, 0]) == tuple(out[63, 0]) == (200, 10, 10)
    assert tuple(out[32, 63]) == (10, 10, 200)
    gray = normalize(photo, NormalizerSpec(kind="photo", channels=1))
    assert gray.shape == (64, 64, 1) and gray[0, 0, 0] == 67


def test_path_text_bytes_and_pixels_give_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(brush()))
    glyphs = [normalize(p, GLYPH) for p in (path, str(path), path.read_bytes(), brush())]
    assert all(np.array_equal(glyph, glyphs[0]) for glyph in glyphs)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB"])
def test_every_mode_shows_the_same_character(tmp_path: Path, mode: str) -> None:
    page = Image.fromarray(brush())
    suffix = "jpg" if mode in ("CMYK", "YCbCr") else "tif" if mode in ("LAB", "PA") else "png"
    path = tmp_path / f"{mode}.{suffix}"
    if mode == "LAB":
        even = Image.new("L", page.size, 128)
        Image.merge("LAB", [page, even, even]).save(path)
    elif mode == "PA":
        path = path.with_suffix(".gif")
        page.convert("P").save(path, transparency=7)
    else:
        page.convert(mode, dither=Image.Dither.NONE).save(path)
    assert likeness(normalize(path, GLYPH), normalize(brush(), GLYPH)) > 0.95


@pytest.mark.parametrize("low,high", [(0, 65535), (0, 4095), (0, 255), (30000, 31000)])
def test_sixteen_bits_are_scaled_by_the_range_in_use(tmp_path: Path, low: int, high: int) -> None:
    levels = brush(ink=0, paper=255) / 255.0 * (high - low) + low
    path = tmp_path / "deep.png"
    Image.fromarray(levels.astype(np.uint16)).save(path)
    pixels = decode(path, LIMIT)
    assert pixels.dtype == np.uint8
    assert int(pixels.max()) - int(pixels.min()) >= 250
    assert likeness(normalize(path, GLYPH), normalize(brush(ink=0, paper=255), GLYPH)) > 0.99


def test_sixteen_bit_colour_keeps_a_narrow_range(tmp_path: Path) -> None:
    levels = (brush(ink=0, paper=255).astype(np.uint16) * 4)[:, :, None].repeat(3, 2)
    levels[0, 0] = (1020, 0, 0)
    path = tmp_path / "deep.png"
    assert cv2.imwrite(str(path), levels[:, :, ::-1])
    pixels = decode(path, LIMIT)
    assert pixels.shape == (96, 96, 3)
    assert tuple(pixels[0, 0]) == (254, 0, 0) and pixels[5, 5].min() > 250


def test_floats_and_32_bits_are_read(tmp_path: Path) -> None:
    for name, levels in (
        ("unit.tif", (brush() / 255).astype(np.float32)),
        ("byte.tif", brush().astype(np.float32)),
        ("int.tif", brush().astype(np.int32) * 100000),
    ):
        Image.fromarray(levels).save(tmp_path / name)
        assert likeness(normalize(tmp_path / name, GLYPH), normalize(brush(), GLYPH)) > 0.98


def test_transparent_paper_is_white_under_dark_ink_and_black_under_light_ink(
    tmp_path: Path,
) -> None:
    alpha = 255 - brush(ink=0, paper=255)
    for shade, corner in ((0, 255), (255, 0), (230, 0)):
        rgba = np.dstack([np.full((96, 96, 3), shade, np.uint8), alpha])
        path = tmp_path / f"{shade}.png"
        Image.fromarray(rgba).save(path)
        assert tuple(decode(path, LIMIT)[0, 0]) == (corner,) * 3
        assert likeness(normalize(path, GLYPH), normalize(brush(), GLYPH)) > 0.97
    gray = Image.fromarray(np.dstack([np.zeros((96, 96), np.uint8), alpha]))
    gray.save(tmp_path / "la.png")
    palette = Image.fromarray(brush(ink=0, paper=255)).convert("P")
    palette.save(tmp_path / "p.png", transparency=255)
    for name in ("la.png", "p.png"):
        assert likeness(normalize(tmp_path / name, GLYPH), normalize(brush(), GLYPH)) > 0.95


def test_a_turned_camera_picture_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = Image.fromarray(brush()).transpose(Image.Transpose.ROTATE_90)
    for suffix in ("jpg", "png"):
        lying.save(tmp_path / f"turned.{suffix}", exif=exif, quality=95)
        glyph = normalize(tmp_path / f"turned.{suffix}", GLYPH)
        assert likeness(glyph, normalize(brush(), GLYPH)) > 0.95


def test_an_animation_gives_its_first_frame(tmp_path: Path) -> None:
    first, second = Image.fromarray(brush()), Image.new("L", (96, 96), 255)
    first.save(tmp_path / "moving.gif", save_all=True, append_images=[second])
    assert likeness(normalize(tmp_path / "moving.gif", GLYPH), normalize(brush(), GLYPH)) > 0.98


def test_names_in_any_script_and_encoding_are_opened(tmp_path: Path) -> None:
    for name in ("永 字.png".encode(), "永字.png".encode("gbk"), b"back\\slash\nline.png"):
        path = tmp_path / os.fsdecode(name)
        path.write_bytes(png(brush()))
        assert not is_blank(normalize(path, GLYPH))
        assert not is_blank(normalize(str(path), GLYPH))


def test_what_is_no_image_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("永字八法")
    (tmp_path / "empty.png").touch()
    assert problem_of(tmp_path / "none.png").code == "image.missing"
    assert problem_of(tmp_path / "text.png" / "x").code == "image.missing"
    assert problem_of(tmp_path / "empty.png").code == problem_of(b"").code == "image.empty"
    assert problem_of(tmp_path / "text.png").code == "image.unknown"
    assert problem_of(tmp_path).code == "image.unknown"
    assert problem_of("a\0b.png").code in ("image.missing", "image.unknown")
    assert problem_of(b"%!PS-Adobe-3.0 EPSF-3.0").params["path"] == "<bytes>"
    os.mkfifo(tmp_path / "pipe.png")
    assert problem_of(tmp_path / "pipe.png").code == "image.unknown"


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_a_cut_off_file_is_an_error_and_never_half_a_picture(tmp_path: Path, kind: str) -> None:
    rough = np.random.default_rng(0).integers(0, 256, (96, 96), np.uint8) // 4 * 3 + brush() // 8
    file = io.BytesIO()
    Image.fromarray(rough).save(file, kind)
    whole = file.getvalue()
    pixels = decode(whole, LIMIT)
    assert problem_of(whole[: len(whole) // 2]).code == "image.truncated"
    for length in range(1, len(whole), max(1, len(whole) // 150)):
        try:
            assert np.array_equal(decode(whole[:length], LIMIT), pixels), length
        except Problem as problem:
            assert problem.code in ("image.truncated", "image.unknown")


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "PCX"])
def test_damaged_bytes_end_in_a_picture_or_a_problem(kind: str) -> None:
    file = io.BytesIO()
    Image.fromarray(brush(40)).save(file, kind)
    whole = file.getvalue()
    dice = random.Random(kind)
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(dice.randint(1, 6)):
            damaged[dice.randrange(min(len(damaged), 400))] = dice.randrange(256)
        try:
            assert normalize(bytes(damaged), NormalizerSpec(max_pixels=10**6)).shape == (64, 64, 1)
        except Problem as problem:
            assert problem.code.startswith("image.")


def test_a_decompression_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    side = 30_000

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + zlib.crc32(name + data).to_bytes(4, "big")
        )

    packer = zlib.compressobj(1)
    row = bytes(1 + side // 8)
    pixels = b"".join(packer.compress(row * 1000) for _ in range(side // 1000)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    path = tmp_path / "bomb.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )
    start = time.perf_counter()
    problem = problem_of(path)
    assert time.perf_counter() - start < 0.3
    assert problem.code == "image.too_large"
    assert (problem.params["width"], problem.params["max_pixels"]) == (side, LIMIT)


def test_a_large_page_within_the_limit_is_read_without_a_warning(
    recwarn: pytest.WarningsRecorder,
) -> None:
    page = png(np.full((10_000, 10_000), 255, np.uint8))
    assert decode(page, 200_000_000).shape == (10_000, 10_000)
    assert not recwarn.list


def test_wrong_arrays_are_a_programming_error() -> None:
    for array in (np.zeros((4, 4), np.float32), np.zeros((0, 4), np.uint8), np.zeros(4, np.uint8)):
        with pytest.raises(ValueError):
            decode(array, LIMIT)
    with pytest.raises(ValueError):
        decode(np.zeros((4, 4, 4), np.uint8), LIMIT)


def test_a_spec_survives_json_and_refuses_what_it_does_not_know() -> None:
    spec = NormalizerSpec(kind="photo", size_px=96, channels=3)
    assert NormalizerSpec.from_dict(spec.to_dict()) == spec
    for change, code in (
        ({"version": NORMALIZER_VERSION + 1}, "image.normalizer_version"),
        ({"sharpen": 1}, "image.normalizer_invalid"),
        ({"size_px": 0}, "image.normalizer_invalid"),
        ({"size_px": "64"}, "image.normalizer_invalid"),
    ):
        with pytest.raises(Problem) as caught:
            NormalizerSpec.from_dict(spec.to_dict() | change)
        assert caught.value.code == code
        assert pickle.loads(pickle.dumps(caught.value)).params == caught.value.params


@pytest.mark.parametrize(
    "folder,light_ink", [("hwdb-60", False), ("hwdb-3755", True), ("numerals-15", True)]
)
def test_real_handwriting_keeps_its_ink(folder: str, light_ink: bool) -> None:
    if not (DATA / folder).is_dir():
        pytest.skip(f"{DATA / folder} is not here")
    alike = []
    for path in sorted((DATA / folder).glob("*/*.png"))[::40]:
        pixels = decode(path, LIMIT)
        glyph = normalize(path, GLYPH)
        assert not is_blank(glyph) and glyph.mean() < 120, path
        ink = pixels if light_ink else 255 - pixels
        strong = np.where(ink > 0.4 * ink.max(), 255, 0).astype(np.uint8)
        alike.append(likeness(glyph, normalize(strong, GLYPH)))
    assert np.median(alike) > 0.8
