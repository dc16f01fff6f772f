"""Names in bytes that do not say their encoding: UTF-8, GBK and Big5 told apart."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

CHINESE = ("gb18030", "big5hkscs")
"""GB 18030 reads all of GBK and GB 2312; the Hong Kong supplement reads all of Big5."""

SHOWN = {"gb18030": "GBK", "big5hkscs": "Big5"}


def encoding_of(names: Iterable[bytes]) -> str:
    """Returns the one encoding in which a set of names was written.

    UTF-8 where all names are; else the Chinese encoding that reads most of the names, and of two
    that read as many, the one whose characters are common ones: the first level of GB 2312 or
    Big5, which a wrong reading leaves about every second time.

    Returns:
        "utf-8", "gb18030" or "big5hkscs".
    """
    foreign = {name for name in names if not name.isascii()}
    if all(is_utf8(name) for name in foreign):
        return "utf-8"
    return max(CHINESE, key=lambda encoding: _likelihood(foreign, encoding))


def decoded(name: bytes, encoding: str) -> str:
    """Returns a name as text; where `encoding` fails, its bytes are surrogate-escaped."""
    try:
        return name.decode(encoding)
    except UnicodeDecodeError:
        return name.decode("utf-8", "surrogateescape")


def is_utf8(name: bytes) -> bool:
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _likelihood(names: Iterable[bytes], encoding: str) -> tuple[int, float]:
    read, common, all_of_them = 0, 0, 1
    for name in names:
        try:
            text = name.decode(encoding)
        except UnicodeDecodeError:
            continue
        read += 1
        foreign = [char for char in text if not char.isascii()]
        common += sum(map(_is_common, foreign))
        all_of_them += len(foreign)
    return read, common / all_of_them


@cache
def _is_common(char: str) -> bool:
    for encoding, first, last in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)):
        try:
            if first <= char.encode(encoding)[0] <= last:
                return True
        except UnicodeEncodeError:
            continue
    return False
