"""Digests of sources are kept only as long as a test pretends that these were edited."""

from __future__ import annotations

from typing import Any

import pytest

from mllmu import source_digest as digests


@pytest.fixture(autouse=True)
def _forget_digests() -> Any:
    yield
    digests._digest.cache_clear()
