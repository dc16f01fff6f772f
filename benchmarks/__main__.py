"""All benchmarks, one after the other: `python -m benchmarks`."""

from __future__ import annotations

from benchmarks import dashboard, dataset, start, training
from benchmarks.setup import main

if __name__ == "__main__":
    main(start.rows, dashboard.rows, dataset.rows, training.rows)
