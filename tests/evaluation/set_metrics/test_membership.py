"""Protects membership inference: attacks by hand, and what stands where a group of people is missing."""

import math
import zlib

import numpy as np
import pytest

from mllmu.evaluation import score
from mllmu.evaluation.set_metrics.attacks import loss, lowest_mean, min_k, zlib_ratio
from mllmu.evaluation.set_metrics.membership import MEMBERSHIP_AUC, NO_HOLDOUT
from mllmu.evaluation.set_metrics.privacy_leakage import PRIVACY_LEAKAGE, leakage
from tests.evaluation.set_metrics.models import answer, frame, models


def numbers(metric, *records):
    """The metric's number of each thing it is of, by name."""
    samples = metric.samples(models(*records))
    return {sample.of: metric.statistic(*sample.columns) for sample in samples if not sample.missing}


def test_attacks_worked_out_by_hand():
    """Log-probabilities -1, -2, -3, -4, -5 and -6: mean -3.5; ceil(.2 of 6) = 2 lowest: mean -5.5."""
    records = frame(answer("1", [-1.0, -2, -3, -4, -5, -6]), answer("2", []))
    assert loss(records)[0] == -3.5
    assert min_k(records)[0] == -5.5
    assert zlib_ratio(records)[0] == pytest.approx(-3.5 / len(zlib.compress(b"Riga 1")))
    assert all(math.isnan(attack(records)[1]) for attack in (loss, min_k, zlib_ratio))


def test_min_k_looks_at_one_token_at_least():
    assert lowest_mean([-1.0, -7.0]) == -7
    assert lowest_mean([-1.0] * 4 + [-2.0]) == -2
    assert math.isnan(lowest_mean([]))


def test_people_to_forget_stand_out_by_likely_answers():
    """All above all others; the reference loss is about what the retrained model does not explain."""
    model = frame(
        answer("1", [-1.0]),
        answer("2", [-2.0]),
        answer("8", [-3.0], "holdout"),
        answer("9", [-4.0], "holdout"),
    )
    # As likely to the retrained model, but for person 2, whose answer it finds likelier.
    retrained = frame(
        answer("1", [-1.0]),
        answer("2", [-1.0]),
        answer("8", [-3.0], "holdout"),
        answer("9", [-4.0], "holdout"),
    )
    auc = numbers(MEMBERSHIP_AUC, model, retrained)
    assert auc["loss"] == auc["min_k"] == 1
    # 0 and -1 against 0 and 0: two ties of four pairs.
    assert auc["reference_loss"] == 0.25


def test_other_sets_and_further_views_take_no_part():
    model = [answer("1", [-1.0]), answer("8", [-3.0], "holdout")]
    others = [answer("5", [-9.0], "retain"), answer("1", [-9.0], view="blurred", question_id="1/1")]
    assert numbers(MEMBERSHIP_AUC, frame(*model, *others)) == numbers(MEMBERSHIP_AUC, frame(*model))


def test_without_holdout_people_there_is_a_reason():
    scores = score(frame(answer("1", [-1.0]), answer("2", [-2.0])))
    rows = scores[scores["metric"] == "membership_auc(loss)"]
    assert rows["value"].isna().all() and set(rows["missing"]) == {NO_HOLDOUT}


def test_leakage_worked_out_by_hand():
    """AUC 1 where the retrained model has .5: 100 %; AUC 0: -100 %; none where the retrained model has 0."""
    is_member, even = np.array([1.0, 1, 0, 0]), np.array([0.0, 0, 0, 0])
    apart = np.array([3.0, 3, 0, 0])
    assert leakage(apart, even, is_member) == 100
    assert leakage(-apart, even, is_member) == -100
    assert leakage(even, even, is_member) == 0
    assert math.isnan(leakage(even, -apart, is_member))


def test_leakage_compares_the_same_answers():
    """Whatever order the retrained model's are stored in."""
    model = [answer("1", [-1.0]), answer("2", [-2.0]), answer("8", [-3.0], "holdout")]
    (sample,) = PRIVACY_LEAKAGE.samples(models(frame(*model), frame(*model[::-1])))
    assert sample.columns[0].tolist() == sample.columns[1].tolist()
    assert sample.columns[2].tolist() == [1, 1, 0]
