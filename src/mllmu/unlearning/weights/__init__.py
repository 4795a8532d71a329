"""Weights one by one: which matter, which may learn, and arithmetic on what a training adds to them."""
