"""Protects which settings are chosen: near ones that cost little, and not the luckiest."""

from __future__ import annotations

import pandas as pd

from mllmu.study import Search
from mllmu.study.recipe.recipe_settings import parse_recipe
from mllmu.study.tuning.choice import choose

SEARCH = Search(parse_recipe({"methods": {"ga": {"batch_size": 8}}}, "here"), "ga", "both", 10, 1, 3, 5.0, 0)


def history(*trials: tuple[float, float, float, float]) -> pd.DataFrame:
    """Learning rate, passes, distance and utility of each trial."""
    rows = [
        {
            "trial": number,
            "learning_rate": rate,
            "passes at -5": passes,
            "distance at -5": distance,
            "forget at -5": 40.0,
            "utility at -5": utility,
        }
        for number, (rate, passes, distance, utility) in enumerate(trials)
    ]
    return pd.DataFrame(rows)


def test_of_trials_that_cannot_be_told_apart_the_one_that_costs_least_is_chosen() -> None:
    """10 is nearest; 14.9 lies within 5 points and keeps more; 15.1 keeps still more and lies farther off."""
    choice = choose(SEARCH, history((1e-4, 3, 10, 80), (2e-4, 2, 14.9, 84), (3e-4, 1, 15.1, 90)), 5)
    assert choice is not None
    assert choice["measured"] == {"passes": 2, "distance": 14.9, "forget": 40, "utility": 84}
    settings = choice["settings"]
    assert (settings["learning_rate"], settings["passes"], settings["batch_size"]) == (2e-4, 2, 8)


def test_of_equal_utility_the_nearer_is_chosen_and_of_equals_the_first() -> None:
    choice = choose(SEARCH, history((1e-4, 3, 12, 84), (2e-4, 2, 11, 84), (3e-4, 1, 11, 84)), 5)
    assert choice is not None and choice["settings"]["learning_rate"] == 2e-4


def test_nothing_is_chosen_where_no_trial_comes_nearer_than_vanilla_or_all_diverged() -> None:
    assert choose(SEARCH, history((1e-4, 0, 70, 90), (2e-4, float("nan"), 10, 90)), 5) is None
    assert choose(SEARCH, pd.DataFrame(), 5) is None
