"""Samples of a batch that show one picture, computed behind one copy of it."""
