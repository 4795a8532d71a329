"""Checks of a benchmark's content, one module per family; each yields issues with their location."""

from mllmu.benchmark.validation.validator import Validation, validate

__all__ = ["Validation", "validate"]
