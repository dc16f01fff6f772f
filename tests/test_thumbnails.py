"""Pictures of the images of a source, as they are, made outside the dashboard."""

from __future__ import annotations

import zipfile
from pathlib import Path

import cv2
import numpy as np

from pipeline.dataset.sources import open_source
from pipeline.problems import Problem
from pipeline.thumbnails import SIDE_PX, thumbnails


async def test_images_of_an_archive_are_small_and_keep_colour_and_shape(tmp_path: Path) -> None:
    red = np.zeros((50, 400, 3), np.uint8)
    red[:, :, 2] = 255  # OpenCV writes BGR
    gray = np.full((20, 10), 77, np.uint8)
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a/red.png", cv2.imencode(".png", red)[1].tobytes())
        archive.writestr("b/gray.png", cv2.imencode(".png", gray)[1].tobytes())
        archive.writestr("c/[none].png", b"not an image")
    listing = open_source(tmp_path / "two.zip").list()
    wide, small, none = await thumbnails(listing.root, listing.images[:], 1_000_000)
    assert isinstance(wide, np.ndarray) and isinstance(small, np.ndarray)
    assert wide.shape == (12, SIDE_PX, 3) and wide[6, 6].tolist() == [255, 0, 0]
    assert small.shape == (20, 10, 3) and (small == 77).all()
    assert isinstance(none, Problem) and none.params["path"] == "c/[none].png"


async def test_an_image_of_too_many_pixels_is_a_problem_and_no_picture(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    cv2.imwrite(str(tmp_path / "a" / "large.png"), np.zeros((100, 100), np.uint8))
    listing = open_source(tmp_path).list()
    [large] = await thumbnails(listing.root, listing.images[:], 9_999)
    assert isinstance(large, Problem) and large.code == "image.too_large"
