"""English texts about splitting a dataset, and about what a split leaks."""

from __future__ import annotations

MESSAGES = {
    "settings.bad_pattern": (
        "{pattern} is not a regular expression ({detail}). "
        "_(w[0-9]+)_ would take the writer from file names such as 一_w017_3.png."
    ),
    "split.no_group.one": (
        "{count} image does not fit the group pattern {pattern}: {names}. "
        "Widen the pattern, or take it out of the source."
    ),
    "split.no_group": (
        "{count} images do not fit the group pattern {pattern}: {names}. "
        "Widen the pattern, or take these images out of the source."
    ),
    "split.proved": (
        "Leakage 0: counted among all {count} images after they were split, on two sides stand "
        "{copies} copies, {near} near copies, {groups} groups (-: not looked for)."
    ),
    "split.leaks": (
        "LEAKAGE: of the images of validation and test {copies} have an exact copy in another "
        "split and {near} a near copy, and {groups} groups stand in several splits. Results on "
        "them will be too good."
    ),
    "split.tied": (
        "{count} of {total} images ({groups} groups) are tied into one set that is not divided, "
        "by copies and near copies. A smaller near_duplicates ties less, 0 exact copies only."
    ),
    "split.shares": (
        "{train} % of the images train, {validation} % validate and {test} % test: whole groups "
        "and small classes allow nothing nearer to what was wished."
    ),
    "split.not_trained.one": (
        "{count} class has no training image, so it cannot be learned: {names}"
    ),
    "split.not_trained": (
        "{count} classes have no training image, so they cannot be learned: {names}"
    ),
    "split.one_group.one": (
        "{count} class is known from one group only, so it trains or tests, never both: {names}"
    ),
    "split.one_group": (
        "{count} classes are known from one group only, so they train or test, never both: {names}"
    ),
    "split_file.unreadable": "{path}: the split cannot be read ({detail}).",
    "split_file.bad_line": (
        "{path}, line {line}: {detail}. A split is a CSV table of path, label and split, as "
        "split.csv of a prepared dataset."
    ),
    "split_file.not_in_it": (
        "{path} does not say where {count} of the images belong: {names}. Add them to it, take "
        "them out of the source, or split anew."
    ),
    "split_file.other_label": (
        "{path} knows {count} of the images by another label: {names}. Correct the label in it, "
        "or split anew."
    ),
    "split_file.gone": (
        "{count} images of the reused split are not in the source any more: {names}"
    ),
}  # fmt: skip
