from .compatibility_check import sharing_engine as sharing_engine
from .shared_prefixes import SharedPrefixes as SharedPrefixes

__all__ = [
    "SharedPrefixes",
    "sharing_engine",
]
