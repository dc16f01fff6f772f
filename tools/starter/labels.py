"""Which characters the starter knows."""

from __future__ import annotations

from collections.abc import Iterable


def starter_labels(drawable: Iterable[int]) -> tuple[str, ...]:
    """Returns GB2312 levels 1 and 2, and of Big5 level 1 what is in `drawable`, by code point.

    Args:
        drawable: code points that the font with the most characters has.
    """
    simplified = _characters("gb2312", range(0xB0, 0xF8), range(0xA1, 0xFF))
    trails = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    there = set(drawable)
    traditional = _characters("big5", range(0xA4, 0xC7), trails)
    return tuple(sorted(simplified | {c for c in traditional if ord(c) in there}))


def _characters(codec: str, leads: Iterable[int], trails: Iterable[int]) -> set[str]:
    codes = (bytes((lead, trail)) for lead in leads for trail in trails)
    decoded = {code.decode(codec, "ignore") for code in codes}
    return {text for text in decoded if len(text) == 1 and "一" <= text <= "鿿"}
