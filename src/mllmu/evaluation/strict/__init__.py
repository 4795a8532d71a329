"""Protocol ``strict``: what it asks, how it words it, and how it reads a letter."""

from mllmu.evaluation.strict.strict import STRICT

__all__ = ["STRICT"]
