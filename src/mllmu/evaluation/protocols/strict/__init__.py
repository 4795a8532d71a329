"""Protocol ``strict``: what it asks, how it words it, and how it reads a letter."""

from mllmu.evaluation.protocols.strict.strict_protocol import STRICT

__all__ = ["STRICT"]
