"""What a finished network is made of: its layers, their costs, and a drawing of them."""
