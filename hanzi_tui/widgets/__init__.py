"""What screens are made of: each takes plain values, knows no run and touches no file."""
