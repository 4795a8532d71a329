"""Protects: docs/recipes.md names every setting, with the default it has."""

from __future__ import annotations

from mllmu.study import Recipe
from tests.scripts.loading import load_script

script = load_script("list_settings")


def test_the_page_is_up_to_date() -> None:
    page = script.PAGE.read_text("utf-8")
    assert script.BEGIN in page
    assert script.updated(page) == page, "run: python scripts/list_settings.py"


def test_every_setting_is_explained_with_its_default_and_names() -> None:
    """Also those that a class inherits with another default."""
    tables = script.tables()
    assert all(f"| `{name}` |" in tables for name in Recipe.model_fields)
    assert "| `methods` | required | method name -> its settings" in tables
    assert "one of `adamw_torch_fused`, `adamw_torch`, `adafactor`, `sgd`, `muon` |" in tables
    assert '| `schedule` | `"linear"` |' in tables and '| `schedule` | `"warmup_stable_decay"` |' in tables
