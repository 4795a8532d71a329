"""A copy of a model of whose weights, gradients and optimizer states each process holds a piece (FSDP2).

Accelerate shards models on GPUs only, and leaves a model sharded for good. So PyTorch's ``fully_shard`` is
called here, on any device, and on a copy: the model itself stays plain, waits in the computer's memory, and
gets what was learned when the training is done.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor

from mllmu.errors import DivergedError
from mllmu.models import LoadedModel, module_map
from mllmu.processes import join_processes, peers, process_count, were_started_for_fsdp
from mllmu.training.sharding.shardable import require_shardable_model
from mllmu.training.trainers.answer_logits import without_adapters


@contextmanager
def sharded(loaded: LoadedModel, learner: nn.Module) -> Iterator[Any]:
    """Meanwhile a copy of what learns lies in pieces on all processes, if they were started for FSDP.

    Args:
        loaded: the model.
        learner: the same with what a training added to it; gets the weights that the copy has learned.

    Yields:
        The copy, on the model's device; the learner itself if nothing is sharded.

    Raises:
        UserError: if the model cannot be sharded.
    """
    if not were_started_for_fsdp():
        yield learner
        return
    require_shardable_model(loaded)
    device = loaded.device
    join_processes(device)
    learner.to("cpu")
    try:
        with peers():
            pieces = _in_pieces(learner, device)
            try:
                yield pieces
            except DivergedError:  # all processes find it in the same step, which changed no weight
                _give_back(pieces, learner)
                raise
            _give_back(pieces, learner)
    finally:
        learner.to(device)


def is_sharded(model: nn.Module) -> bool:
    """Whether this process holds a piece of a model's weights only."""
    return isinstance(model, FSDPModule)


def _in_pieces(learner: nn.Module, device: torch.device) -> nn.Module:
    """A copy with each decoder layer cut up, and all else together: not every batch sees pictures."""
    pieces = copy.deepcopy(learner)
    plain = without_adapters(pieces)
    # All processes have to add gradients up in one order; without this, the first layer's would come last
    # where adapters learn of questions without pictures, since nothing in front of it learns.
    plain.get_input_embeddings().register_forward_hook(lambda layer, tokens, states: states.requires_grad_())
    mesh = init_device_mesh(device.type, (process_count(),))
    # A layer at a time goes to the device, and all but a piece of it is given up at once.
    for module in [*(plain.get_submodule(name) for name in module_map(plain).layers), pieces]:
        shard: Any = fully_shard(module, mesh=mesh)
        # Losses are shares of a sum (see ``step_shares``), and so are gradients.
        shard.set_force_sum_reduction_for_comms(True)
        shard.set_gradient_divide_factor(1.0)
        shard.set_reduce_scatter_unused_params(True, recurse=False)
    return pieces


@torch.no_grad()
def _give_back(pieces: nn.Module, learner: nn.Module) -> None:
    """Put together what was learned, in every process."""
    for name, piece in pieces.named_parameters():
        if piece.requires_grad:
            assert isinstance(piece, DTensor)
            learner.get_parameter(name).copy_(piece.full_tensor())
