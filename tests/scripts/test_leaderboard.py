"""Protects: the leaderboard says where settings come from."""

from __future__ import annotations

import sys

import pytest

from mllmu.study import make_recipe
from tests.scripts.loading import SCRIPTS, load_script


@pytest.mark.parametrize(
    ("method", "modality", "origin"),
    [
        ("npo", "both", "tuned"),
        ("npo", "text", "tuned"),
        ("rmu", "both", "tuned"),
        ("rmu", "text", "tuned on both"),
        ("salun", "both", "by hand"),
        ("salun", "image_text", "by hand"),
        ("guardrail", "both", "defaults"),
    ],
)
def test_where_settings_come_from(
    method: str, modality: str, origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))  # it takes the costs from the script beside it
    leaderboard = load_script("leaderboard")
    monkeypatch.delitem(sys.modules, "method_costs", raising=False)
    assert leaderboard.origin(make_recipe("all-methods"), method, modality) == origin
