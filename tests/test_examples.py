"""Protects the examples in docstrings: what a reader copies gives what stands below it."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import mllmu
from mllmu.synthesis import celebrity_lessons
from mllmu.synthesis.benchmark_synthesis import CELEBRITIES

PACKAGE = Path(mllmu.__file__).parent
WITH_EXAMPLES = [
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in sorted(PACKAGE.rglob("*.py"))
    if ">>>" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_give_what_they_show(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # an example may write a file
    # Drawing hundreds of portraits takes seconds, and the example shows none of them.
    monkeypatch.setattr(celebrity_lessons, "_drawings", lambda seed: [(b"", b"")] * CELEBRITIES)
    outcome = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS)
    assert outcome.failed == 0
