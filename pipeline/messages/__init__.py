"""English texts by their codes, of rooms that have more than fit into `pipeline.problems`."""
