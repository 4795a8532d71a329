"""Protects the audit's numbers: which models are compared, and how the two parts make one."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from mllmu.evaluation.audit.faithfulness import POOL, faithfulness


def pool(*rows: tuple[bool, str, str, float], metric: str = "m") -> pd.DataFrame:
    """Whether taught, which model, what was done to it, and what was read."""
    return pd.DataFrame([(metric, "all", *row) for row in rows], columns=list(POOL))


PLAIN = ((True, "a", "", 5.0), (True, "b", "", 3.0), (False, "c", "", 4.0), (False, "d", "", 1.0))


def test_without_disturbances_faithfulness_is_all_there_is() -> None:
    """5 and 3 against 4 and 1: three of four pairs."""
    (row,) = faithfulness(pool(*PLAIN)).to_dict("records")
    assert (row["faithfulness"], row["overall"], row["knowing"], row["others"]) == (0.75, 0.75, 2, 2)
    assert math.isnan(row["robustness"])


def test_robustness_takes_all_pairs_with_a_disturbed_model() -> None:
    """4-bit weights halve what is read: 2.5, 1.5 and 2, .5.

    Disturbed against disturbed: 3 of 4. Plain 5, 3 against disturbed 2, .5: 4 of 4. Disturbed 2.5, 1.5
    against plain 4, 1: 2 of 4. The mean is .75, and so is the harmonic mean with .75.
    """
    halved = tuple((taught, model, "int4", value / 2) for taught, model, _, value in PLAIN)
    (row,) = faithfulness(pool(*PLAIN, *halved)).to_dict("records")
    assert row["int4"] == row["robustness"] == row["overall"] == 0.75
    assert (row["knowing"], row["others"]) == (2, 2)


def test_overall_is_the_harmonic_mean_and_the_best_metric_comes_first() -> None:
    """Faithful 1, but undone by relearning (0 of 4, 0 of 4, 4 of 4): robustness 1/3, overall .5."""
    perfect = ((True, "a", "", 5.0), (True, "b", "", 4.0), (False, "c", "", 1.0), (False, "d", "", 0.0))
    undone = tuple((taught, model, "relearn", -value) for taught, model, _, value in perfect)
    weak = pool(*perfect, *undone)
    table = faithfulness(pd.concat([weak, pool(*perfect, *perfect_again(perfect), metric="better")]))
    assert table["metric"].tolist() == ["better", "m"]
    assert table.loc[1, "robustness"] == pytest.approx(1 / 3)
    assert table.loc[1, "overall"] == pytest.approx(0.5)
    assert table.loc[0, "overall"] == 1 and table.loc[0, "overall_low"] < 1


def test_a_metric_that_nobody_disturbed_is_not_put_before_those_that_were() -> None:
    """Faithfulness alone is the better of its two halves; alone it would be compared with harmonic means."""
    perfect = ((True, "a", "", 5.0), (True, "b", "", 4.0), (False, "c", "", 1.0), (False, "d", "", 0.0))
    undone = tuple((taught, model, "relearn", -value) for taught, model, _, value in perfect)
    table = faithfulness(pd.concat([pool(*perfect, metric="half"), pool(*perfect, *undone)]))
    assert table["metric"].tolist() == ["m", "half"] and math.isnan(table.loc[1, "overall"])
    alone = faithfulness(pool(*perfect))
    assert alone.loc[0, "overall"] == alone.loc[0, "faithfulness"] == 1


def perfect_again(rows: tuple[tuple[bool, str, str, float], ...]) -> tuple[tuple[bool, str, str, float], ...]:
    """The same as read after relearning."""
    return tuple((taught, model, "relearn", value) for taught, model, _, value in rows)
