"""How fast a source is looked at."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.decoding import decode_all
from benchmarks.rounds import interleaved, seconds
from benchmarks.setup import Setup, characters, main
from benchmarks.table import Budget, Row
from pipeline.dataset.scan import quick_scan, scan
from pipeline.dataset.sources import open_source
from pipeline.processes import usable_cores
from pipeline.settings import DatasetSettings


def rows(setup: Setup) -> Iterator[Row]:
    """Measures a full scan beside decoding the same files in as many processes."""
    folder = setup.folder / "scan"
    pictures = characters(setup.source, folder, setup.images)
    source, settings, processes = open_source(folder), DatasetSettings(), usable_cores()

    def looked_at() -> float:
        taken = seconds(lambda: scan(source, "glyph", settings.max_pixels, processes=processes))
        return len(pictures) / taken

    def decoded() -> float:
        taken = seconds(lambda: decode_all(pictures, settings.max_pixels, processes, niceness=0))
        return len(pictures) / taken

    def counted() -> float:
        return seconds(lambda: quick_scan(source))

    values = interleaved(setup.rounds, {"scan": looked_at, "decode": decoded, "quick": counted})
    yield Row(f"scan {len(pictures):,} images, {processes} processes", "images/s",
              values["scan"], "decode only", values["decode"], Budget("≥", 40, "%"))  # fmt: skip
    yield Row("scan --quick", "s", values["quick"])


if __name__ == "__main__":
    main(rows)
