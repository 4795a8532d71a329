"""Protects: what is damaged in a run's notes is left out, and the rest is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from mllmu.report.provenance import read_provenance


@pytest.mark.parametrize("seconds", ["NaN", "Infinity", "-Infinity", '"long"', "null"])
def test_a_time_that_is_none_counts_as_nothing(seconds: str, tmp_path: Path) -> None:
    for name, text in (("a", seconds), ("b", "90")):
        (tmp_path / "stages" / name).mkdir(parents=True)
        (tmp_path / "stages" / name / "manifest.json").write_text(f'{{"kind": "asking", "seconds": {text}}}')
    assert read_provenance(tmp_path).total.time == "1 min 30 s"


def test_a_recipe_of_other_bytes_is_shown_as_far_as_it_is_text(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_bytes(b"benchmark: \xff")
    assert read_provenance(tmp_path).recipe.startswith("benchmark: ")
