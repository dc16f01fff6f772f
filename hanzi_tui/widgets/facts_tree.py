"""What is known of the machine, as a tree that keeps its folds while facts come in."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from hanzi_tui.facts import Fact, severity_sign
from hanzi_tui.i18n import printable
from hanzi_tui.signs import ASCII, UNICODE, Signs


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

    def render_label(self, node: TreeNode[Fact], base_style: Style, style: Style) -> Text:
        """Draws sign, name and value; the names of one parent's children are equally wide."""
        fact = node.data
        if fact is None:
            return super().render_label(node, base_style, style)
        siblings = node.parent.children if node.parent else ()
        width = max((cell_len(one.data.name) for one in siblings if one.data), default=0)
        icon = self.ICON_NODE_EXPANDED if node.is_expanded else self.ICON_NODE
        blank = "  " if any(one.allow_expand for one in siblings) else ""
        sign = severity_sign(fact.severity, self._signs)
        name = printable(fact.name)
        kind = "facts--name" if node.parent is not self.root else ""
        return Text.assemble(
            (icon if node.allow_expand else blank, base_style + style),
            (name + " " * (width - cell_len(name) + 2), self._styled(kind, base_style + style)),
            (f"{sign} " if sign else "", self._styled(f"facts--{fact.severity}", style)),
            (printable(fact.value), base_style + style),
        )

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
