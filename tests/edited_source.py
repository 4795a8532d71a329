"""Pretending that source code was edited, to see which stages are done anew."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import mllmu
from mllmu import source_digest as digests


def edit(monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    """Pretend that a file of the package, or of a test, was edited."""
    places = [*Path(mllmu.__file__).parent.rglob("*.py"), *map(Path, sys.path)]
    assert any(path.as_posix().endswith(file) or (path / file).is_file() for path in places), f"no {file}"
    real = digests._content  # which remembers what lies in the others

    def content(path: Path) -> bytes:
        return real(path) + (b"edited" if path.as_posix().endswith(file) else b"")

    monkeypatch.setattr(digests, "_content", content)
    digests._digest.cache_clear()
