"""Protects membership inference: attacks by hand, and what stands where a group of people is missing."""

import math
import zlib

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mllmu.evaluation import score
from mllmu.evaluation.set_metrics.attacks import (
    loss,
    lowest_mean,
    min_k,
    min_k_plus_plus,
    negative_gradient_norm,
    zlib_ratio,
)
from mllmu.evaluation.set_metrics.membership import MEMBERSHIP_AUC, MEMBERSHIP_TPR, NO_HOLDOUT
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


def with_moments(person, log_probs, means, deviations, eval_set="forget", norm=None):
    """An answer with all that may be recorded of it."""
    moments = {"answer_log_prob_means": means, "answer_log_prob_deviations": deviations}
    return answer(person, log_probs, eval_set, answer_gradient_norm=norm, **moments)


def test_min_k_plus_plus_worked_out_by_hand():
    """Six tokens (log p - mu) / sigma: (-1+2)/1 = 1, (-2+2)/.5 = 0, (-3+2)/2 = -.5, (-4+2)/.5 = -4,
    (-5+4)/.5 = -2, (-6+5)/1 = -1. The ceil(.2 of 6) = 2 lowest are -4 and -2: mean -3.

    By log p alone they would be the last two, -5.5. Nothing recorded, no value.
    """
    log_probs, means, deviations = (
        [-1, -2, -3, -4, -5, -6],
        [-2, -2, -2, -2, -4, -5],
        [1, 0.5, 2, 0.5, 0.5, 1],
    )
    records = frame(with_moments("1", log_probs, means, deviations), answer("2", log_probs))
    assert min_k_plus_plus(records)[0] == -3
    assert math.isnan(min_k_plus_plus(records)[1])


def test_where_every_token_is_as_likely_none_stands_out():
    """A reply in the model's place: mean -9, deviation 0. And a sure model's rounding is not blown up."""
    records = frame(
        with_moments("1", [-9.0] * 3, [-9.0] * 3, [0.0] * 3), with_moments("2", [0.0], [-1e-8], [0.0])
    )
    assert min_k_plus_plus(records)[0] == 0
    assert abs(min_k_plus_plus(records)[1]) < 0.01


def test_gradient_norms_count_downwards():
    """A large gradient is far from what was taught; without a norm there is no value."""
    records = frame(answer("1", [-1.0], answer_gradient_norm=2.5), answer("2", [-1.0]))
    assert negative_gradient_norm(records)[0] == -2.5 and math.isnan(negative_gradient_norm(records)[1])
    assert np.isnan(negative_gradient_norm(frame(answer("2", [-1.0])))).all()


def test_recorded_attacks_agree_with_scikit_learn():
    """AUC of both; members have smaller gradients and likelier tokens, with much overlap."""
    generator = np.random.default_rng(0)
    rows = []
    for person in range(60):
        is_member = person < 25
        rows.append(
            with_moments(
                str(person),
                [float(generator.normal(-3 + is_member, 1))],
                [-3.0],
                [float(generator.uniform(0.5, 2))],
                "forget" if is_member else "holdout",
                float(generator.uniform(1, 3) - is_member * 0.3),
            )
        )
    records = frame(*rows)
    auc, rate = numbers(MEMBERSHIP_AUC, records), numbers(MEMBERSHIP_TPR, records)
    is_member = (records["eval_set"] == "forget").to_numpy()
    standardised = [
        (row["answer_log_probs"][0] + 3) / row["answer_log_prob_deviations"][0]
        for _, row in records.iterrows()
    ]
    assert auc["min_k_plus_plus"] == pytest.approx(roc_auc_score(is_member, standardised))
    assert auc["grad_norm"] == pytest.approx(roc_auc_score(is_member, -records["answer_gradient_norm"]))
    assert 0.5 < auc["grad_norm"] < 1 and {"min_k_plus_plus", "grad_norm"} <= rate.keys()


def test_attacks_whose_numbers_were_not_recorded_are_left_out():
    """No row at all, rather than a row that says what was not asked for; with them, numbers and intervals."""
    plain = [answer(str(number), [-1.0], "holdout" if number > 2 else "forget") for number in range(1, 6)]
    assert numbers(MEMBERSHIP_AUC, frame(*plain)).keys() == {"loss", "zlib", "min_k"}
    recorded = [
        with_moments(one["profile_id"], [-1.0], [-2.0], [1.0], one["eval_set"], 1.0 + number)
        for number, one in enumerate(plain)
    ]
    scores = score(frame(*recorded)).set_index("metric")
    area, rate = (scores.loc[f"membership_{name}(grad_norm)"] for name in ("auc", "tpr"))
    assert area["value"] == 1 and area["ci_low"] < 1 == area["ci_high"] and area["n_people"] == 5
    assert rate["value"] == 1 and math.isnan(rate["ci_low"]) and math.isnan(rate["ci_high"])
    assert scores.loc["membership_auc(min_k_plus_plus)", "value"] == 0.5


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
