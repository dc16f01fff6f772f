"""How good a bundle is, and where it fails."""
