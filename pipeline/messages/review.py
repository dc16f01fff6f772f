"""English texts about a review list."""

from __future__ import annotations

MESSAGES = {
    "review.unreadable": "{path}: the review list cannot be read ({detail}).",
    "review.bad_line": (
        "{path}, line {line}: {detail}. A review list is a CSV table of path, label, action (drop "
        "or relabel) and new_label."
    ),
    "review.dropped": "{path}: left out by the review list.",
    "review.followed": (
        "Of the review list {dropped} images are left out and {relabelled} relabelled; {idle} "
        "marks fit no image of the source any more."
    ),
}
