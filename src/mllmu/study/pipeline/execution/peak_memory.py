"""The most memory that this process held since one moment."""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from pathlib import Path

# Linux forgets how much a process has held when a 5 is written here (man 5 proc).
_FORGET = Path("/proc/self/clear_refs")


def forget_peak_memory() -> None:
    """Begin anew to note the most memory held; where the system cannot, what was held before counts on."""
    with suppress(OSError):
        _FORGET.write_text("5", encoding="ascii")


def peak_memory_mb() -> float:
    """The most memory this process has held since then, in MiB; Linux counts in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
