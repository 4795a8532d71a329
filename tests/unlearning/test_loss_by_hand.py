"""Protects signs, weights and turns of losses where the model has moved: values worked out by hand.

At the first step a divergence from the model itself is 0, whatever its sign and weight, and a multiplier is
what it was set to.
"""

from __future__ import annotations

from fractions import Fraction
from math import inf, log
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from mllmu.training.trainers.answer_logits import AnswerLogits
from mllmu.unlearning import make_method
from mllmu.unlearning.losses import answer_nll
from mllmu.unlearning.pairing.step import Moment

QUARTER, HALF, THREE = Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)
# KL of (1/2, 1/2) to (3/4, 1/4): 1/2 log 2/3 + 1/2 log 2.
AWAY = log(4 / 3) / 2


def half(*likely: Fraction, before: Fraction = HALF) -> Any:
    """One answer; of two tokens the first is true each time, and so likely now and before."""

    def logs(one: Fraction) -> list[float]:
        return [log(one), log(1 - one) if one < 1 else -inf]

    answers = AnswerLogits(
        torch.tensor([logs(one) for one in likely]),
        torch.zeros(len(likely), dtype=torch.long),
        torch.ones(1, len(likely), dtype=torch.bool),
    )
    return SimpleNamespace(
        answers=answers,
        mask=answers.mask,
        tokens=len(likely),
        samples=1,
        token_log_probs=answers.token_log_probs(),
        nll=answer_nll(answers.token_log_probs(), answers.mask, len(likely)),
        reference_distributions=torch.tensor([logs(before) for _ in likely]),
        reference_log_probs=torch.tensor([len(likely) * log(before)]),
    )


def loss(method: Any, moment: Moment | None = None, **halves: Any) -> float:
    told: dict[str, float] = {}
    step = SimpleNamespace(moment=moment or Moment(), tell=told.update, **halves)
    value = float(method.loss(step))
    # As the trainer remembers it.
    step.moment.memory.update({name: float(each) for name, each in told.items()})
    return value


@pytest.mark.parametrize(("number", "expected"), [(0, -2 * AWAY), (1, 3 * AWAY + 5 * log(4 / 3))])
def test_scrub_leaves_on_what_to_forget_and_stays_on_what_to_keep(number: int, expected: float) -> None:
    """CE of the true token, 3/4 likely, is log 4/3."""
    method: Any = make_method("scrub", {"gamma": 2, "alpha": 3, "beta": 5})
    value = loss(method, Moment(number), forget=half(THREE), retain=half(THREE))
    assert value == pytest.approx(expected, rel=1e-5)


def test_llmu_stays_with_the_frozen_model_on_what_to_keep() -> None:
    """-2 log 4/3 + 3 log 4 + 5 KL."""
    method: Any = make_method("llmu", {"gamma": 2, "delta": 3, "alpha": 5})
    value = loss(method, forget=half(THREE), random_answer=half(QUARTER), retain=half(THREE))
    assert value == pytest.approx(-2 * log(4 / 3) + 3 * log(4) + 5 * AWAY, rel=1e-5)


def test_vgid_follows_the_blind_model_and_stays_with_the_frozen_one() -> None:
    """KL of (1/4, 3/4) to (3/4, 1/4): 1/4 log 1/3 + 3/4 log 3 = 1/2 log 3."""
    method: Any = make_method("vgid", {"gamma": 2, "alpha": 5})
    value = loss(method, forget=half(THREE), blind=half(HALF, before=QUARTER), retain=half(THREE))
    assert value == pytest.approx(log(3) + 5 * AWAY, rel=1e-5)


def test_satimp_weighs_by_what_is_likely_and_by_what_is_not_yet_certain() -> None:
    """p^2 (1 - p): 9/16 1/4 for 3/4, 1/16 3/4 for 1/4; swapped, they would be 3/64 and 9/64."""
    method: Any = make_method("satimp", {"beta1": 2, "beta2": 1, "gamma": 0.5, "alpha": 3})
    value = loss(method, forget=half(THREE, QUARTER), retain=half(THREE))
    ascent = (9 / 64 * log(4 / 3) + 3 / 64 * log(4)) / 2
    assert value == pytest.approx(-0.5 * ascent + 3 * log(4 / 3), rel=1e-5)


def test_the_multiplier_of_pdu_moves_by_what_the_step_before_missed_and_stops_at_0() -> None:
    """Bound 4 log 2, rate 4. From 1 it stays in the warm-up; then 1 + 4 log 2; then 1 + 4 log 2 - 16 log 2.

    Logits on what to forget are flat, so that the loss is the multiplier times what is missed now.
    """
    settings = {"multiplier": 1, "rate": 4, "tolerance": 1, "slack": 0, "warmup": 1, "passes": 10}
    method: Any = make_method("pdu", settings)
    memory: dict[str, float] = {}
    # CE of 5 log 2 misses the bound by log 2; that of what is certain by -4 log 2.
    late, early = Fraction(1, 32), Fraction(1)
    expected = [
        (0.0, late, log(2)),
        (0.5, late, log(2)),
        (1.0, early, -(1 + 4 * log(2)) * 4 * log(2)),
        (1.5, late, 0.0),
    ]
    for number, (passes, likely, value) in enumerate(expected):
        moment = Moment(number, passes, memory=memory)
        retain = half(likely, before=Fraction(1, 16))
        # A step of two forward passes moves it once.
        for _ in range(2):
            now = loss(method, moment, forget=half(HALF), retain=retain)
            assert now == pytest.approx(value, rel=1e-5, abs=1e-6)
