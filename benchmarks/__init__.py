"""How fast the program is, as ratios taken in one run; the last table is in docs/performance.md."""
