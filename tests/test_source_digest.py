"""Protects: a digest of sources is of sources alone."""

from __future__ import annotations

import importlib
import os
import sys
from functools import partial
from pathlib import Path

import pytest

from mllmu import source_digest as digests
from mllmu.errors import UserError


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


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module that can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    digests._files.cache_clear()
    monkeypatch.setattr(digests, "_seen", {})
    source = tmp_path / "edited_meanwhile.py"
    source.write_text("FACTOR = 1")
    return source


def test_source_that_changes_after_its_digest_is_refused(source: Path) -> None:
    """Results would be of one state, and their key of another."""
    before = digests.source_digest(source.stem)
    assert digests.source_digest(source.stem) == before
    source.write_text("FACTOR = 2")
    os.utime(source, (0, 0))
    with pytest.raises(UserError, match=r"edited_meanwhile.py was changed while it was in use"):
        digests.source_digest(source.stem)


def test_our_own_source_may_not_change_once_it_can_be_imported(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others may write a module and then import it, as in a notebook."""
    digests.source_digest(source.stem)
    monkeypatch.setattr(digests, "_OWN", source.parent)
    with pytest.raises(UserError, match="was changed while it was in use"):
        digests.source_digest(source.stem)


def test_a_clock_that_goes_ahead_refuses_nothing(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file is of tomorrow, its time says nothing of when it was changed."""
    monkeypatch.setattr(digests, "_OWN", source.parent)
    os.utime(source, (0, digests._BEGAN + 86_400))
    assert digests.source_digest(source.stem)


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a module of one function, and one that this imports."""
    monkeypatch.syspath_prepend(str(tmp_path))
    for cached in (digests._files, digests._content, digests._digest, digests._neighbours):
        cached.cache_clear()
    monkeypatch.setattr(digests, "_seen", {})
    for name in ("one_file_plugin", "beside_it"):  # imported from another folder by another test
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "one_file_plugin.py").write_text(
        "import json\nfrom beside_it import FACTOR\n\ndef scaled(x, most=1):\n    return x * FACTOR * most\n"
    )
    (tmp_path / "beside_it.py").write_text("FACTOR = 1\n")
    return tmp_path


def plugin_digest(most: int | None = None) -> str:
    for cached in (digests._files, digests._content, digests._digest):
        cached.cache_clear()
    digests._seen.clear()
    scaled = importlib.import_module("one_file_plugin").scaled
    return digests.plugin_digest(scaled if most is None else partial(scaled, most=most), "mllmu.x")


def test_what_a_plugin_imports_from_beside_itself_counts(plugin: Path) -> None:
    before = plugin_digest()
    (plugin / "beside_it.py").write_text("FACTOR = 2\n")
    assert plugin_digest() != before


def test_a_partial_counts_with_what_it_is_given_and_its_function(plugin: Path) -> None:
    """All partials are of one class, whose module says nothing of them."""
    before = plugin_digest(most=1)
    assert plugin_digest(most=1) == before != plugin_digest(most=2)
    (plugin / "beside_it.py").write_text("FACTOR = 3\n")
    assert plugin_digest(most=1) != before
