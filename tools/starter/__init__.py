"""What the package carries on day one, made from open fonts: a small dataset and a recogniser."""
