"""Protects that merged adapters are the full training of the same layers, where their rank allows any change.

A layer's weight is W + s B A, with B = 0 at the start. The gradient of B is s G A^T where that of W is G, so
that a step of plain gradient descent changes the weight by -rate s^2 G A^T A. Where the rank is not below the
layer's inputs, A can have orthonormal columns, A^T A = 1; with such an A, which does not learn, and s = 1,
that is the step of W itself, in every step. The norms of gradients are equal too (tr G A^T A G^T = tr G G^T),
so that clipping is. It would be another training if A learned, too, if the rank were smaller, or by an
optimizer that scales entry by entry, as AdamW.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import torch

from mllmu.models import module_map
from mllmu.training import (
    LoraSettings,
    OptimizationSettings,
    TrainingSettings,
    Upkeep,
    fine_tune,
    training_samples,
)
from mllmu.training.trainability import learned_parameters, trainable
from mllmu.unlearning import TrainedMethod, unlearn
from tests.training.people import SMALL, people_with_values, small_model, weights

BENCHMARK = people_with_values()
SPLIT = BENCHMARK.splits[20]
RANK = SMALL.mlp  # the most inputs that a layer of the decoder has
LORA = LoraSettings(r=RANK, alpha=RANK, dropout=0.0)
PLAIN: dict[str, Any] = {
    "batch_size": 4,
    "learning_rate": 0.1,
    "optimizer": "sgd",
    "schedule": "constant_with_warmup",
    "max_grad_norm": 0.5,
    "precision": "float32",
}
CASES: dict[str, dict[str, Any]] = {
    "fine_tuning": {},
    "npo": {"alpha": 1.0, "decouple": 0.5},
    "kl_min": {"train_projector": False},
    "ga": {"l1": 1e-3},  # of what adapters add up to
}


@contextmanager
def orthonormal(model: Any, settings: OptimizationSettings, seed: int) -> Iterator[Any]:
    """Lets the projector and B learn; A has orthonormal columns, and does not."""
    with trainable(model, settings, seed) as learner:
        for name, parameter in learner.named_parameters():
            if "lora_A" in name:
                torch.nn.init.orthogonal_(parameter.requires_grad_(False))
        yield learner


def trained(
    monkeypatch: pytest.MonkeyPatch, case: str, learns: Any, lora: LoraSettings | None
) -> tuple[dict[str, torch.Tensor], list[Any]]:
    """The weights of the small model after three steps, and the log of these."""
    monkeypatch.setattr("mllmu.training.fine_tuning.trainable", learns)
    monkeypatch.setattr(TrainedMethod, "learns", lambda self, loaded: learns)
    loaded, upkeep, settings = small_model(), Upkeep(), {**PLAIN, **CASES[case], "lora": lora}
    if case == "fine_tuning":
        samples = training_samples(BENCHMARK, SPLIT.forget, "both")
        fine_tune(loaded, samples, TrainingSettings(max_steps=3, **settings), 0, upkeep=upkeep)
    else:
        unlearn(case, loaded, BENCHMARK, SPLIT, "both", {**settings, "passes": 3}, 0, upkeep=upkeep)
    return weights(loaded), upkeep.log


@pytest.mark.parametrize("case", CASES)
def test_full_training_is_merged_adapters_of_full_rank(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights, and each step's loss and norm of the gradient; the projector learns beside both.

    An entry that has moved by no more than rounding is drawn back from either side by ``l1``.
    """
    start = small_model()
    before, linear = weights(start), {f"{name}.weight" for name in module_map(start.model).linear}
    assert max(before[name].shape[1] for name in linear) == RANK
    only = learned_parameters(start.model, OptimizationSettings(lora=LORA))
    whole, expected = trained(monkeypatch, case, partial(trainable, only=only), None)
    merged, log = trained(monkeypatch, case, orthonormal, LORA)
    moves = {name: float((whole[name] - value).abs().max()) for name, value in before.items()}
    assert min(moves[name] for name in linear) > 2e-5
    assert linear <= {name for name, move in moves.items() if move > 0} <= only
    apart = {name: int((merged[name] - value).abs().gt(2e-7).sum()) for name, value in whole.items()}
    assert sum(apart.values()) <= (20 if "l1" in CASES[case] else 0), apart
    for step, of_whole in zip(log, expected, strict=True):
        assert float(of_whole["gradient_norm"]) > PLAIN["max_grad_norm"]  # so that it is clipped
        assert list(step) == list(of_whole)
        numbers = [value for name, value in of_whole.items() if name != "training"]
        assert list(step.values())[1:] == pytest.approx(numbers, rel=1e-5)
