"""Protects: the leaderboard says where settings come from."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from mllmu.errors import UserError
from mllmu.report.names import lineage_title
from mllmu.study import make_recipe
from mllmu.unlearning.lineage import VANILLA_LINEAGE
from tests.scripts.loading import SCRIPTS, load_script


@pytest.fixture
def leaderboard(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))  # it takes the costs from the script beside it
    loaded = load_script("leaderboard")
    monkeypatch.delitem(sys.modules, "method_costs", raising=False)
    return loaded


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
    leaderboard: ModuleType, method: str, own: dict[str, int], modality: str, origin: str
) -> None:
    recipe = make_recipe("all-methods", assignments=[f"methods.{method}={own}"])
    assert leaderboard.origin(recipe, method, modality) == origin


def test_what_nothing_is_known_of_has_a_dash_in_its_own_column(
    leaderboard: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By face there is nothing to forget, so that the grid has no such part."""
    npo = VANILLA_LINEAGE.unlearned("npo", "text")
    shown = [SimpleNamespace(text=f"{number}.0", interval="") for number in range(5)]
    by_name = [SimpleNamespace(text=f"{number}.5", interval="") for number in range(5)]
    blocks = [
        SimpleNamespace(title=title, methods=(SimpleNamespace(title=lineage_title(npo), cells=cells),))
        for title, cells in (("All questions", shown), ("Text questions", by_name))
    ]
    grid = SimpleNamespace(blocks=blocks)
    monkeypatch.setattr(leaderboard, "make_equal_utility_grid", lambda *_: grid)
    monkeypatch.setattr(leaderboard, "costs", lambda *_: [("npo", "9 s", "1.0", "2.0", "3.0")])
    scores = SimpleNamespace(conditions=("one",), methods=lambda *_: [npo])
    (row,) = leaderboard.rows(Path("run"), make_recipe("all-methods"), scores, "text")
    assert row[2:] == ("0.0", "1.0", "2.0", "3.0", "4.0", "–", "3.5", "9 s", "1.0", "2.0", "3.0")
    assert list(leaderboard.DOORS.values())[1] == "−15, by name: from retrained"
    grid.blocks = []
    with pytest.raises(UserError, match="has no trajectories of what was unlearned on text"):
        list(leaderboard.rows(Path("run"), make_recipe("all-methods"), scores, "text"))
    scores.conditions = ("one", "another")
    with pytest.raises(UserError, match="has several forget ratios"):
        list(leaderboard.rows(Path("run"), make_recipe("all-methods"), scores, "text"))
