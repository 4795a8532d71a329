"""What libraries read from the environment when they are loaded."""

from __future__ import annotations

import os


def limit_libraries() -> None:
    """Set what the user has not set; to be called before torch is imported, by this process or a child."""
    # A thread that waits for another one spins so many rounds and then sleeps; by default it spins for
    # milliseconds, for which a busy machine has no core.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    # For how many shapes of products oneDNN keeps code. In trainings every batch has its own: the default of
    # 1024 holds a gigabyte of it after some hundred steps, and is no faster.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128")
