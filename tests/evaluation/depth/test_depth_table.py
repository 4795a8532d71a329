"""Protects the table of depth: whose drops stand beside whose, and what its mean is of."""

import math

import numpy as np
import pandas as pd
import pytest

from mllmu.evaluation.depth.depth_table import depth_score, depth_table, drop_table
from mllmu.training import Sample

SAMPLES = [
    Sample("Where?", "In Riga.", b"png", "001", "Riga"),
    Sample("What pet?", "A cat.", b"png", "001", "cat"),
    Sample("Where?", "In Oslo.", b"png", "002", "Oslo"),
]
RETRAINED = np.array([[1.0, 3.0], [0.0, 0.05], [2.0, 0.0]])
DROPS = np.array([[0.5, 3.5], [4.0, 4.0], [0.5, 9.0]])


def table():
    return depth_table(drop_table(SAMPLES, "value", DROPS), drop_table(SAMPLES, "value", RETRAINED))


def test_every_layer_of_every_question_has_a_row():
    """Depths by hand: (.5 + 3) / 4, nothing to erase, .5 / 2."""
    rows = table()
    assert rows["layer"].tolist() == [0, 1] * 3
    assert rows["drop"].tolist() == DROPS.ravel().tolist()
    assert rows["retrained_drop"].tolist() == RETRAINED.ravel().tolist()
    np.testing.assert_array_equal(rows["depth"], [0.875, 0.875, math.nan, math.nan, 0.25, 0.25])
    assert set(rows["modality"]) == {"image_text"} and set(rows["positions"]) == {"value"}
    by_name = drop_table([Sample("Where?", "In Riga.", None, "001")], "value", np.zeros((1, 2)))
    assert set(by_name["modality"]) == {"text"}


def test_the_score_is_the_mean_over_questions_and_counts_those_without():
    score = depth_score(table())
    assert score.estimate.value == pytest.approx((0.875 + 0.25) / 2)
    assert (score.estimate.n, score.estimate.n_people, score.left_out) == (2, 2, 1)
    assert 0.25 <= score.estimate.low <= score.estimate.value <= score.estimate.high <= 0.875


def test_everything_erased_still_has_an_interval():
    """Two people of a kind say little of others: 1 - .025 ** (1 / 2) of the way to 0 is open."""
    same = drop_table(SAMPLES, "value", RETRAINED)
    estimate = depth_score(depth_table(same, same)).estimate
    assert (estimate.value, estimate.high) == (1.0, 1.0)
    assert estimate.low == pytest.approx(0.025**0.5)


def test_drops_of_other_questions_are_refused():
    drops = drop_table(SAMPLES, "value", DROPS)
    with pytest.raises(ValueError, match="same questions and layers"):
        depth_table(drops, drop_table(SAMPLES[::-1], "value", RETRAINED))
    both = pd.concat([drops, drops], ignore_index=True)
    with pytest.raises(ValueError, match="same questions and layers"):
        depth_table(both, drops)
