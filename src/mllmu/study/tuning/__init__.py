"""Choosing a method's settings on fictitious people who are not scored; celebrities are always the same."""
