"""Losses that were published for models of several modalities."""
