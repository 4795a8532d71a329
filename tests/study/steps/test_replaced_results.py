"""Protects: whoever runs another recipe in a folder hears that the results there go."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from mllmu.report.run_folder import RECIPE_FILE, RESULTS_FILE
from mllmu.study.steps.run_recipe import _note


@pytest.mark.parametrize(
    ("recipe", "files", "is_told"),
    [
        (b"seeds: [0]\n", [RESULTS_FILE], True),
        (b"seeds: [1]\n", [RESULTS_FILE], False),
        (b"seeds: [0]\n", [], False),
    ],
)
def test_results_of_another_recipe_are_not_replaced_in_silence(
    recipe: bytes, files: list[str], is_told: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / RECIPE_FILE).write_bytes(recipe)
    for name in files:
        (tmp_path / name).touch()
    with caplog.at_level(logging.WARNING):
        _note(b"seeds: [1]\n", tmp_path)
    assert ("results of another recipe" in caplog.text) == is_told
    assert (tmp_path / RECIPE_FILE).read_bytes() == b"seeds: [1]\n"
    assert (tmp_path / RESULTS_FILE).exists() == (bool(files) and not is_told)
