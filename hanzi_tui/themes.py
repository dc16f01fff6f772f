"""Ink on paper, with one seal red: the colours of the dashboard."""

from __future__ import annotations

from textual.theme import Theme

VARIABLES = {"muted": "ansi_bright_black", "rule": "ansi_bright_black"}
"""For themes that do not say: colours that every terminal has."""

INK = Theme(
    name="ink",
    primary="#d9482b",
    secondary="#7d9bb5",
    accent="#b9c7a0",
    warning="#d9a441",
    error="#d9482b",
    success="#5fa777",
    foreground="#e8e3d8",
    background="#16161a",
    surface="#16161a",
    panel="#232227",
    dark=True,
    variables={"muted": "#8a8577", "rule": "#33322e", "footer-key-foreground": "#e8e3d8"},
)
PAPER = Theme(
    name="paper",
    primary="#b8341b",
    secondary="#3d5f7d",
    accent="#5a6b2f",
    warning="#8a5d00",
    error="#b8341b",
    success="#2f7048",
    foreground="#26241f",
    background="#f6f2e9",
    surface="#f6f2e9",
    panel="#e9e3d5",
    dark=False,
    variables={"muted": "#6f6a5c", "rule": "#d5cebd"},
)
CONTRAST = Theme(
    name="contrast",
    primary="#ff6a4d",
    secondary="#66ccff",
    accent="#ffff66",
    warning="#ffcc00",
    error="#ff6a4d",
    success="#66ff99",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    dark=True,
    variables={"muted": "#d0d0d0", "rule": "#8a8a8a"},
)
THEMES = (INK, PAPER, CONTRAST)
NAMES = {"ink": "ink", "paper": "paper", "contrast": "contrast", "ansi": "ansi-dark"}
"""Setting `interface.theme` → name of the theme."""
