"""The page: one file that asks nothing of any network, to be read in any browser and printed."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
from importlib.resources import files

from hanzi_tui.i18n import _, language
from hanzi_tui.report import background, figures, sections
from hanzi_tui.report.evidence import evidence
from hanzi_tui.report.findings import Findings
from hanzi_tui.report.markup import Markup, element, joined

SCRIPTS = ("matrix.js", "moves.js", "tables.js")


def page(findings: Findings) -> bytes:
    """Returns the report as HTML, in the user's language.

    Its policy forbids every request and every script but those of this package.
    """
    shown = evidence(findings.results, findings.pixels)
    found = (
        sections.matrix(findings, shown), sections.pairs(findings, shown),
        sections.worst(findings, shown), figures.sureness(findings), figures.shares(findings),
        figures.course(findings), sections.classes(findings, shown),
        background.background(findings),
    )  # fmt: skip
    parts = [part for part in found if part is not None]
    body = joined(
        element("header", figures.headline(findings), element("nav", *(p.link for p in parts))),
        element("main", *(part.html for part in parts)),
        element("footer", element("p", _made(findings))),
        *(element("script", Markup(_own(name))) for name in SCRIPTS),
    )
    sheets = (sheet.style for sheet in (shown.glyphs, shown.samples) if sheet is not None)
    head = joined(
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">'),
        element("title", f"{findings.judged} · {findings.summary['model']}"),
        element("style", Markup(_own("report.css")), *sheets),
    )
    html = element("html", element("head", head), element("body", body), lang=language())
    return f"<!doctype html>\n{html}\n".encode("utf-8", "replace")


def _made(findings: Findings) -> str:
    version = importlib.metadata.version("hanzi-tui")
    made = _(
        "Evaluation {run}, {date}. Made by hanzi-tui {version}. "
        "This file asks nothing of any network."
    )
    return made.format(run=findings.results.path.name, version=version,
                       date=findings.summary.get("created", "").replace("T", " "))  # fmt: skip


def _policy() -> str:
    digests = (hashlib.sha256(_own(name).encode()).digest() for name in SCRIPTS)
    scripts = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {scripts}; "
            f"base-uri 'none'; form-action 'none'")  # fmt: skip


def _own(name: str) -> str:
    return (files("hanzi_tui.report") / name).read_text("utf-8")
