"""Computes whatever prompts have in common, images included, once instead of once per request.

`SharedPrefixes` does it; `sharing_engine` makes one for a model, or None if the model does not support it.
"""

from mllmu.inference.prefix_sharing.compatibility_check import sharing_engine
from mllmu.inference.prefix_sharing.shared_prefixes import SharedPrefixes

__all__ = ["SharedPrefixes", "sharing_engine"]
