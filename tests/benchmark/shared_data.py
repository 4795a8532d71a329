"""Where the real texts lie on machines that have them."""

from __future__ import annotations

from pathlib import Path

import pytest


def shared_data(name: str) -> Path:
    """Find a file of ``shared/data`` next to the checkout; skip the test where there is none."""
    path = Path(__file__).resolve().parents[3] / "shared" / "data" / name
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    return path
