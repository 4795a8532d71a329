"""Which trial of a search is chosen."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mllmu.report.tables.equal_utility_table import LOSSES
from mllmu.study.tuning.search import Search

NEAR = 5.0
"""Points of distance to retrained that a trial's few questions do not tell apart."""


def choose(search: Search, history: pd.DataFrame, loss: float) -> dict[str, Any] | None:
    """Of the trials that come as near to retrained as any, as far as can be told, the one that costs least.

    The nearest trial itself is the luckiest one, and as a rule lies at the edge of what may be lost; so of
    all trials within `NEAR` points of it, the one with the most utility is chosen (compare the
    one-standard-error rule of Breiman et al. 1984, section 3.4.3).

    Args:
        search: what was tuned.
        history: its trials, as ``history.csv`` has them.
        loss: tolerated points of utility below vanilla.

    Returns:
        ``settings``, all of the method with the passes after which it was best, and what was ``measured``
        then; None if no trial came nearer than vanilla.
    """
    columns = {key: f"{key} at -{loss:g}" for key in ("passes", "distance", "forget", "utility")}
    if history.empty:
        return None
    better = history[history[columns["passes"]] > 0]
    if better.empty:
        return None
    near = better[better[columns["distance"]] <= better[columns["distance"]].min() + NEAR]
    order = [columns["utility"], columns["distance"]]
    best = near.sort_values(order, ascending=[False, True], kind="stable").iloc[0]
    measured = {key: float(best[column]) for key, column in columns.items()}
    tuned = {key: float(best[key]) for key in search.space}
    return {
        "settings": {**search.start(), **tuned, **search.passes_read_off(measured["passes"])},
        "measured": measured,
    }


def choices(search: Search, history: pd.DataFrame) -> dict[str, Any]:
    """What is chosen for each tolerated loss of `LOSSES`; losses without a choice are left out."""
    chosen = {f"at utility -{loss:g}": choose(search, history, loss) for loss in LOSSES}
    return {name: choice for name, choice in chosen.items() if choice is not None}
