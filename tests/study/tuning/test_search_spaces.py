"""Protects where settings are looked for: in the ranges of every method, spread over them."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mllmu.study import Display, Recipe, tune
from mllmu.study.tuning import tune_method
from mllmu.study.tuning.choice import choose
from mllmu.unlearning import METHODS
from tests.study.tuning.searches import COMMON, search


@pytest.mark.parametrize(
    ("method", "own", "tried"),
    [
        ("task_vector", {"passes": 2.5}, {"learning_rate": 3e-3, "passes": 2.5, "scale": 1.0}),
        ("task_vector", {"passes": 9.0}, {"learning_rate": 3e-3, "passes": 3.0, "scale": 1.0}),
        ("uld", {"passes": 9.0}, {"learning_rate": 0.01, "weight": 0.3}),
        ("manu", {"share": 0.5}, {"share": 0.3}),
    ],
)
def test_whatever_has_a_search_space_is_tuned(
    random_model_folder: Path, with_models: Path, method: str, own: dict[str, Any], tried: dict[str, float]
) -> None:
    """Passes are tried, at most as many as there may be, where no state on the way is like the result.

    Of methods that train an assistant they are read off, and a method without any has none.
    """
    common = {"learning_rate": 0.1, **COMMON} if "passes" in own else {}
    settings = {method: {**common, **own, **({"weight": 0.1} if method == "uld" else {})}}
    wanted = search(random_model_folder, method=method, modality="both", trials=1, passes=3.0)
    recipe = Recipe.model_validate({**wanted.recipe.model_dump(), "methods": settings})
    wanted = replace(wanted, recipe=recipe)
    (row,) = tune(wanted, with_models, "cpu", Display()).to_dict("records")
    assert {key: row[key] for key in tried} == tried
    assert not math.isnan(row["distance at -15"])
    best = pd.DataFrame([{**row, **{f"passes at -{loss}": 2.5 for loss in (5, 15)}}])
    choice = choose(wanted, best, 5.0)
    assert choice is not None
    passes = {} if method == "manu" else {"passes": tried.get("passes", 2.5)}
    assert {key: choice["settings"][key] for key in (*tried, *passes)} == {**tried, **passes}
    assert ("passes" in choice["settings"]) == bool(passes)


@pytest.mark.parametrize("name", [name for name in METHODS.names() if METHODS.get(name).search_space])
def test_what_is_searched_are_settings_of_the_method_within_what_it_takes(name: str) -> None:
    method = METHODS.get(name)
    for key, bounds in method.search_space.items():
        for value in (bounds.low, bounds.high):
            assert getattr(method.settings_type(**{key: value}), key) == value


@pytest.mark.parametrize("seed", range(3))
def test_what_is_tried_first_is_spread_over_the_ranges(random_model_folder: Path, seed: int) -> None:
    """Halton's sequence: of the first four, one is in each quarter of a range, or each third of the next."""
    wanted = search(random_model_folder, seed=seed)
    tried = tune_method._spread(wanted)
    assert tried[0] == {"learning_rate": 1e-3, "beta": 0.4, "alpha": 10.0}
    assert len(tried) == 6 and tried == tune_method._spread(wanted)
    shares = {
        key: [math.log(each[key] / bounds.low, bounds.high / bounds.low) for each in tried[1:5]]
        for key, bounds in wanted.space.items()
    }
    assert {int(4 * share) for share in shares["learning_rate"]} == {0, 1, 2, 3}
    assert {int(3 * share) for share in shares["beta"]} == {0, 1, 2}


@pytest.mark.parametrize(("passes", "tried"), [(2.56, 2.56), (40.0, 14.0)])
def test_no_more_passes_are_tried_than_were_allowed(
    random_model_folder: Path, passes: float, tried: float
) -> None:
    """Two digits of 2.56 would be 2.6; the method's own range ends at 14."""
    wanted = search(random_model_folder, method="smfa", passes=passes)
    assert tune_method._rounded(wanted, {"passes": wanted.space["passes"].high}) == {"passes": tried}
