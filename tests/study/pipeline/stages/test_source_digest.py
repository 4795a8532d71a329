"""Protects: a digest of sources is of sources alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from mllmu.study.pipeline.stages import source_digest as digests


def test_what_python_keeps_beside_sources_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may write it just now, under a name that is gone a moment later."""
    monkeypatch.syspath_prepend(str(tmp_path))
    kept = tmp_path / "sources_and_others" / "__pycache__"
    kept.mkdir(parents=True)
    source, data = kept.parent / "__init__.py", kept.parent / "words.txt"
    source.write_text("")
    data.write_text("Riga")
    (kept / "m.cpython-311.pyc.140231").write_text("half")
    assert digests._files("sources_and_others") == (source, data)
