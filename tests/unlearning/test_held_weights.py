"""Protects: what methods are said to hold beside their training is near what they hold."""

from __future__ import annotations

import weakref
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from mllmu.models import LoadedModel, wrap_model
from mllmu.models.tiny import build_model, build_processor, train_tokenizer
from mllmu.training.memory_estimate import QuestionSize, training_need
from mllmu.unlearning import make_method, unlearn
from mllmu.unlearning.need import halves_of
from mllmu.unlearning.trained_method import TrainedMethod
from tests.training.people import SMALL, people_with_values

CPU = torch.device("cpu")
TRAINED: dict[str, Any] = {"learning_rate": 1e-3, "batch_size": 2, "precision": "float32", "passes": 0.5}
ADAPTED: dict[str, Any] = {"lora": {"r": 4}}
FACTOR = 1.4
"""By which it may be said to be more."""
BENCHMARK = people_with_values()


class LiveBytes(TorchDispatchMode):
    """Counts the bytes of all tensors that are made while it is on, and the most there were at once."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        storages = [weight.untyped_storage() for weight in model.parameters()]
        self._known = {storage._cdata for storage in storages}
        self.now = self.most = sum(storage.nbytes() for storage in storages)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, torch.Tensor):
                storage = tensor.untyped_storage()
                if storage._cdata not in self._known:
                    self._known.add(storage._cdata)
                    self.now += storage.nbytes()
                    self.most = max(self.most, self.now)
                    weakref.finalize(storage, self._forget, storage._cdata, storage.nbytes())
        return out

    def _forget(self, name: int, size: int) -> None:
        self._known.discard(name)
        self.now -= size


def wide_model() -> LoadedModel:
    """Of so many weights that little else counts."""
    texts = [
        f"{question.question} {question.answer}"
        for profile in BENCHMARK.profiles.values()
        for question in profile.training_questions
    ]
    tokenizer = train_tokenizer(texts, 360)
    size = replace(SMALL, hidden=512, heads=4, mlp=2048, layers=3)
    return wrap_model(build_model(tokenizer, size, 0), build_processor(tokenizer), "wide")


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("npo", {}),
        ("npo", ADAPTED),
        ("ga", {"l1": 1e-4}),
        ("ga", {"l1": 1e-4, **ADAPTED}),
        ("salun", {}),
        ("mmunlearner", {}),
        ("task_vector", {}),
        ("task_vector", ADAPTED),
        ("smfa", {}),
        ("smfa", ADAPTED),
        ("null_space", {"rank": 4}),
        ("mip_editor", {"steps": 2, "position": "answer"}),
        ("uld", {}),
        ("offset", {}),
        ("lumoe", ADAPTED),
    ],
)
def test_what_is_held_is_near_what_is_said(name: str, changes: dict[str, Any]) -> None:
    """Neither less, which would run out of memory, nor much more, which would refuse what fits."""
    loaded, settings = wide_model(), {**TRAINED, **changes}
    method: Any = make_method(name, settings)
    halves = len(halves_of(method.needs())) if isinstance(method, TrainedMethod) else 2
    question = QuestionSize(picture=4, text=40, answer=10)
    said = training_need(loaded.model, method.settings, question, CPU, halves, method.holds(loaded))
    with LiveBytes(loaded.model) as live:
        unlearn(name, loaded, BENCHMARK, BENCHMARK.splits[20], "both", settings, seed=0)
    assert 0.98 * live.most < said.total < FACTOR * live.most
