"""Models that other programs made, turned into bundles; nothing in them is run."""
