"""Is a benchmark sound? One file per family of checks; each gives issues with the location they stand at."""

from mllmu.benchmark.validation.validator import Validation, validate

__all__ = ["Validation", "validate"]
