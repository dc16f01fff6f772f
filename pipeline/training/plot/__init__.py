"""Pictures of how trainings went: their curves as SVG, PNG and CSV, drawn from a run's events."""
