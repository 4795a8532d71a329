"""Protects: the leaderboard says where settings come from."""

from __future__ import annotations

import sys

import pytest

from mllmu.study import make_recipe
from tests.scripts.loading import SCRIPTS, load_script


@pytest.mark.parametrize(
    ("method", "own", "modality", "origin"),
    [
        ("npo", {}, "both", "tuned, 14 trials"),
        ("npo", {}, "text", "tuned, 14 trials"),
        ("rmu", {}, "both", "tuned, 4 trials"),
        ("rmu", {}, "text", "tuned on both, 4 trials"),
        ("mip_editor", {}, "text", "tuned on both, 1 trial"),
        ("multidelete", {}, "image_text", "tuned, 5 trials"),
        ("salun", {"passes": 3}, "both", "by hand"),
        ("guardrail", {}, "both", "defaults"),
    ],
)
def test_where_settings_come_from(
    method: str, own: dict[str, int], modality: str, origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))  # it takes the costs from the script beside it
    leaderboard = load_script("leaderboard")
    monkeypatch.delitem(sys.modules, "method_costs", raising=False)
    recipe = make_recipe("all-methods", assignments=[f"methods.{method}={own}"])
    assert leaderboard.origin(recipe, method, modality) == origin
