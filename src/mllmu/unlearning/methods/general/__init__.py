"""Losses that were published for language models and classifiers."""
