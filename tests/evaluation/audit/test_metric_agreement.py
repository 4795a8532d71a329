"""Protects how metrics' orders are compared: as scipy does, within groups, with people resampled."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau

from mllmu.evaluation.audit.metric_agreement import agreement
from mllmu.evaluation.audit.readings import Reading, TaskNumber
from mllmu.evaluation.scoring.bootstrap import unseen_share

PEOPLE = ["a", "b", "c", "d"]


def read(**numbers: float | list[float]) -> list[Reading]:
    """Readings by metric: one number for everybody, or one for each person."""
    return [
        Reading(name, "all", float, (TaskNumber("cloze", np.mean, (np.resize(np.array(value), 4),), PEOPLE),))
        for name, value in numbers.items()
    ]


def tau(table: pd.DataFrame, metric: str, other: str) -> pd.Series:
    (row,) = [row for _, row in table.iterrows() if (row["metric"], row["other_metric"]) == (metric, other)]
    return row


def test_tau_is_scipys_with_ties() -> None:
    first, second = [1.0, 2, 2, 4, 7, 7], [3.0, 1, 5, 5, 9, 8]
    models = {str(i): read(x=x, y=y) for i, (x, y) in enumerate(zip(first, second, strict=True))}
    table = agreement(models, dict.fromkeys(models, "g"), PEOPLE, seed=0, draws=20)
    assert tau(table, "x", "y")["tau"] == pytest.approx(kendalltau(first, second).statistic)
    assert tau(table, "x", "y")["n_models"] == 6


def test_models_without_a_number_take_no_part() -> None:
    """Of the others the order is the same, so tau is 1 and not less; one alone orders nothing."""
    models = {str(i): read(x=i, y=i) if i < 3 else read(x=i, y=float("nan")) for i in range(6)}
    row = tau(agreement(models, dict.fromkeys(models, "g"), PEOPLE, seed=0, draws=20), "x", "y")
    assert (row["tau"], row["n_models"]) == (1, 3)


def test_models_without_a_partner_are_none_that_are_put_in_order() -> None:
    models = {str(i): read(x=i, y=i) for i in range(2)}
    row = tau(agreement(models, {"0": "g", "1": "h"}, PEOPLE, 0, 3), "x", "y")
    assert np.isnan(row["tau"]) and row["n_models"] == 0


def test_any_seed_will_do() -> None:
    models = {str(i): read(x=i, y=i) for i in range(3)}
    assert len(agreement(models, dict.fromkeys(models, "g"), PEOPLE, seed=-1, draws=3)) == 1


def test_models_of_different_groups_are_not_put_in_order() -> None:
    """Within both groups the metrics disagree; over all of them they would mostly agree."""
    models = {"1": read(x=1, y=2), "2": read(x=2, y=1), "3": read(x=11, y=12), "4": read(x=12, y=11)}
    table = agreement(models, {"1": "g", "2": "g", "3": "h", "4": "h"}, PEOPLE, seed=0, draws=20)
    assert tau(table, "x", "y")["tau"] == -1


def test_intervals_come_from_people() -> None:
    """Of x all people say the same; of y one person turns the order round when drawn often."""
    models = {"1": read(x=1, y=[0, 0, 0, 5]), "2": read(x=2, y=[1, 1, 1, 1])}
    row = tau(agreement(models, {"1": "g", "2": "g"}, PEOPLE, seed=0), "x", "y")
    assert (row["tau"], row["ci_low"], row["ci_high"]) == (-1, -1, 1)
    sure = {"1": read(x=1, y=[0, 0, 0, 0]), "2": read(x=2, y=[1, 1, 1, 1])}
    row = tau(agreement(sure, {"1": "g", "2": "g"}, PEOPLE, seed=0), "x", "y")
    # Four people who agree leave open what a fifth says.
    assert row["tau"] == row["ci_high"] == 1
    assert row["ci_low"] == pytest.approx(1 - 2 * unseen_share(4))


def test_a_metric_that_gives_all_models_the_same_has_no_tau() -> None:
    models = {str(i): read(x=i, y=3) for i in range(4)}
    row = tau(agreement(models, dict.fromkeys(models, "g"), PEOPLE, seed=0, draws=20), "x", "y")
    assert row[["tau", "ci_low", "ci_high"]].isna().all()


def test_one_person_gives_no_interval() -> None:
    models = {str(i): read(x=i, y=i) for i in range(4)}
    row = tau(agreement(models, dict.fromkeys(models, "g"), ["a"], seed=0, draws=5), "x", "y")
    assert row["tau"] == 1 and np.isnan(row["ci_low"])


def test_progress_counts_resamples() -> None:
    seen: list[tuple[int, int]] = []
    models = {str(i): read(x=i, y=i) for i in range(3)}
    agreement(
        models, dict.fromkeys(models, "g"), PEOPLE, 0, 3, lambda done, total: seen.append((done, total))
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]
