"""Protects which way each loss goes: its value where the model has moved, against a plain loop.

At the start log-ratios and distances to the frozen model are 0, so that neither a sign nor swapped halves
would show there. Here noise moves all weights once the frozen model has been read. What that was is read off
a second model, and the formula of each method is written out.
"""

from __future__ import annotations

import math
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch
from torch import Tensor

from mllmu.models import LoadedModel
from mllmu.unlearning import Side, Step
from mllmu.unlearning.loss_terms import unit_direction
from tests.training.people import small_model
from tests.unlearning.plain_loop import first_step, mean, nll, read_logits, rows, token_log_probs

ONE_FORM = pytest.mark.parametrize("modality", ["text", "image_text"])


@dataclass(frozen=True)
class Moved:
    """A model that goes elsewhere before its first loss, and what it was.

    Attributes:
        start: the frozen model.
        now: the one that learns.
    """

    start: LoadedModel
    now: LoadedModel

    def step(self, method: str, modality: str, **settings: Any) -> tuple[Step, float]:
        """The first step of a method, and its loss where the model then is."""
        return first_step(self.now, method, modality, self._move, **settings)

    def ratios(self, side: Side) -> list[float]:
        """By how much each whole answer has become more likely, logp - logp0."""
        now, start = (token_log_probs(one, side) for one in (self.now, self.start))
        return [sum(after) - sum(before) for after, before in zip(now, start, strict=True)]

    @torch.no_grad()
    def _move(self) -> None:
        generator = torch.Generator().manual_seed(1)
        for parameter in self.now.model.parameters():
            parameter += 0.1 * torch.randn(parameter.shape, generator=generator)


@pytest.fixture(scope="module")
def start() -> LoadedModel:
    """A model with random weights, sure enough of what it says that its answers differ."""
    loaded = small_model()
    with torch.no_grad():
        loaded.model.get_output_embeddings().weight.mul_(3)
    return loaded


@pytest.fixture
def moved(start: LoadedModel) -> Moved:
    return Moved(start, replace(start, model=deepcopy(start.model)))


def log_sigmoid(value: float) -> float:
    return -math.log(1 + math.exp(-value))


def read_states(loaded: LoadedModel, side: Side, layer: int) -> list[Tensor]:
    """Of each row the states after a layer, from 1, at the tokens that are read, [tokens, d]."""
    return [row.states[layer][row.read] for row in rows(loaded, side)]


def squared_distance(states: list[Tensor], wanted: list[Tensor]) -> float:
    """Mean over width, then tokens, then rows."""
    pairs = zip(states, wanted, strict=True)
    return mean([mean((one - other).square().mean(-1).tolist()) for one, other in pairs])


@ONE_FORM
@pytest.mark.parametrize(("method", "half"), [("dpo", "refusal"), ("altpo", "alternative")])
def test_what_is_preferred_is_not_the_answer_to_forget(
    moved: Moved, modality: str, method: str, half: str
) -> None:
    """-(2/beta) mean log sigmoid(beta [d(preferred) - d(forget)]) + alpha CE(r), d = logp - logp0."""
    step, value = moved.step(method, modality, beta=0.5, alpha=3.0)
    preferred, rejected = moved.ratios(getattr(step, half)), moved.ratios(step.forget)
    gaps = [one - other for one, other in zip(preferred, rejected, strict=True)]
    assert abs(mean(gaps)) > 0.1
    terms = [log_sigmoid(0.5 * gap) for gap in gaps]
    assert value == pytest.approx(-4 * mean(terms) + 3 * nll(moved.now, step.retain), rel=1e-5)


@ONE_FORM
def test_npo(moved: Moved, modality: str) -> None:
    """-(2/beta) mean log sigmoid(-beta d(forget)) + alpha CE(r): it falls as answers become less likely."""
    step, value = moved.step("npo", modality, beta=0.5, alpha=3.0)
    terms = [log_sigmoid(-0.5 * ratio) for ratio in moved.ratios(step.forget)]
    assert value == pytest.approx(-4 * mean(terms) + 3 * nll(moved.now, step.retain), rel=1e-5)


@ONE_FORM
def test_kl_min(moved: Moved, modality: str) -> None:
    """-CE(f) + alpha KL(pi0 || pi) on what is retained, mean over tokens."""
    step, value = moved.step("kl_min", modality, alpha=3.0)
    both = zip(*(read_logits(one, step.retain) for one in (moved.start, moved.now)), strict=True)
    logs = [(before.log_softmax(-1), now.log_softmax(-1)) for (_, before), (_, now) in both]
    divergence = mean([float((before.exp() * (before - now)).sum()) for before, now in logs])
    assert divergence > 0.01
    assert value == pytest.approx(-nll(moved.now, step.forget) + 3 * divergence, rel=1e-5)


@ONE_FORM
def test_undial(moved: Moved, modality: str) -> None:
    """CE to softmax(z0 - beta 1_y): the logits that are lowered are the frozen model's."""
    step, value = moved.step("undial", modality, beta=3.0)
    both = zip(*(read_logits(one, step.forget) for one in (moved.start, moved.now)), strict=True)
    expected = []
    for (token, before), (_, now) in both:
        before[token] -= 3.0
        expected.append(-float((before.softmax(-1) * now.log_softmax(-1)).sum()))
    assert value == pytest.approx(mean(expected), rel=1e-5)


@ONE_FORM
@pytest.mark.parametrize("method", ["rmu", "mip_editor"])
def test_states_are_led_away_and_held(moved: Moved, modality: str, method: str) -> None:
    """Mean (h(f) - w)^2 + alpha mean (h(r) - h0(r))^2 after the first of two layers, u one direction.

    RMU leads to w = c u, MIP-Editor to steering |h0(f)| u, as long as the frozen state of the same token.
    """
    is_rmu = method == "rmu"
    settings = (
        {"layer": 0.33, "c": 2.0}
        if is_rmu
        else {"layer": 0.25, "steering": 2.0, "steps": 2, "position": "answer"}
    )
    step, value = moved.step(method, modality, alpha=3.0, **settings)
    now, start = (read_states(one, step.forget, 1) for one in (moved.now, moved.start))
    lengths = [torch.ones(len(h), 1) if is_rmu else h.norm(dim=1, keepdim=True) for h in start]
    led = squared_distance(now, [2 * length * unit_direction(48, seed=0) for length in lengths])
    held = squared_distance(*(read_states(one, step.retain, 1) for one in (moved.now, moved.start)))
    assert held > 0.01
    assert value == pytest.approx(led + 3 * held, rel=1e-5)


def test_multidelete(moved: Moved) -> None:
    """2 MSE(fused f, frozen fused of mismatched) + 3 MSE(fused r, frozen) + 5 MSE(texts alone, frozen).

    Fused are the last layer's states, averaged over the answer.
    """
    step, value = moved.step("multidelete", "image_text", gamma=2.0, alpha=3.0, delta=5.0)

    def fused(loaded: LoadedModel, side: Side) -> Tensor:
        return torch.stack([states.mean(0) for states in read_states(loaded, side, 2)])

    halves = ((step.forget, step.mismatched), (step.retain, step.retain), (step.text_only, step.text_only))
    parts = [
        float((fused(moved.now, half) - fused(moved.start, wanted)).square().mean())
        for half, wanted in halves
    ]
    assert min(parts) > 0.01
    assert value == pytest.approx(2 * parts[0] + 3 * parts[1] + 5 * parts[2], rel=1e-5)
