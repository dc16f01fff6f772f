"""All benchmarks, one after the other: `python -m benchmarks`."""

from __future__ import annotations

from benchmarks import (
    dashboard,
    evaluation,
    matrix,
    meters,
    million,
    prepare,
    recognition,
    scan,
    start,
    training_rate,
)
from benchmarks.setup import main

if __name__ == "__main__":
    main(
        start.rows,
        recognition.rows,
        dashboard.rows,
        meters.rows,
        scan.rows,
        prepare.rows,
        million.rows,
        training_rate.rows,
        evaluation.rows,
        matrix.rows,
    )
