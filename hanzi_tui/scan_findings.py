"""What a source holds and what is wrong with it, in the words of the command and of the screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hanzi_tui.i18n import _, printable
from hanzi_tui.signs import Signs

Weight = Literal["failed", "warning", "done", "note"]
_ORDER: tuple[Weight, ...] = ("failed", "warning", "done", "note")


@dataclass(frozen=True)
class Finding:
    """A sentence with its number, how much it matters, and what shows it.

    Args:
        weight: "done" tells what was looked for and is not there, "note" what is just so.
        rejected: paths that cannot be used, each with the reason.
        sets: paths of images, those that are the same picture together; or folders of a label.
        labels: classes of which it is true.
    """

    weight: Weight
    text: str
    rejected: Sequence[tuple[str, str]] = ()
    sets: Sequence[Sequence[str]] = ()
    labels: Sequence[str] = ()


def findings(found: Mapping[str, Any]) -> list[Finding]:
    """Words what a scan found, the worst first.

    Args:
        found: as of `SourceScan.to_dict`; `pixels` is None where no image was opened.
    """
    pixels = found["pixels"]
    made = [*_rejected(found["rejected"]), *(_of_pixels(pixels) if pixels else ()),
            *_of_labels(found)]  # fmt: skip
    if found["others"]:
        text = _("files that are no images by their names, left out: {count}")
        made.append(Finding("note", text.format(count=found["others"])))
    return sorted(made, key=lambda finding: _ORDER.index(finding.weight))


def sign_of(weight: Weight, signs: Signs) -> str:
    """Returns the sign of a weight, blank for a note."""
    return {"failed": signs.failed, "warning": signs.warning, "done": signs.done}.get(weight, " ")


def facts(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields name and value of what was counted, such as "width" and "64 px"."""
    if found["splits"]:
        yield _("own split"), _counted(found["splits"])
    if sizes := found["groups"].values():
        text = _("{count}; the smallest has {smallest} images, the largest {largest}")
        yield (
            _("groups"),
            text.format(count=len(sizes), smallest=min(sizes), largest=max(sizes)),
        )
    if (pixels := found["pixels"]) is None:
        return
    for name, spread in ((_("width"), pixels["widths"]), (_("height"), pixels["heights"])):
        if spread is not None:
            same = spread["smallest"] == spread["largest"]
            text = "{smallest} px" if same else _("{smallest} to {largest} px, middle {middle} px")
            yield name, text.format(**spread)
    if pixels["modes"]:
        yield _("pixels"), _counted(pixels["modes"])
    words = {"dark on light": _("dark on light"), "light on dark": _("light on dark")}
    if shown := {words[name]: count for name, count in pixels["polarity"].items() if count}:
        yield _("polarity"), _counted(shown)


def _rejected(rejected: Sequence[Mapping[str, str]]) -> Iterator[Finding]:
    if rejected:
        text = _("files that cannot be used: {count}").format(count=len(rejected))
        yield Finding("failed", text, [(entry["path"], entry["reason"]) for entry in rejected])


def _of_pixels(pixels: Mapping[str, Any]) -> Iterator[Finding]:
    if pixels["kind"] == "glyph" and 2 * pixels["coloured"] > pixels["read"]:
        text = _("pictures in colour: {count} of {total}. If they are photos, choose kind photo "
                 "(--kind photo); as ink on paper, dark ones are blank")  # fmt: skip
        yield Finding("warning", text.format(count=pixels["coloured"], total=pixels["read"]))
    if sets := pixels["two_labels"]:
        text = _("pictures under two labels, one of which is wrong: {count}")
        yield Finding("failed", text.format(count=len(sets)), sets=sets)
    for sets, text, none in (
        (pixels["copies"], _("exact copies: {count} images in {sets} sets"),
         _("exact copies: none")),
        (pixels["near"], _("near copies: {count} images in {sets} sets"), _("near copies: none")),
    ):  # fmt: skip
        if sets:
            told = text.format(count=sum(map(len, sets)), sets=len(sets))
            yield Finding("warning", told, sets=sets)
        else:
            yield Finding("done", none)
    if blank := pixels["blank"]:
        text = _("blank images: {count}").format(count=len(blank))
        yield Finding("warning", text, sets=[(path,) for path in blank])
    if all(pixels["polarity"].values()):
        yield Finding("warning", _("both polarities; prepare turns all of them to the same"))
    if pixels["plain"]:
        text = _("too plain to tell a near copy, such as a single stroke: {count} images")
        yield Finding("note", text.format(count=pixels["plain"]))


def _of_labels(found: Mapping[str, Any]) -> Iterator[Finding]:
    classes, long_labels = found["classes"], found["long_labels"]
    single = [label for label, size in classes.items() if size == 1]
    # Where no label is a character, as of traffic signs, they are meant to be longer.
    odd = long_labels if len(long_labels) < len(classes) else ()
    for text, labels in (
        (_("classes of one image, which train and are not tested: {count}"), single),
        (_("classes known from one group only, which train or test: {count}"), found["one_group"]),
        (_("labels that are not one character: {count}"), odd),
    ):
        if labels:
            yield Finding("warning", text.format(count=len(labels)), labels=labels)
    if merged := found["merged"]:
        text = _("labels that several folders spell, taken together: {count}")
        yield Finding("warning", text.format(count=len(merged)), sets=list(merged.values()),
                      labels=list(merged))  # fmt: skip


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{printable(name)} {count}" for name, count in counts.items())
