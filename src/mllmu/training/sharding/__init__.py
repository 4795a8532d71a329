"""Trainings of which every process holds a piece of the weights (FSDP)."""
