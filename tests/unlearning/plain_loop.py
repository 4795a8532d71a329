"""The first step of a method's training, and what a plain loop over its unpadded rows reads of a model.

The loop knows nothing of masks that are shifted, padded or gathered, nor of what a side of a step reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor

from mllmu.models import LoadedModel
from mllmu.unlearning import Side, Step, unlearn
from mllmu.unlearning.pairing.pair_trainer import UnlearningTrainer
from tests.training.people import people_with_values

BENCHMARK = people_with_values()
SPLIT = BENCHMARK.splits[20]


class SeenError(Exception):
    """Ends a training once what a test is about has been looked at."""


class Row(NamedTuple):
    """What a model makes of one row without its padding.

    Attributes:
        ids: the tokens, [t].
        read: which of them the loss is about, [t].
        logits: [t, v].
        states: hidden states before the first layer and after each one, [t, d].
    """

    ids: Tensor
    read: Tensor
    logits: Tensor
    states: list[Tensor]


@contextmanager
def losses_seen(
    look: Callable[[Step, float], None], before: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Meanwhile every step of every training on pairs is shown, with its loss, before it is taken.

    Args:
        look: called with the step and its loss.
        before: called right before each loss is read, when the frozen model has been.
    """
    original = UnlearningTrainer.compute_loss

    def compute_loss(self: UnlearningTrainer, *inputs: Any, **more: Any) -> Any:
        loss = self.loss

        def shown(step: Step) -> Tensor:
            before()
            value = loss(step)
            look(step, float(value.detach()))
            return value

        self.loss = shown
        try:
            return original(self, *inputs, **more)
        finally:
            self.loss = loss

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(UnlearningTrainer, "compute_loss", compute_loss)
        yield


def first_step(
    loaded: LoadedModel,
    method: str,
    modality: Any = "text",
    before: Callable[[], None] = lambda: None,
    **settings: Any,
) -> tuple[Step, float]:
    """The first step of a method's training, and its loss there.

    Args:
        loaded: what is to learn; nothing changes it but ``before``.
        method: which method.
        modality: how it is asked about people.
        before: as of ``losses_seen``.
        settings: of the method.
    """
    seen: list[tuple[Step, float]] = []

    def look(step: Step, value: float) -> None:
        seen.append((step, value))
        raise SeenError

    chosen = {"batch_size": 4, "precision": "float32", **settings}
    with losses_seen(look, before), pytest.raises(SeenError):
        unlearn(method, loaded, BENCHMARK, SPLIT, modality, chosen, seed=0)
    return seen[0]


@torch.no_grad()
def rows(loaded: LoadedModel, side: Side) -> Iterator[Row]:
    """Each row of a side, run through a model on its own, with its picture if it has one."""
    inputs = side._batch["inputs"]
    masks = inputs["attention_mask"].bool()
    for number, (ids, attended, read) in enumerate(
        zip(inputs["input_ids"], masks, inputs["answer_mask"], strict=True)
    ):
        pictures = {key: inputs[key][number][None] for key in ("pixel_values",) if key in inputs}
        last: list[Tensor] = []
        # The last of the model's own hidden states is behind the norm.
        hook = loaded.model.model.language_model.norm.register_forward_pre_hook(
            lambda _, arguments, last=last: last.append(arguments[0])
        )
        output = loaded.model(input_ids=ids[attended][None], output_hidden_states=True, **pictures)
        hook.remove()
        states = [each[0] for each in (*output.hidden_states[:-1], *last)]
        yield Row(ids[attended], read[attended], output.logits[0], states)


def read_logits(loaded: LoadedModel, side: Side) -> Iterator[tuple[int, Tensor]]:
    """Each token that is read, and the logits one token before it, which predict it."""
    for row in rows(loaded, side):
        for position in row.read.nonzero().flatten().tolist():
            yield int(row.ids[position]), row.logits[position - 1]


def token_log_probs(loaded: LoadedModel, side: Side) -> list[list[float]]:
    """Of each row the log-probabilities of the tokens that are read."""
    return [
        [
            float(row.logits[position - 1].log_softmax(-1)[row.ids[position]])
            for position in row.read.nonzero().flatten().tolist()
        ]
        for row in rows(loaded, side)
    ]


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def nll(loaded: LoadedModel, side: Side) -> float:
    """Minus the mean log-probability of the tokens that are read."""
    return -mean([each for of_row in token_log_probs(loaded, side) for each in of_row])
