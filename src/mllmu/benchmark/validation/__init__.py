"""Is a benchmark sound? One file per family of checks; each gives findings with the place they stand at."""

from mllmu.benchmark.validation.validate import Validation, validate

__all__ = ["Validation", "validate"]
