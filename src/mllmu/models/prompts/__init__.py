"""Prompts in a model's own format, and what can be wrong with its chat template."""
