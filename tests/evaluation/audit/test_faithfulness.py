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


def test_pairs_count_alike_whatever_the_sizes_of_the_pools() -> None:
    """Three plain models of each kind, one disturbed of each: 1 + 3 + 3 pairs.

    Knowing 5, 5, 5 and others 1, 1, 1; disturbed 0 and 2. Disturbed pair: 0 against 2, wrong (0 of 1). Plain
    5 against disturbed 2: 3 of 3. Disturbed 0 against plain 1: 0 of 3. So 3 of 7, where the mean of the three
    areas would be 1/3.
    """
    plain = [(knows, f"{knows}{i}", "", 5.0 if knows else 1.0) for knows in (True, False) for i in range(3)]
    rows = (*plain, (True, "True0", "int4", 0.0), (False, "False0", "int4", 2.0))
    assert faithfulness(pool(*rows)).loc[0, "int4"] == pytest.approx(3 / 7)


def test_a_model_that_is_read_of_several_ratios_is_one_model() -> None:
    """Its readings count, and the interval is that of two models against two, not of four against four."""
    twice = pool(*PLAIN, *PLAIN)
    (row,), (once,) = (faithfulness(one).to_dict("records") for one in (twice, pool(*PLAIN)))
    assert (row["knowing"], row["others"]) == (2, 2)
    for name in ("faithfulness", "faithfulness_low", "faithfulness_high"):
        assert row[name] == pytest.approx(once[name])


def test_models_without_a_number_are_not_counted() -> None:
    rows = (*PLAIN, (True, "e", "", math.nan), (False, "f", "", math.nan))
    (row,) = faithfulness(pool(*rows)).to_dict("records")
    assert (row["faithfulness"], row["knowing"], row["others"]) == (0.75, 2, 2)


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
