"""What is known of the machine, as a tree that keeps its folds while facts come in."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from hanzi_tui.facts.fact import Fact, severity_sign
from hanzi_tui.i18n import printable
from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.widgets.lines import shortened


class FactsTree(Tree[Fact]):
    """Facts by section; names to the left, values in a column of their own.

    Args:
        signs: Unicode or ASCII.
    """

    COMPONENT_CLASSES = {"facts--name", "facts--error", "facts--warning", "facts--ok"}
    DEFAULT_CSS = """
    FactsTree {
        height: 1fr;
        scrollbar-size-horizontal: 0;
        scrollbar-gutter: stable;
        & > .facts--name { color: $muted; }
        & > .facts--error { color: $error; }
        & > .facts--warning { color: $warning; }
        & > .facts--ok { color: $success; }
        & > .tree--cursor { background: $background; color: $foreground; text-style: none; }
        &:focus > .tree--cursor { background: $panel; color: $foreground; text-style: bold; }
        & > .tree--highlight-line { background: $panel; }
    }
    """
    ICON_NODE = "▸ "
    ICON_NODE_EXPANDED = "▾ "

    def __init__(self, signs: Signs = UNICODE) -> None:
        super().__init__("")
        self._signs = signs
        if signs == ASCII:
            self.ICON_NODE, self.ICON_NODE_EXPANDED = "+ ", "- "
        self.show_root = False
        self.show_guides = False
        self.guide_depth = 2

    def show(self, sections: Iterable[Fact]) -> None:
        """Shows the sections; those that are as they were are left alone."""
        self._fill(self.root, list(sections))

    @property
    def selected(self) -> Fact | None:
        """The fact the cursor is on."""
        return self.cursor_node.data if self.cursor_node else None

    def on_resize(self) -> None:
        # What is cut depends on the width, which the lines that are kept do not know.
        self._invalidate()

    def render_label(self, node: TreeNode[Fact], base_style: Style, style: Style) -> Text:
        """Draws sign, name and value; the names of one parent's children are equally wide.

        What does not fit is cut, so that the values never move sideways.
        """
        fact = node.data
        if fact is None:
            return super().render_label(node, base_style, style)
        siblings = node.parent.children if node.parent else ()
        room = self._room(node)
        names = max((cell_len(one.data.name) for one in siblings if one.data), default=0)
        names = min(names, room // 2)
        icon = self.ICON_NODE_EXPANDED if node.is_expanded else self.ICON_NODE
        blank = "  " if any(one.allow_expand for one in siblings) else ""
        sign = severity_sign(fact.severity, self._signs)
        sign = f"{sign} " if sign else ""
        lead = icon if node.allow_expand else blank
        name = shortened(printable(fact.name), names, self._signs)
        left = room - cell_len(lead) - names - 2 - cell_len(sign)
        value = shortened(printable(fact.value), max(0, left), self._signs)
        kind = "facts--name" if node.parent is not self.root else ""
        return Text.assemble(
            (lead, base_style + style),
            (name + " " * (names - cell_len(name) + 2), self._styled(kind, base_style + style)),
            (sign, self._styled(f"facts--{fact.severity}", style)),
            (value, base_style + style),
        )

    def _room(self, node: TreeNode[Fact]) -> int:
        """Returns the cells that a node has for itself, behind its indent."""
        indent, above = 0, node.parent
        while above is not None and above is not self.root:
            indent, above = indent + self.guide_depth, above.parent
        return max(0, self.scrollable_content_region.width - indent)

    def _styled(self, kind: str, style: Style) -> Style:
        if kind not in self.COMPONENT_CLASSES:
            return style
        return style + Style(color=self.get_component_rich_style(kind).color)

    def _fill(self, parent: TreeNode[Fact], facts: list[Fact]) -> None:
        nodes = list(parent.children)
        if [node.data.name for node in nodes if node.data] != [fact.name for fact in facts]:
            parent.remove_children()
            nodes = [parent.add("", allow_expand=False) for _fact in facts]
        for node, fact in zip(nodes, facts, strict=True):
            before, node.data = node.data, fact
            if before == fact:
                continue
            node.allow_expand = bool(fact.details)
            if fact.unfolded and not (before and before.unfolded):
                node.expand()
            self._fill(node, list(fact.details))
            self._invalidate()
