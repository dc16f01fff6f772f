"""A model as other programs take it: one folder with the network, how to ask it, and its labels."""
