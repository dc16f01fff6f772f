"""What a check found, the worst first, each with the command that mends it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.style import Style
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from hanzi_tui.facts.fact import severity_sign
from hanzi_tui.facts.verdict import reason
from hanzi_tui.i18n import _, ngettext, printable, worded
from hanzi_tui.signs import UNICODE, Signs

if TYPE_CHECKING:
    from pipeline.environment.findings import Finding

COLOURS = {"error": "$error", "warning": "$warning", "ok": "$success"}


class Findings(OptionList):
    """A list of findings; where some need care, those that do not are one line, which unfolds.

    Args:
        signs: Unicode or ASCII.
        copy: name of the action that copies the fix of the selected finding.
    """

    DEFAULT_CSS = """
    Findings {
        height: 1fr;
        max-height: 100%;
        padding: 0 1 0 0;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
    }
    Findings > .option-list--option-highlighted,
    Findings:focus > .option-list--option-highlighted {
        color: $foreground;
        background: $panel;
        text-style: none;
    }
    Findings:focus > .option-list--option-highlighted {
        text-style: bold;
    }
    """

    def __init__(self, signs: Signs = UNICODE, copy: str = "") -> None:
        super().__init__()
        self._signs = signs
        self._copy = copy
        self._findings: tuple[Finding, ...] = ()
        self._unfolded = False

    @property
    def selected(self) -> Finding | None:
        """The finding the cursor is on; None on the line that unfolds."""
        option = self.highlighted_option
        return self._findings[int(option.id)] if option and option.id else None

    def show(self, findings: Sequence[Finding]) -> None:
        """Shows these findings; the cursor stays on the one it was on."""
        if tuple(findings) != self._findings:
            selected = self.selected
            self._findings = tuple(findings)
            self._fill(selected)

    def on_resize(self) -> None:
        self._fill(self.selected)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if event.option.id is None:
            self._unfolded = not self._unfolded
            self._fill(None)
            self.action_last()

    def _fill(self, selected: Finding | None) -> None:
        bad = [one for one in self._findings if one.severity != "ok"]
        passed = len(self._findings) - len(bad)
        unfolded = self._unfolded or not bad
        shown = self._findings if unfolded else bad
        options = [Option(self._worded(one), id=str(i)) for i, one in enumerate(shown)]
        if bad and passed:
            text = ngettext("{count} check passed", "{count} checks passed", passed)
            told = text.format(count=passed)
            key = _("enter folds them") if unfolded else _("enter lists them")
            parts = ((f"{self._signs.done} ", "$success"), told, (f"   {key}", "$muted"))
            options.append(Option(Content.assemble(*parts)))
        self.set_options(options)
        if options:
            # Another check words the same finding with other numbers.
            code = selected.code if selected else ""
            equal = [i for i, one in enumerate(shown) if one == selected]
            alike = [i for i, one in enumerate(shown) if one.code == code]
            self.highlighted = next(iter(equal + alike), 0)

    def _worded(self, finding: Finding) -> Content:
        """Returns a finding wrapped to the width there is, its lines set in behind the sign."""
        width = max(10, self.scrollable_content_region.width)
        sign = severity_sign(finding.severity, self._signs)
        lead = Content.assemble((f"{sign} ", COLOURS[finding.severity]))
        indent = " " * lead.cell_length
        text = Content(worded(finding.code, finding.params)).wrap(width - len(indent))
        lines = [(lead if not number else Content(indent)) + line.rstrip()
                 for number, line in enumerate(text)]  # fmt: skip
        why = Content.styled(reason(finding), "$muted").wrap(width - len(indent))
        lines += [Content(indent) + line.rstrip() for line in why if line.plain]
        if finding.fix:
            command = Content(printable(finding.fix)).wrap(width - len(indent))
            lines += [Content(indent) + line.rstrip().stylize("$accent") for line in command]
            lines += self._hint(width, lines.pop())
        return Content("\n").join(lines)

    def _hint(self, width: int, last: Content) -> list[Content]:
        """Returns the last line of a fix with its key at the right end, where both fit."""
        hint = f"y {_('copy')}"
        gap = width - last.cell_length - cell_len(hint)
        if gap < 2:
            return [last]
        press = Style.from_meta({"@click": self._copy}) if self._copy else Style()
        return [last + Content(" " * gap) + Content.styled(hint, "$muted").stylize(press)]
