"""The parts of the page that say how it came about: dataset, model, settings, versions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from hanzi_tui.i18n import _
from hanzi_tui.report.findings import Findings
from hanzi_tui.report.markup import Markup, element, joined
from hanzi_tui.report.section import Section, section

Facts = Mapping[str, Any]

PATTERNS = frozenset({"group"})
"""Settings that look like paths and are none."""


def background(findings: Findings) -> Section:
    """Returns what somebody needs who wants to do it again; no path leads into the machine."""
    said, model = findings.summary, findings.model or {}
    return section("background", _("How it came about"), element(
        "div",
        _facts(_("Dataset"), _dataset(findings)),
        _facts(_("Model"), _model(findings)),
        _facts(_("Settings of the evaluation"), said.get("settings", {})),
        _facts(_("Versions"), findings.versions),
        _facts(_("Settings of the training"), model.get("settings", {})),
        class_="columns",
    ))  # fmt: skip


def _dataset(findings: Findings) -> Facts:
    said, dataset = findings.summary, findings.dataset
    if dataset is None:
        source = said.get("source")
        return {_("name"): PurePath(source).name if source else said["dataset"]}
    origin = dataset["origin"]
    rest = {key: value for key, value in origin.items()
            if key not in ("source", "files", "labels", "images")}  # fmt: skip
    return {
        _("name"): said["dataset"],
        _("source"): PurePath(origin["source"]).name,
        _("classes"): f"{dataset['classes']:,}",
        _("images"): ", ".join(f"{name} {count:,}" for name, count in dataset["counts"].items()),
        _("rejected"): f"{dataset['rejected']:,}",
        _("content hash"): dataset["content_hash"],
        **rest,
    }  # fmt: skip


def _model(findings: Findings) -> Facts:
    said, model = findings.summary, findings.model
    checkpoint = said.get("checkpoint") or {}
    training = findings.training.id if findings.training else ""
    facts = {_("name"): said["model"], _("training"): training,
             _("epoch"): checkpoint.get("epoch", "")}  # fmt: skip
    if model is None:
        return facts
    return {
        **facts,
        _("network"): model["model"],
        _("parameters"): f"{model['parameters']:,}",
        _("classes"): f"{model['classes']:,}",
        _("input"): " × ".join(map(str, model["input"]["shape"])),
        _("trained on"): model["dataset"],
        _("written"): model["created"],
        **{key: f"{value:.4f}" for key, value in model["metrics"].items()},
    }


def _facts(title: str, facts: Facts) -> Markup:
    rows = [(name, str(value) if name in PATTERNS else _plain(value))
            for name, value in facts.items()]  # fmt: skip
    shown = [element("tr", element("th", name, scope="row"), element("td", value))
             for name, value in rows if value]  # fmt: skip
    if not shown:
        return joined()
    body = element("table", element("tbody", *shown), class_="facts")
    return element("div", element("h3", title), body)


def _plain(value: object) -> str:
    """Returns a value as text; of a path of the machine, the name alone."""
    if isinstance(value, str) and PurePath(value).is_absolute():
        return PurePath(value).name
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_plain(each)}" for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_plain, value))
    return "" if value is None else str(value)
