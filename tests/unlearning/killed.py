"""The end of a process in the middle of its work, as tests play it."""

from __future__ import annotations


class KilledError(Exception):
    """Stands for the end of the process."""
