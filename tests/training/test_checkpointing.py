"""Protects: gradient checkpointing takes memory off a training, and changes nothing about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
import torch
from torch import Tensor

from mllmu.models import LoadedModel, collate, module_map
from mllmu.training import LoraSettings, SampleDataset, TrainingSettings, fine_tune, training_samples
from mllmu.training.checkpointing import checkpointed
from mllmu.training.trainers.answer_logits import answer_logits
from mllmu.unlearning import unlearn
from tests.families import FAMILIES, build_family, mllama
from tests.training.people import people, small_model

QUICK: dict[str, Any] = {"batch_size": 4, "learning_rate": 1e-2, "precision": "float32"}
SAMPLES = training_samples(people(), ["001", "002"], "both")


@contextmanager
def counted(loaded: LoadedModel) -> Iterator[list[Any]]:
    """What is filled with one entry for every time that a decoder layer computes."""
    computed: list[Any] = []
    model: Any = loaded.model
    first = [next(model.get_submodule(layer).children()) for layer in module_map(model).layers]
    hooks = [part.register_forward_hook(lambda *_: computed.append(None)) for part in first]
    yield computed
    for hook in hooks:
        hook.remove()


class Pass:
    """One forward and backward pass: its loss, gradients, bytes kept for them, and layers computed."""

    def __init__(self, loaded: LoadedModel, is_checkpointed: bool) -> None:
        model: Any = loaded.model
        items = SampleDataset(loaded, SAMPLES)
        batch = collate([items[index] for index in range(len(items))], loaded.encoder.pad_id)
        self.kept = 0

        def keep(tensor: Tensor) -> Tensor:
            self.kept += tensor.nbytes
            return tensor

        model.zero_grad()
        with counted(loaded) as computed, checkpointed(model) if is_checkpointed else nullcontext():
            with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
                loss = -answer_logits(model, batch).token_log_probs().sum()
            loss.backward()
        self.computed, self.loss = len(computed), loss.item()
        self.gradients = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("family", [*FAMILIES, "mllama"])
def test_gradients_are_equal_in_every_family(family: str) -> None:
    """And layers are computed twice, of which nothing but their inputs is kept in between."""
    loaded = mllama() if family == "mllama" else build_family(family)
    plain, again = (Pass(loaded, is_checkpointed) for is_checkpointed in (False, True))
    assert again.loss == plain.loss
    assert again.gradients.keys() == plain.gradients.keys()
    for name, gradient in plain.gradients.items():
        torch.testing.assert_close(again.gradients[name], gradient, rtol=1e-5, atol=1e-7, msg=name)
    assert plain.computed > 0 and again.computed == 2 * plain.computed
    assert again.kept < plain.kept / 2
    third = Pass(loaded, False)
    assert (third.computed, third.kept) == (plain.computed, plain.kept)  # it has ended


@pytest.mark.parametrize("settings", [{"train_vision": True}, {"lora": LoraSettings(r=2, dropout=0.5)}])
def test_it_teaches_the_same(settings: dict[str, Any]) -> None:
    """With adapters over frozen weights, too, whose dropout is drawn again as it was."""

    def teach(loaded: LoadedModel, chosen: bool) -> LoadedModel:
        given = TrainingSettings(**QUICK, max_steps=3, **settings, gradient_checkpointing=chosen)
        return fine_tune(loaded, SAMPLES, given, seed=0)

    require_same_but_longer(teach)


@pytest.mark.parametrize("method", ["npo", "kl_min", "rmu", "mmunlearner", "null_space", "lumoe"])
def test_it_unlearns_the_same(method: str) -> None:
    """Losses that read hidden states or mask gradients, what is hooked into layers, and wrappers."""

    def forget(loaded: LoadedModel, chosen: bool) -> LoadedModel:
        given = {**QUICK, "passes": 2, "gradient_checkpointing": chosen}
        return unlearn(method, loaded, people(), people().splits[20], "both", given, seed=0)

    require_same_but_longer(forget)


def require_same_but_longer(train: Callable[[LoadedModel, bool], LoadedModel]) -> None:
    """The same weights to the last bit, for which layers have computed more often."""
    prints, times = [], []
    for chosen in (False, True):
        loaded = small_model()
        with counted(loaded) as computed:
            prints.append(train(loaded, chosen).fingerprint)
        times.append(len(computed))
    assert prints[0] == prints[1]
    assert times[1] > times[0]
