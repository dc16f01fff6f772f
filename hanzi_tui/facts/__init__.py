"""What is known of a machine, in words: the same for `hanzi-tui check` and for the screen."""
