"""Protects that a model whose weights are sharded (FSDP) can be trained on: its own forward pass runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from torch.distributed.fsdp import fully_shard

from mllmu.models import collate, module_map
from mllmu.processes import join_processes, process_rank
from mllmu.training import SampleDataset, training_samples
from mllmu.training.answer_logits import answer_logits
from mllmu.unlearning.answer_states import answer_states
from tests.together import run_together
from tests.training.people import people, small_model


def shard(model: Any) -> None:
    """Cut every decoder layer, and the rest, into one piece per process."""
    for name in module_map(model).layers:
        fully_shard(model.get_submodule(name))
    fully_shard(model)


def losses_and_gradients(samples: slice, sharded: bool) -> dict[str, Any]:
    """Sums over some samples' answers, of log-probabilities and of hidden states, and what they pull at."""
    loaded = small_model()
    items = SampleDataset(loaded, training_samples(people(), ["001", "002"], "both"))
    batch = collate([items[index] for index in range(len(items))[samples]], loaded.encoder.pad_id)
    layer = module_map(loaded.model).layers[-1]
    if sharded:
        shard(loaded.model)
    likely = answer_logits(loaded.model, batch).token_log_probs().sum()
    moved = answer_states(loaded.model, batch, layer).square().sum()
    (likely + moved).backward()
    gradients = {}
    for name, parameter in loaded.model.named_parameters():
        gradient: Any = parameter.grad
        if gradient is not None:
            gradient = gradient.full_tensor() if sharded else gradient
            gradients[name] = [float(gradient.sum()), float(gradient.abs().sum())]
    return {"losses": [likely.item(), moved.item()], "gradients": gradients}


def of_one_process() -> dict[str, Any]:
    """A process's half of eight samples, with a model of which it holds one half."""
    join_processes(torch.device("cpu"))
    return losses_and_gradients(slice(process_rank() * 4, process_rank() * 4 + 4), sharded=True)


def test_halves_of_a_model_give_what_the_whole_gives() -> None:
    """Losses are each process's own; gradients are means over the two."""
    code = "import json; from tests.training.test_sharded_model import of_one_process as one; "
    left, right = map(json.loads, run_together(f"{code} print(json.dumps(one()))"))
    whole = losses_and_gradients(slice(0, 8), sharded=False)
    for number, loss in enumerate(whole["losses"]):
        assert left["losses"][number] + right["losses"][number] == pytest.approx(loss, rel=1e-5)
    assert left["gradients"] == right["gradients"]
    assert whole["gradients"].keys() == left["gradients"].keys()
    for name, sums in whole["gradients"].items():
        assert [2 * one for one in left["gradients"][name]] == pytest.approx(sums, rel=1e-4, abs=1e-3), name
