"""Protects that a stored reference is the model of before: itself with its adapters off, and a frozen copy.

References are read once, before the first step, and each step looks its own samples up. A reference that
learned would leave every divergence at 0; one of other samples would give a loss that looks like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
import torch
from torch import Tensor

from mllmu.unlearning import METHODS, Side, Step, make_method, unlearn
from mllmu.unlearning.need import Frozen, Need
from tests.training.people import people_with_values, small_model, small_settings

BENCHMARK = people_with_values()
# The third step of three is looked at, of four samples each; a pass is four.
COMMON: dict[str, Any] = {
    "batch_size": 4,
    "passes": 3,
    "learning_rate": 1e-2,
    "schedule": "constant_with_warmup",
    "precision": "float32",
}
LAST = 2
LORA: dict[str, Any] = {"r": 4}
READ: dict[Frozen, Callable[[Side], Tensor]] = {
    Frozen.LOG_PROBS: lambda side: side.sample_log_probs,
    Frozen.DISTRIBUTIONS: lambda side: side.answers.all_log_probs(),
    Frozen.STATES: lambda side: side.states,
}
ADAPTED = ("npo", "dpo", "altpo", "pdu", "kl_min", "scrub", "vgid", "rmu", "multidelete")
WHOLE = ("npo", "kl_min", "rmu", "mip_editor")


def frozen_needs(method: str) -> list[Need]:
    """What the loss of a method reads of the frozen model."""
    needs: frozenset[Need] = make_method(method, {}).needs()  # type: ignore[attr-defined]
    return [need for need in needs if need.frozen is not Frozen.NOTHING]


@contextmanager
def evaluated(model: Any) -> Iterator[None]:
    """Meanwhile a model that is being trained draws no dropout, and has no gradients."""
    was_training = model.training
    model.eval()
    with torch.no_grad():
        yield
    model.train(was_training)


def read(model: Any, step: Step, need: Need) -> Tensor:
    """What a model makes of the samples of a step."""
    with evaluated(model):
        return READ[need.frozen](Side(model, step._batch[need.half], "float32", step._state_layer))


def stored(step: Step, need: Need) -> Tensor:
    """What the step says that the frozen model makes of them."""
    value: Tensor = getattr(getattr(step, need.half.value), f"reference_{need.frozen.value}")
    return value


def look_at_last_step(
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    look: Callable[[Step, Any], None],
    losses_of: str = "",
    **settings: Any,
) -> None:
    """Unlearn by a method, and in its last step, look at it and at a copy of the model from before.

    Args:
        monkeypatch: puts the look before the loss.
        method: which.
        look: called with the step and the copy.
        losses_of: the method whose loss it minimises; itself by default.
        settings: besides the common ones.
    """
    loaded = small_model()
    frozen = deepcopy(loaded.model).eval()
    kind: Any = METHODS.get(losses_of or method)
    loss, looks = kind.loss, []

    def looked_at(self: Any, step: Step) -> Tensor:
        if step.moment.number == LAST:
            looks.append(look(step, frozen))
        value: Tensor = loss(self, step)
        return value

    monkeypatch.setattr(kind, "loss", looked_at)
    modality, split = METHODS.get(method).modalities[-1], BENCHMARK.splits[20]
    unlearn(
        method, loaded, BENCHMARK, split, modality, {**COMMON, **small_settings(method), **settings}, seed=0
    )
    assert len(looks) == 1


def test_all_that_is_stored_is_looked_at() -> None:
    """A reference of another kind or half needs a method here that reads it."""
    looked_at = {need for method in (*ADAPTED, *WHOLE) for need in frozen_needs(method)}
    assert looked_at == {need for need in Need if need.frozen is not Frozen.NOTHING}


def require_equal(value: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(value, expected, rtol=0, atol=1e-5)


def has_moved(value: Tensor, reference: Tensor) -> bool:
    return float((value - reference).abs().max()) > 1e-2


@pytest.mark.parametrize("method", ADAPTED)
def test_the_stored_reference_is_the_model_with_its_adapters_off(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a frozen copy; after two steps of adapters, on every half that is compared with it."""

    def look(step: Step, frozen: Any) -> None:
        learner = step._model
        for need in frozen_needs(method):
            assert has_moved(read(learner, step, need), stored(step, need)), need
            with learner.disable_adapter():
                require_equal(read(learner, step, need), stored(step, need))
            require_equal(read(frozen, step, need), stored(step, need))

    look_at_last_step(monkeypatch, method, look, lora=LORA, train_projector=False)


@pytest.mark.parametrize("method", WHOLE)
def test_the_stored_reference_is_a_frozen_copy(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where weights themselves learn, there is no way back to it."""

    def look(step: Step, frozen: Any) -> None:
        for need in frozen_needs(method):
            assert has_moved(read(step._model, step, need), stored(step, need)), need
            require_equal(read(frozen, step, need), stored(step, need))

    look_at_last_step(monkeypatch, method, look)


def test_a_projector_that_learns_beside_adapters_is_no_part_of_the_reference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Adapters that are switched off leave it as it has become, so that they would not give the reference."""
    need = Need.FORGET_LOG_PROBS

    def look(step: Step, frozen: Any) -> None:
        with step._model.disable_adapter():
            assert has_moved(read(step._model, step, need), stored(step, need))
        require_equal(read(frozen, step, need), stored(step, need))

    look_at_last_step(monkeypatch, "npo", look, lora=LORA, train_projector=True)


def test_assistants_are_compared_with_the_model_that_they_stand_around(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Offset unlearning by NPO: two alike cancel out, so that the reference is the model without them."""
    need = Need.FORGET_LOG_PROBS

    def look(step: Step, frozen: Any) -> None:
        assert has_moved(read(step._model, step, need), stored(step, need))
        require_equal(read(frozen, step, need), stored(step, need))

    look_at_last_step(monkeypatch, "offset", look, losses_of="npo")
