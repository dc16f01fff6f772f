"""The work behind hanzi-tui: datasets, training, evaluation and recognition, without a screen."""
