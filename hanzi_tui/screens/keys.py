"""What every key does here, made from the bindings themselves; a click on one presses it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.style import Style

from hanzi_tui.i18n import _
from hanzi_tui.signs import Signs, spelled
from hanzi_tui.widgets.lines import Lines, between, cut

KEY_COLUMNS = 10
INDENT = " " * (KEY_COLUMNS + 2)
LEAST_COLUMNS = 52  # of a column of keys
GAP = 3


@dataclass(frozen=True)
class Key:
    """A key of a group: what it is called, what it does, and by which id it can be another.

    Args:
        key: as it is shown.
        press: as the terminal names it.
    """

    group: str
    key: str
    press: str
    title: str
    about: str
    id: str


class Keys(ModalScreen[str | None]):
    """The keys of a screen, grouped by what they belong to, in as many columns as there is room.

    The result is a key to press on that screen, None for none.

    Args:
        of: the screen.
        signs: Unicode or ASCII.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape,question_mark,q", "dismiss(None)", _("Back"))]

    def __init__(self, of: Screen[Any], signs: Signs) -> None:
        super().__init__()
        self._keys = list(_keys(of, signs))
        self._signs = signs

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="keys"):
            lines = Lines()
            lines.auto_links = False
            yield lines

    def on_mount(self) -> None:
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        lines = self.query_one(Lines)
        width = lines.size.width
        if width:
            hint = _("Other keys: interface.keys in the settings, by the ids at the right.")
            below = [Content(""), *Content.styled(hint, "$muted").wrap(width)]
            lines.show([*_table(self._keys, width, self._signs), *below])


def _keys(of: Screen[Any], signs: Signs) -> Iterator[Key]:
    """Yields the keys that work on a screen now; those of Textual's own widgets have no id."""
    own = getattr(of, "BINDING_GROUP_TITLE", None) or ""
    seen = set()
    for active in of.active_bindings.values():
        binding = active.binding
        if binding.id and binding.id not in seen:
            seen.add(binding.id)
            group = getattr(active.node, "BINDING_GROUP_TITLE", None) or own
            pressed = spelled(of.app.get_key_display(binding), signs)
            title, about = spelled(binding.description, signs), spelled(binding.tooltip, signs)
            yield Key(group, pressed, binding.key, title, about, binding.id)


def _table(keys: Sequence[Key], width: int, signs: Signs) -> list[Content]:
    count = max(1, (width + GAP) // (LEAST_COLUMNS + GAP))
    room = (width + GAP) // count - GAP
    blocks = list(_blocks(keys, room, signs))
    columns = _columns(blocks, count)
    empty = Content("")
    rows = []
    for number in range(max(map(len, columns))):
        cells = [column[number] if number < len(column) else empty for column in columns]
        rows.append(Content("").join(cell.pad_right(room + GAP - cell.cell_length)
                                     for cell in cells))  # fmt: skip
    return rows


def _columns(blocks: Sequence[list[Content]], count: int) -> list[list[Content]]:
    """Sets blocks below each other in columns of about the same height."""
    columns: list[list[Content]] = [[]]
    height = -(-sum(map(len, blocks)) // count)
    for block in blocks:
        if len(columns[-1]) + len(block) / 2 > height and len(columns) < count:
            columns.append([])
        # A blank row above a title separates it from what stands there.
        columns[-1] += block if columns[-1] or block[0] else block[1:]
    return columns


def _blocks(keys: Sequence[Key], width: int, signs: Signs) -> Iterator[list[Content]]:
    """Yields the rows of keys that do the same, those of a group below its title."""
    for title, group in groupby(keys, key=lambda key: key.group):
        above = [Content(""), Content.styled(title, "bold $primary")]
        for about, alike in groupby(group, key=lambda key: key.about):
            named = [_named(key, width, signs) for key in alike]
            told = Content.styled(about, "$muted").wrap(width - len(INDENT))
            yield [*above, *named, *(Content(INDENT) + row for row in told)]
            above = []


def _named(key: Key, width: int, signs: Signs) -> Content:
    """Returns the row of a key: what to press, what it is called, and its id."""
    name = Content.styled(key.id, "$muted")
    pressed = Content.styled(f"{' ' * (KEY_COLUMNS - cell_len(key.key))}{key.key}  ", "bold")
    room = max(0, width - name.cell_length - 1)
    row = between(cut(pressed + key.title, room, signs), name, width)
    return row.stylize(Style.from_meta({"@click": f"screen.dismiss('{key.press}')"}))
