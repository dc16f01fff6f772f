"""The settings of the distortions of training images."""

from __future__ import annotations

from pipeline.settings.declare import Section, setting


class AugmentSettings(Section):
    """Random distortions of the training images, drawn anew at each step.

    Each value is the most that may happen; 0 switches it off.
    """

    enabled: bool = setting(True, "Distort training images")
    rotation_deg: float = setting(8.0, "Turn, to either side", unit="degrees", ge=0, le=180)
    shift: float = setting(0.05, "Shift along each axis", unit="fraction of the side", ge=0, le=0.5)
    scale: float = setting(0.12, "Larger or smaller", unit="fraction", ge=0, lt=1)
    aspect: float = setting(0.12, "Wider or taller", unit="fraction", ge=0, lt=1)
    shear_deg: float = setting(8.0, "Slant of the upright strokes", unit="degrees", ge=0, lt=90)
    elastic: float = setting(
        0.06, "Bending moves a point this far", unit="fraction of the side", ge=0, le=0.12
    )
    stroke: float = setting(
        0.006, "Strokes thicker or thinner at each side", unit="fraction of the side", ge=0, le=0.05
    )
    contrast: float = setting(
        0.2, "More or less contrast", unit="fraction", ge=0, lt=1, advanced=True
    )
    brightness: float = setting(
        0.0, "Lighter or darker", unit="fraction of full scale", ge=0, lt=1, advanced=True
    )
    ink_noise: float = setting(
        0.0, "Gaps in the ink of glyphs, and specks beside it", unit="fraction of the ink",
        ge=0, le=0.5, advanced=True,
    )  # fmt: skip
    noise: float = setting(
        0.0, "Noise of photos, standard deviation", unit="fraction of full scale", ge=0, le=0.5,
        advanced=True,
    )  # fmt: skip
    erase: float = setting(
        0.0, "An erased rectangle", unit="fraction of the area", ge=0, le=0.5, advanced=True
    )
    mirror: bool = setting(
        False, "Mirror every other photo; only where no label turns into another, never glyphs",
        advanced=True,
    )  # fmt: skip
