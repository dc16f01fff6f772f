"""A part of the page, which the contents link to."""

from __future__ import annotations

from dataclasses import dataclass

from hanzi_tui.report.markup import Markup, element, joined


@dataclass(frozen=True)
class Section:
    """A titled part; `name` is its anchor."""

    name: str
    title: str
    content: Markup

    @property
    def html(self) -> Markup:
        return element("section", element("h2", self.title), self.content, id=self.name)

    @property
    def link(self) -> Markup:
        return element("a", self.title, href=f"#{self.name}")


def section(name: str, title: str, *content: str) -> Section:
    """Returns a part of the page from text, which is escaped, and markup."""
    return Section(name, title, joined(*content))
